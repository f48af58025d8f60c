import django.db.models.deletion
from django.db import migrations, models

import training.models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0005_initialnetwork_test_accuracy'),
    ]

    operations = [
        migrations.CreateModel(
            name='Share',
            fields=[
                ('network', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='share', serialize=False, to='training.network')),
                ('key', models.CharField(default=training.models.share_key, editable=False, max_length=32, unique=True)),
                ('is_on', models.BooleanField(default=True)),
                ('origins', models.JSONField(default=list, help_text='As browsers send them; “*” stands for all.')),
                ('quantised', models.BooleanField(default=False, help_text='Weights go out in 8 bits.')),
                ('corrections', models.BooleanField(default=False, help_text='Visitors may send drawings.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
