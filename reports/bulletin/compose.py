"""The whole bulletin as text and tables, before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass

from harbor_plan.lib import zh
from harbor_plan.lib.moments import local_day
from reports.bulletin import sections
from reports.bulletin.annexes import Annex, annexes
from reports.bulletin.known import Known, read
from reports.bulletin.sections import Section
from reports.models import Publication


@dataclass(frozen=True)
class Bulletin:
    """One draft: placeholders in brackets are for the office to fill."""

    number: str
    title: str
    addressee: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    annexes: tuple[Annex, ...]
    office: str
    dated: str
    mark: str


def compose(publication: Publication) -> Bulletin:
    """Draft the bulletin of one publication. See `known.read` for what it reads."""
    known = read(publication)
    day = local_day(publication.at)
    return Bulletin(
        number=f"（机关代字）〔{day.year}〕（序号）号",
        title=f"关于{known.plan.short_name}{sections.quarter_words(known)}进展情况的通报",
        addressee="（主送机关）",
        opening=tuple(sections.opening(known)),
        sections=tuple(_sections(known)),
        annexes=tuple(annexes(known)),
        office=str(known.plan.office),
        dated=zh.day(day),
        mark="演示数据：数值、人员和办理经过均为虚构" if known.plan.has_demo_data else "",
    )


def _sections(known: Known) -> list[Section]:
    found = [
        sections.overview(known),
        sections.indicators(known),
        sections.actions(known),
        sections.behind(known),
        sections.late_units(known),
        sections.problems(known),
        sections.next_steps(known),
    ]
    return [sections.correction(known), *found] if known.publication.version > 1 else found
