"""Sessions that are open go on, from now on under a hash of their key."""

from django.db import migrations

from egide.access.signing_in.session_store import stored_key


def hash_keys(apps, schema_editor):
    sessions = apps.get_model("sessions", "Session").objects
    for key in list(sessions.values_list("session_key", flat=True)):
        sessions.filter(session_key=key).update(session_key=stored_key(key))


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_support"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(hash_keys, migrations.RunPython.noop),
    ]
