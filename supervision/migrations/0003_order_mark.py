from django.db import migrations, models


class Migration(migrations.Migration):
    """Order numbers carry a mark of their own instead of the plan's code."""

    dependencies = [("supervision", "0002_digests_and_orders")]

    operations = [
        migrations.AddField(
            "orderrule",
            "mark",
            models.CharField(
                "文号代字",
                blank=True,
                default="",
                help_text="如 811；不填则取方案代码的第一段",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "supervisionorder",
            "mark",
            models.CharField("文号代字", default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("supervisionorder", "order_number_once"),
        migrations.AddConstraint(
            "supervisionorder",
            models.UniqueConstraint(fields=["mark", "year", "no"], name="order_number_once"),
        ),
    ]
