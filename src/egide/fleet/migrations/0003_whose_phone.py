from typing import Any

from django.db import migrations


def forget_what_officers_ticked(apps: Any, _editor: object) -> None:
    """A web page was always one on a phone of her own; that it is one, the phone says itself from now on."""
    apps.get_model("fleet", "Kit").objects.filter(means="web").update(means="own")


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0002_stock_and_gates'),
    ]

    operations = [
        migrations.RunPython(forget_what_officers_ticked, migrations.RunPython.noop),
    ]
