"""No page asks more questions because there is more of everything, or because more quarters lie behind."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from departments.models import Succession
from filings.models import Period, WorkbookUpload
from filings.services.workbook import filing_workbook, keep_upload, stage_upload
from reports.reorganisation import apply, preview
from tests.factories import filing_of
from tests.plan.second import plan_upload
from tests.system import System

#: One of everything; three of everything; three of everything with three closed quarters behind.
SIZES = {"one": (1, 1), "three rows": (3, 1), "three quarters": (3, 3)}

#: Page, who looks, what it is about, and what else stands in the address.
PAGES = [
    line.split()
    for line in """
filings:mine                 filer     -           -
filings:mine                 other     -           -
filings:signing              approver  -           -
filings:past                 filer     -           -
filings:detail               filer     running     -
filings:detail               leader    closed_own  -
filings:edit                 filer     running     -
filings:earlier_evidence     filer     closed_entry -
filings:workbook             filer     running     -
filings:workbook_download    filer     running     -
filings:workbook_upload      filer     upload      -
filings:workbook_collection  office    -           -
filings:queue                office    -           -
filings:review               office    sent        -
filings:review               office    closed_own  -
filings:routine              office    -           -
filings:returns              office    -           -
filings:vintages             office    closed_reading -
filings:crosschecks          office    -           show=all
filings:cross_rules          office    -           -
filings:add_cross_rule       office    -           -
filings:change_cross_rule    office    cross_rule  -
filings:thread               office    closed_entry -
filings:review_rule          office    -           -
filings:periods              office    -           -
filings:countersign          other     -           -
filings:countersigned        office    -           show=waiting
tasks:plans                  leader    -           -
tasks:plan                   leader    annual_plan -
tasks:plan                   filer     annual_plan -
tasks:plan                   filer     draft_plan  -
tasks:version                leader    annual_plan,one -
tasks:programmes             office    action      -
tasks:upkeep                 office    -           -
tasks:plan_upload            office    plan_upload -
tasks:plan_revisions         office    plan        -
tasks:plan_revision          office    plan,one    -
supervision:desk             office    -           -
supervision:notices          filer     -           -
supervision:notices          office    -           -
supervision:orders           filer     -           -
supervision:orders           office    -           show=all
supervision:order            office    order       -
reports:cockpit              leader    -           -
reports:cockpit              leader    -           live=1
reports:goals                leader    -           -
reports:goal                 leader    goal        -
reports:goal                 leader    goal        live=1
reports:indicators           leader    -           -
reports:indicator            leader    indicator   -
reports:indicator            filer     indicator   live=1
reports:actions              leader    -           -
reports:action               leader    action      -
reports:action               leader    action      live=1
reports:task                 leader    task        -
reports:task                 filer     task        live=1
reports:milestones           leader    -           -
reports:unjudged             leader    -           -
reports:departments          leader    -           -
reports:departments          leader    -           live=1
reports:department           leader    department  -
reports:department           leader    department  live=1
reports:targets              office    -           -
reports:target               leader    target      -
reports:revise_target        office    target      value=92&quarter=2020Q4
reports:baseline             office    indicator   value=1&year=2015&source=x&state=assigned&quarter=2020Q4
reports:thresholds           leader    -           -
reports:change_thresholds    office    -           behind_above=1&late_above=2&quarter=2020Q4
reports:all_plan_values      filer     -           -
reports:all_plan_values      office    -           -
reports:plan_values          filer     indicator   -
reports:confirm_plan_values  office    indicator   -
reports:completeness         leader    -           -
reports:completeness         leader    -           by=task
reports:completeness         leader    -           by=quarter
reports:burden               office    -           -
reports:compare              leader    -           known=2020-01-05
reports:reorganisations      office    -           -
reports:reorganisation       office    succession  -
reports:responsibilities     leader    -           -
reports:responsibilities     leader    -           live=1
reports:responsibilities_xlsx  leader  -           -
reports:state_xlsx           leader    closed      -
reports:publications         office    -           -
reports:publication          leader    publication -
reports:bulletin             leader    publication -
reports:correct              office    closed_entry -
assessment:overview          leader    -           -
assessment:year              leader    year        -
assessment:sheet             leader    year,department  line=all
""".splitlines()
    if line
]

#: Pages that show what a change would do roll up the quarters that are not closed: two of them.
PREVIEWS = {
    "reports:revise_target",
    "reports:baseline",
    "reports:change_thresholds",
    "reports:confirm_plan_values",
}

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("queries")]

#: Status and number of queries by page.
Looks = dict[tuple[str, ...], tuple[int, int]]


class Pages:
    """The addresses of PAGES in one system."""

    def __init__(self, rows: int, quarters: int) -> None:
        system = System(rows=rows, quarters=quarters)
        sent = system.open(2020, 2)
        Period.objects.filter(pk=sent.pk).update(countersign_by=sent.due_at)
        system.send(sent)
        closed = system.closed[-1]
        self.people = {name: Client() for name in ("filer", "other", "approver", "office", "leader")}
        for name, client in self.people.items():
            client.force_login(getattr(system, name))
        self.ids: dict[str, int | str] = {
            "running": system.filing(2020, 4).pk,
            "upload": workbook_of(system).pk,
            "plan": system.plan.code,
            "plan_upload": plan_upload(system).pk,
            "sent": filing_of(sent, system.own).pk,
            "closed_own": filing_of(closed.period, system.own).pk,
            "closed_entry": system.progress(2019, 4).pk,
            "closed_reading": system.reading(2019, 4).pk,
            "closed": closed.period_id,
            "publication": closed.pk,
            "goal": system.goals[0].pk,
            "indicator": system.indicators[0].pk,
            "action": system.actions[0].pk,
            "annual_plan": system.annual_plan.pk,
            "draft_plan": system.draft_plan.pk,
            "one": 1,
            "task": system.tasks[0].pk,
            "department": system.own.pk,
            "year": system.scheme.year,
            "succession": applied(system).pk,
            "order": system.orders[0].pk,
            "target": system.target.pk,
            "cross_rule": system.cross_rule.pk,
        }

    def look(self, name: str, person: str, about: str, query: str) -> tuple[int, int]:
        """Status and number of queries of a second look: the first fills the process's caches."""
        url = reverse(name, args=[self.ids[key] for key in about.split(",") if key != "-"])
        url += "" if query == "-" else f"?{query}"
        self.people[person].get(url)
        with CaptureQueriesContext(connection) as captured:
            response = self.people[person].get(url)
        return response.status_code, len(captured)


