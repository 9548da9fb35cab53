"""`manage.py rebuild [2020Q3 …]`: build summaries anew from the filings, and say what differed and how long it took."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from filings.models import Period
from reports.models import PastFigure
from reports.services import rebuild_period
from targets.models import Plan


class Counted:
    """Counts the queries that pass through it."""

    count = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.count += 1
        return execute(*args)


class Command(BaseCommand):
    """Safe at any time: what the figures said before stays in their history, and publications are not touched."""

    help = "按填报重新汇总：列出每个季度与原汇总不同的项数、查询次数和耗时。不影响已发布的数字。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("periods", nargs="*", metavar="季度", help="如 2020Q3；不写为全部已开放的季度")
        parser.add_argument("--plan", default="", help="方案代码；不写为全部方案")

    def handle(self, *args: Any, periods: list[str], plan: str, **options: Any) -> None:
        found = Period.objects.exclude(opened_at=None).select_related("plan")
        if plan:
            if not Plan.objects.filter(code=plan).exists():
                raise CommandError(f"没有代码为 {plan} 的方案。")
            found = found.filter(plan__code=plan)
        chosen = [p for p in found.order_by("plan", "year", "quarter") if not periods or p.code in periods]
        if unknown := [code for code in periods if code not in {period.code for period in chosen}]:
            raise CommandError(f"没有已开放的季度 {'、'.join(unknown)}；写成 2020Q3 的样子。")
        total = 0.0
        for period in chosen:
            at = timezone.now()
            begun = time.perf_counter()
            queries = Counted()
            with connection.execute_wrapper(queries):
                rebuild_period(period=period, at=at)
            seconds = time.perf_counter() - begun
            total += seconds
            changed = PastFigure.objects.filter(period=period, known_until=at).count()
            self.stdout.write(
                f"{period.plan.code} {period.code}：{changed} 项不同，{queries.count} 次查询，{seconds * 1000:.0f} 毫秒"
            )
        self.stdout.write(f"共 {len(chosen)} 个季度，{total:.1f} 秒。")
