"""Numbers of files and barred readers go under seal."""

import egide.outbox.fields
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0004_asking'),
    ]

    operations = [
        migrations.AlterField(
            model_name='barredreader',
            name='mark',
            field=egide.outbox.fields.SealedText(),
        ),
        migrations.AlterField(
            model_name='case',
            name='number',
            field=egide.outbox.fields.SealedText(unique=True),
        ),
        migrations.RunPython(egide.outbox.fields.seal_rows("casework_case", "number")),
        migrations.RunPython(egide.outbox.fields.seal_rows("casework_barredreader", "mark")),
    ]
