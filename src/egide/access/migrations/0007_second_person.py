"""Accounts need a second person; open links of before, which an administrator was shown, are void."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def void_open_links(apps, schema_editor):
    """Links that were shown to an administrator work no longer: a person who waits for one is asked for anew."""
    apps.get_model("access", "Invitation").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0006_hashed_sessions'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='code_hash',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='invitation',
            name='failures',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.CreateModel(
            name='AccountRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('posts', models.TextField(blank=True)),
                ('by', models.CharField(max_length=60)),
                ('at_us', models.BigIntegerField()),
                ('code_hash', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(default='open', max_length=12)),
                ('decided_by', models.CharField(blank=True, max_length=60)),
                ('decided_at_us', models.BigIntegerField(default=0)),
                ('place_noted_by', models.CharField(blank=True, max_length=60)),
                ('officer_noted_by', models.CharField(blank=True, max_length=60)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at_us', '-id'],
                'indexes': [models.Index(fields=['state', '-at_us'], name='access_request_state')],
            },
        ),
        migrations.RunPython(void_open_links, migrations.RunPython.noop),
    ]
