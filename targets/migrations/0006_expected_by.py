"""How the expected value is found: one choice instead of a boolean; the line that was drawn ran by days."""

from django.db import migrations, models


def carry_over(apps, schema_editor):
    apps.get_model("targets", "Indicator").objects.filter(straight_line=True).update(expected_by="by_day")


def carry_back(apps, schema_editor):
    lines = apps.get_model("targets", "Indicator").objects.exclude(expected_by="milestone")
    lines.update(straight_line=True)


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0005_retiring"),
    ]

    operations = [
        migrations.AddField(
            model_name="indicator",
            name="expected_by",
            field=models.CharField(
                choices=[
                    ("milestone", "按最近到期的节点"),
                    ("by_quarter", "按季直线推算"),
                    ("by_day", "按日直线推算"),
                ],
                default="milestone",
                help_text="有年度、季度计划值的先按计划值；没有的按这里的选择",
                max_length=12,
                verbose_name="应达值",
            ),
        ),
        migrations.RunPython(carry_over, carry_back),
        migrations.RemoveField(model_name="indicator", name="straight_line"),
    ]
