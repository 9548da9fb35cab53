"""What summaries said before: kept by moment, and frozen."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from reports import freezing


def date_summaries(apps, schema_editor):
    """What stands now has been known since its quarter was last refreshed."""
    boards = apps.get_model("reports", "Board").objects
    for period, as_of in boards.values_list("period_id", "as_of"):
        apps.get_model("reports", "Summary").objects.filter(period_id=period).update(known_from=as_of)


def lay(apps, schema_editor):
    freezing.lay(schema_editor, freezing.PAST)


def lift(apps, schema_editor):
    freezing.lift(schema_editor, freezing.PAST)


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0004_second_level"),
        ("reports", "0003_exempt"),
    ]

    operations = [
        migrations.AddField(
            model_name="summary",
            name="known_from",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="自何时起"),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="PastFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("plan", "方案"),
                            ("goal", "目标类别"),
                            ("indicator", "指标"),
                            ("action", "专项行动"),
                            ("task", "任务"),
                            ("milestone", "节点"),
                            ("department", "责任单位"),
                        ],
                        max_length=12,
                        verbose_name="对象",
                    ),
                ),
                ("subject_id", models.PositiveBigIntegerField(verbose_name="对象编号")),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="编号")),
                ("name", models.CharField(max_length=200, verbose_name="当时名称")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="次序")),
                (
                    "standing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "已完成"),
                            ("on_track", "正常"),
                            ("behind", "滞后"),
                            ("late", "严重滞后"),
                            ("unknown", "无法判断"),
                        ],
                        max_length=10,
                        verbose_name="亮灯",
                    ),
                ),
                (
                    "pace_light",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "已完成"),
                            ("on_track", "正常"),
                            ("behind", "滞后"),
                            ("late", "严重滞后"),
                            ("unknown", "无法判断"),
                        ],
                        max_length=10,
                        verbose_name="进度灯",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="理由")),
                (
                    "attainment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("met", "达标"),
                            ("not_met", "未达标"),
                            ("not_due", "未到期"),
                            ("no_target", "无目标值"),
                            ("no_data", "无数据"),
                            ("not_applicable", "不适用"),
                        ],
                        max_length=16,
                        verbose_name="达标情况",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="数值"),
                ),
                (
                    "completion",
                    models.DecimalField(decimal_places=2, max_digits=7, null=True, verbose_name="完成比例"),
                ),
                (
                    "expected",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="应达"),
                ),
                (
                    "plan_completion",
                    models.DecimalField(
                        decimal_places=2, max_digits=7, null=True, verbose_name="五年完成比例"
                    ),
                ),
                ("reported", models.PositiveIntegerField(default=0, verbose_name="已报")),
                ("owed", models.PositiveIntegerField(default=0, verbose_name="应报")),
                ("met", models.PositiveIntegerField(default=0, verbose_name="达标数")),
                ("due", models.PositiveIntegerField(default=0, verbose_name="到期数")),
                (
                    "timeliness",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_due", "未到期"),
                            ("on_time", "按时"),
                            ("late", "迟报"),
                            ("missing", "未报"),
                            ("none", "不计时效"),
                            ("exempt", "免报"),
                        ],
                        max_length=8,
                        verbose_name="时效",
                    ),
                ),
                ("returns", models.PositiveIntegerField(default=0, verbose_name="退回次数")),
                ("lights", models.JSONField(default=dict, verbose_name="下级亮灯")),
                ("detail", models.JSONField(default=dict, verbose_name="说明")),
                ("known_from", models.DateTimeField(verbose_name="自何时起")),
                ("known_until", models.DateTimeField(verbose_name="至何时止")),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="past_figures",
                        to="filings.period",
                        verbose_name="填报期",
                    ),
                ),
            ],
            options={
                "verbose_name": "过去的汇总",
                "verbose_name_plural": "过去的汇总",
                "ordering": ["subject", "position", "subject_id"],
                "abstract": False,
                "indexes": [
                    models.Index(fields=["period", "known_until"], name="reports_pas_period__4c9b6e_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "subject", "subject_id", "known_from"), name="past_figure_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("known_from__lt", models.F("known_until"))),
                        name="past_figure_in_order",
                    ),
                ],
            },
        ),
        migrations.RunPython(date_summaries, migrations.RunPython.noop),
        migrations.RunPython(lay, lift),
    ]
