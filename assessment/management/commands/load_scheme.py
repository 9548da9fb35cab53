"""Load the yearly assessment schemes of a plan from a folder of tables."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from assessment.scheme_files import SchemeRefused, read_scheme
from assessment.scheme_store import create_scheme
from targets.models import Plan


class Command(BaseCommand):
    help = "载入年度考核方案：文件夹中的 CSV 表；全部成功才写入，已经评分或审定的年度保持不变"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="考核方案文件夹")
        parser.add_argument("--plan", required=True, help="行动方案的代码")
        parser.add_argument(
            "--year", type=int, action="append", help="只载入这些年度，可写多次；不写则载入全部"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None:
            raise CommandError(f"没有代码为“{options['plan']}”的行动方案，请先载入方案。")
        try:
            draft = read_scheme(options["path"])
            rows = [row for row in draft.years if not options["year"] or row.year in options["year"]]
            with transaction.atomic():
                for row in rows:
                    scheme = create_scheme(plan=plan, row=row, draft=draft, by=None, at=timezone.now())
                    self.stdout.write(f"{scheme}：{scheme.get_status_display()}")
        except SchemeRefused as refused:
            raise CommandError(
                f"考核方案没有载入，发现{len(refused.problems)}处问题：\n{refused}"
            ) from refused
