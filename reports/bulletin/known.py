"""Everything a bulletin is drafted from, read at once: the publication, the one before, names, what was filed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actions.leads import leads_on
from departments.lineage import holder_on, later_handovers
from departments.models import Duty
from filings.models import EntryVersion, Period
from filings.terms import Decision, EntryKind
from reports.editions import Edition
from reports.models import Figure, Publication, PublishedFigure, Subject
from reports.queries.publications import Change, changes
from targets.models import Indicator, Plan
from tasks.models import Responsibility, Role


@dataclass(frozen=True)
class Quote:
    """What a task's lead filed, as it was accepted when the figures were published."""

    task: int
    number: str
    title: str
    department: str
    problems: str
    coordination: str


@dataclass(frozen=True)
class Known:
    """What the sentences and tables are made of. `before` is the plan's figure of the quarter before, as known then."""

    publication: Publication
    edition: Edition
    before: PublishedFigure | None
    task_leads: dict[int, str]
    action_leads: dict[int, str]
    indicators: dict[int, Indicator]
    quotes: list[Quote]
    changes: list[Change]

    @property
    def plan(self) -> Plan:
        return self.publication.period.plan

    @property
    def period(self) -> Period:
        return self.publication.period

    def figures(self, subject: Subject) -> list[Figure]:
        """All figures of a kind, in the order of the plan."""
        return list(self.edition.figures[subject].values())

    @property
    def total(self) -> Figure:
        """The plan's own figure, which every publication has."""
        return self.figures(Subject.PLAN)[0]


def read(publication: Publication) -> Known:
    """Read it all: nine queries (three more for a correction), whatever the number of tasks or quarters."""
    edition = Edition(publication.period, publication, publication.at)
    plan = publication.period.plan
    passed_on = later_handovers(Duty.OFFICE, edition.cut_off).get(plan.pk, ())
    plan.office = holder_on(plan.office, passed_on) or plan.office  # under the name of that quarter
    return Known(
        publication=publication,
        edition=edition,
        before=_before(publication),
        task_leads=_task_leads(edition),
        action_leads=_action_leads(edition),
        indicators={i.pk: i for i in Indicator.objects.filter(plan=publication.period.plan)},
        quotes=_quotes(publication),
        changes=changes(publication),
    )


def _before(publication: Publication) -> PublishedFigure | None:
    """From the newest version of the quarter before that was out when this one was published."""
    period = publication.period
    year, quarter = (period.year - 1, 4) if period.quarter == 1 else (period.year, period.quarter - 1)
    totals = PublishedFigure.objects.filter(
        subject=Subject.PLAN,
        publication__period__plan=period.plan_id,
        publication__period__year=year,
        publication__period__quarter=quarter,
        publication__at__lte=publication.at,
    )
    return totals.select_related("publication__period").order_by("publication__version").last()


def _task_leads(edition: Edition) -> dict[int, str]:
    """Who leads each task on the period's last day."""
    rows = Responsibility.objects.filter(role=Role.LEAD, task__action__plan=edition.period.plan_id)
    return dict(rows.in_force(edition.cut_off).values_list("task_id", "department__name"))


def _action_leads(edition: Edition) -> dict[int, str]:
    """Who leads each action on the period's last day."""
    leads = leads_on(edition.period.plan_id, edition.cut_off)
    return {action: "、".join(department.name for department in found) for action, found in leads.items()}


def _quotes(publication: Publication) -> list[Quote]:
    """Problems and what needs coordination, by task, from the versions that counted when this was published."""
    versions = EntryVersion.objects.filter(
        entry__kind=EntryKind.PROGRESS,
        entry__decision=Decision.ACCEPTED,
        entry__decided_at__lte=publication.at,
        entry__filing__period=publication.period,
        at__lte=publication.at,
    ).select_related("entry__responsibility__task__action", "entry__filing__department")
    latest: dict[int, EntryVersion] = {}
    for version in versions.order_by("no"):
        latest[version.entry_id] = version
    quotes = [_quote(version) for version in latest.values()]
    return sorted(quotes, key=lambda quote: [int(part) for part in quote.number.split(".")])


def _quote(version: EntryVersion) -> Quote:
    entry, content = version.entry, version.content
    row = entry.responsibility
    assert row is not None  # held by the constraint entry_subject_fits_kind
    return Quote(
        task=row.task_id,
        number=row.task.number,
        title=row.task.title,
        department=entry.filing.department.name,
        problems=_line(content.get("problems")),
        coordination=_line(content.get("coordination")),
    )


def _line(text: Any) -> str:
    """What was written, on one line and without a full stop of its own."""
    return " ".join(str(text or "").split()).rstrip("。")
