"""Values of readings that are later than the filed ones, with their documents."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0004_second_level"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Vintage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("verified", "核定"), ("superior", "上级反馈")],
                        max_length=10,
                        verbose_name="数据版次",
                    ),
                ),
                ("value", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="数值")),
                (
                    "numerator",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="分子"),
                ),
                (
                    "denominator",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="分母"),
                ),
                ("doc_no", models.CharField(max_length=100, verbose_name="文号")),
                ("doc_on", models.DateField(verbose_name="文件日期")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vintages",
                        to="filings.entry",
                        verbose_name="填报项",
                    ),
                ),
            ],
            options={
                "verbose_name": "核定值",
                "verbose_name_plural": "核定值",
                "ordering": ["entry_id", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["verified", "superior"])), name="vintage_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("doc_no", ""), _negated=True), name="vintage_names_its_document"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("denominator", None), ("numerator", None)),
                            models.Q(
                                ("denominator__gt", 0),
                                ("denominator__isnull", False),
                                ("numerator__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="vintage_parts_together",
                    ),
                ],
            },
        ),
    ]
