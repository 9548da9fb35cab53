"""`manage.py explain G2-08 2020Q3`: how an indicator's figure and light came about, with where its numbers come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from harbor_plan.lib import zh
from harbor_plan.lib.moments import local_day
from reports.editions import Edition, choose
from reports.models import Subject
from reports.queries.indicator import QuarterRow, quarter_rows
from targets.arithmetic import rule_of
from targets.measure import Quarter
from targets.measure.combining import quarters_of
from targets.models import Indicator, Plan


class Command(BaseCommand):
    """The same explanation as on the indicator's page: it is stored with the figure."""

    help = "说明某指标某季度的数和灯是怎么算出来的，如 explain G2-08 2020Q3。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("indicator", metavar="指标代码", help="如 G2-08")
        parser.add_argument("period", metavar="季度", help="如 2020Q3")
        parser.add_argument("--plan", default="", help="方案代码；不写为最新的方案")
        parser.add_argument("--live", action="store_true", help="已发布的季度也看实时数")

    def handle(self, *args: Any, indicator: str, period: str, plan: str, live: bool, **options: Any) -> None:
        plans = Plan.objects.filter(code=plan) if plan else Plan.objects.all()
        chosen = plans.first()
        if chosen is None:
            raise CommandError(f"没有代码为 {plan} 的方案。" if plan else "还没有载入方案。")
        found = Indicator.objects.filter(plan=chosen, code=indicator).select_related("plan").first()
        if found is None:
            raise CommandError(f"{chosen.short_name}没有代码为 {indicator} 的指标。")
        edition = choose(chosen, {"period": period} | ({"live": "1"} if live else {}))
        if edition is None:
            raise CommandError(f"没有已开放的季度 {period}；写成 2020Q3 的样子。")
        for line in explained(found, edition):
            self.stdout.write(line)


def explained(indicator: Indicator, edition: Edition) -> Iterator[str]:
    """The lines of the explanation."""
    yield f"{indicator.code} {indicator.name}，{edition.label}"
    figure = edition.of(Subject.INDICATOR, indicator.pk)
    if figure is None:
        yield "这一版没有这项指标的数字。"
        return
    for label, words in figure.detail.get("steps", []):
        yield f"{label}：{words}"
    if ahead := figure.detail.get("ahead"):
        yield f"下一要求：{ahead}"
        yield f"余下所需：{figure.detail['required']}"
        yield f"走势推算：{figure.detail['forecast']}"
    here = Quarter(edition.period.year, edition.period.quarter)
    used = {str(quarter) for quarter in quarters_of(rule_of(indicator), here)}
    for row in reversed(quarter_rows(indicator, edition)):
        if str(Quarter(row.period.year, row.period.quarter)) in used and row.entry:
            yield f"报送：{source(row)}"


def source(row: QuarterRow) -> str:
    """Filing, when it was accepted, and the later values with their documents."""
    entry = row.entry
    assert entry is not None
    words = [f"{entry.filing}（编号 {entry.filing_id}）"]
    if row.is_accepted and entry.decided_at:
        words.append(f"{zh.day(local_day(entry.decided_at))}采纳")
    else:
        words.append(row.state)
    words += [f"{vintage.label} {vintage.value.normalize():f}" for vintage in row.vintages]
    return "，".join(words)
