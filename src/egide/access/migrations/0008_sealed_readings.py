"""Which file and alarm somebody read goes under seal."""

import egide.outbox.fields
from egide.outbox.fields import seal_rows
from django.db import migrations


def seal(apps, schema_editor):
    seal_rows(schema_editor.connection, "access_reading", "case", "alarm")


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
        migrations.RunPython(seal),
    ]
