"""Triggers that keep a finalised year as it is, whoever asks."""

from django.db import migrations

from assessment import freezing


def lay(apps, schema_editor):
    freezing.lay(schema_editor)


def lift(apps, schema_editor):
    freezing.lift(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]

    operations = [migrations.RunPython(lay, lift)]
