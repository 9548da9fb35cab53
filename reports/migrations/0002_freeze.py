"""Triggers that keep published figures as they are, whoever asks."""

from django.db import migrations

from reports import freezing


def lay(apps, schema_editor):
    freezing.lay(schema_editor)


def lift(apps, schema_editor):
    freezing.lift(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunPython(lay, lift)]
