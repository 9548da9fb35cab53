"""Print a plan as one JSON document that load_plan takes back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from targets.models import Plan
from tasks.plan_files import to_json
from tasks.plan_store import export_plan


class Command(BaseCommand):
    help = "把方案导出为一个 JSON 文件（打印到标准输出）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="方案代码，如 811-2016-2020")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan.objects.select_related("office").filter(code=options["code"]).first()
        if plan is None:
            codes = "、".join(Plan.objects.order_by("code").values_list("code", flat=True)) or "无"
            raise CommandError(f"没有代码为“{options['code']}”的方案；现有：{codes}")
        if reconfigure := getattr(self.stdout, "reconfigure", None):
            reconfigure(encoding="utf-8", newline="\n")  # the same bytes whatever the terminal speaks
        self.stdout.write(to_json(export_plan(plan)).decode(), ending="")
