"""Which file and alarm somebody read goes under seal."""

import egide.outbox.fields
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0007_second_person'),
    ]

    operations = [
        migrations.AlterField(
            model_name='reading',
            name='alarm',
            field=egide.outbox.fields.SealedText(blank=True),
        ),
        migrations.AlterField(
            model_name='reading',
            name='case',
            field=egide.outbox.fields.SealedText(),
        ),
        migrations.RunPython(egide.outbox.fields.seal_rows("access_reading", "case", "alarm")),
    ]
