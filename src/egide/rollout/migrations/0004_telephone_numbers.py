"""Numbers of neighbours become numbers of zones, centres and neighbours, with the day of their last check."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rollout', '0003_by_hand'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='neighbournumber',
            name='one_number_each',
        ),
        migrations.RenameModel(
            old_name='NeighbourNumber',
            new_name='TelephoneNumber',
        ),
        migrations.RenameField(
            model_name='telephonenumber',
            old_name='centre',
            new_name='place',
        ),
        migrations.AlterField(
            model_name='telephonenumber',
            name='place',
            field=models.CharField(max_length=40),
        ),
        migrations.AlterField(
            model_name='telephonenumber',
            name='country',
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AddField(
            model_name='telephonenumber',
            name='kind',
            field=models.CharField(default='abroad', max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='telephonenumber',
            name='checked_on',
            field=models.DateField(null=True),
        ),
        migrations.AlterModelOptions(
            name='telephonenumber',
            options={'ordering': ['kind', 'place', 'country', 'name']},
        ),
        migrations.AddConstraint(
            model_name='telephonenumber',
            constraint=models.UniqueConstraint(
                fields=('kind', 'place', 'country', 'name'), name='one_number_each'
            ),
        ),
    ]
