from django.db import migrations

# Weights don't get smaller: PostgreSQL would try in vain, for 40 ms a checkpoint.
COLUMNS = [("training_checkpoint", "data"), ("training_network", "data")]


def storage(kind: str) -> str:
    return "; ".join(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {kind}" for table, column in COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("training", "0001_initial")]

    operations = [migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED"))]