def applied(system: System) -> Succession:
    """A reorganisation that was carried out: before, its page does as much as the units hold."""
    succession, office, at = system.reorganised(), system.office, system.now
    seen = preview(succession=succession, by=office, at=at).fingerprint
    apply(succession=succession, seen=seen, by=office, at=at)
    return succession


def workbook_of(system: System) -> WorkbookUpload:
    """The filer's workbook of the running quarter, taken in by the office as well."""
    filing = system.filing(2020, 4)
    file = filing_workbook(filing=filing, by=system.filer, at=system.now)
    given = {"filing": filing, "name": file.name, "content": file.content, "at": system.now}
    stage_upload(by=system.office, **given)
    return keep_upload(by=system.filer, **given)


@pytest.fixture(scope="module")
def looks(django_db_setup: None, django_db_blocker: Any) -> dict[str, Looks]:
    """Queries by size of the system and page, counted once; every system is taken back."""
    found: dict[str, Looks] = {}
    with django_db_blocker.unblock():
        for size, (rows, quarters) in SIZES.items():
            with transaction.atomic():
                pages = Pages(rows, quarters)
                found[size] = {tuple(page): pages.look(*page) for page in PAGES}
                transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_more_rows_and_more_quarters_take_no_more_queries(looks: dict[str, Looks], page: list[str]) -> None:
    taken = {size: of_page[tuple(page)] for size, of_page in looks.items()}
    status, queries = taken["one"]
    assert status == 200
    assert taken == dict.fromkeys(SIZES, (200, queries))
    rolled_up = 2 if page[0] in PREVIEWS else 0
    assert queries < 48 + 16 * rolled_up
