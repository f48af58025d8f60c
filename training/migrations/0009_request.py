from django.db import migrations, models


class Migration(migrations.Migration):
    """Other names in the code; the columns stay as they are, so nothing is done in the database."""

    dependencies = [
        ("training", "0008_device_doing"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("run", "wish", "request"),
                migrations.RenameField("run", "wished_rate", "requested_rate"),
                migrations.AlterField(
                    "run",
                    "request",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "nothing"),
                            ("pause", "Pause"),
                            ("stop", "Stop"),
                            ("batch", "Batch"),
                            ("epoch", "Epoch"),
                        ],
                        db_column="wish",
                        default="",
                        max_length=5,
                    ),
                ),
                migrations.AlterField(
                    "run",
                    "requested_rate",
                    models.FloatField(blank=True, db_column="wished_rate", editable=False, null=True),
                ),
                migrations.AlterField(
                    "speed",
                    "prices",
                    models.JSONField(help_text="Seconds for one of each thing that a training does."),
                ),
            ],
        ),
    ]
