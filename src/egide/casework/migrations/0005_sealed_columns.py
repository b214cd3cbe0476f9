"""Numbers of files and barred readers go under seal."""

import egide.outbox.fields
from egide.outbox.fields import seal_rows
from django.db import migrations


def seal(apps, schema_editor):
    seal_rows(schema_editor.connection, "casework_case", "number")
    seal_rows(schema_editor.connection, "casework_barredreader", "mark")


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
        migrations.RunPython(seal),
    ]
