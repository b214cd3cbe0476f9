"""Serials, IMEIs and SIM cards go under seal."""

import egide.outbox.fields
from egide.outbox.fields import seal_rows
from django.db import migrations


def seal(apps, schema_editor):
    seal_rows(schema_editor.connection, "fleet_item", "serial", "sim")


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0003_whose_phone'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='item',
            options={'ordering': ['model', 'since_us', 'id']},
        ),
        migrations.AlterField(
            model_name='item',
            name='serial',
            field=egide.outbox.fields.SealedText(unique=True),
        ),
        migrations.AlterField(
            model_name='item',
            name='sim',
            field=egide.outbox.fields.SealedText(blank=True),
        ),
        migrations.RunPython(seal),
    ]
