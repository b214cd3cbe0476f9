"""Serials, IMEIs and SIM cards go under seal."""

import egide.outbox.fields
from django.db import migrations


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
        migrations.RunPython(egide.outbox.fields.seal_rows("fleet_item", "serial", "sim")),
    ]
