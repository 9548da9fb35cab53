"""Who gets what at every address of the project: tables a manager could read, and walks that hold them complete.

An answer of 200 is a page, 302 leads on (a verb done, or refused with a sentence), 403 a reader who may not, 404 a
stranger, 422 a verb refused with what was typed. Whoever is not signed in is led to sign in.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin import site
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from filings.models import EvidenceFile, Exemption, SpecialDay, WorkbookUpload
from filings.services.evidence import attach
from filings.services.exemptions import exempt
from filings.services.moves import submit
from filings.services.workbook import filing_workbook, keep_upload
from reports.changes import plan_values_change, preview
from supervision.models import Channel, Delivery, Digest, OrderMove, OrderProof
from tests.factories import fill, make_department, make_responsibility
from tests.filings.samples import file as sample
from tests.plan.second import plan_upload
from tests.system import System

#: All but `other`, who files for another department, are of the subject's department or of none.
PEOPLE = ("filer", "other", "approver", "office", "leader", "sysadmin")

#: Address, method, what it is about (see Subjects), and the answer to each of PEOPLE.
ADDRESSES = """
home                         GET   -               302 302 302 302 302 302
login                        GET   -               302 302 302 302 302 302
choose_plan                  POST  -               302 302 302 302 302 404
logout                       POST  -               302 302 302 302 302 302
password_change              BOTH  -               200 200 200 200 200 200
password_change_done         GET   -               200 200 200 200 200 200
components                   GET   -               404 404 404 404 404 404

filings:mine                 GET   -               200 200 200 200 200 403
filings:signing              GET   -               200 200 200 200 200 403
filings:past                 GET   -               200 200 200 200 200 403
filings:detail               GET   draft           200 404 200 200 200 404
filings:edit                 GET   draft           200 404 403 403 403 404
filings:save_entry           POST  draft_entry     302 404 403 403 403 404
filings:workbook             GET   draft           200 404 403 403 403 404
filings:workbook_download    GET   draft           200 404 403 403 403 404
filings:upload_workbook      POST  draft           422 404 403 403 403 404
filings:workbook_upload      GET   upload          200 404 403 403 403 404
filings:apply_workbook       POST  upload          302 404 403 403 403 404
filings:marked_workbook      GET   upload          200 404 403 403 403 404
filings:workbook_collection  GET   -               403 403 403 200 403 403
filings:collect_workbooks    POST  -               403 403 403 422 403 403
filings:attach               POST  draft_entry     302 404 403 403 403 404
filings:earlier_evidence     GET   draft_entry     200 404 403 403 403 404
filings:reuse_evidence       POST  draft_entry     302 404 403 403 403 404
filings:detach               POST  draft_file      302 404 403 403 403 404
filings:evidence             GET   sent_file       200 404 200 200 200 404
filings:show_evidence        GET   sent_file       200 404 200 200 200 404
filings:submit               POST  draft           422 404 403 403 403 404
filings:recall               POST  waiting         302 404 403 403 403 404
filings:sign                 POST  waiting         403 404 302 403 403 404
filings:send_back            POST  waiting         403 404 422 403 403 404

filings:queue                GET   -               403 403 403 200 200 403
filings:review               GET   sent            403 404 403 200 200 404
filings:decide               POST  sent_entry      403 404 403 302 403 404
filings:accept_rest          POST  sent            403 404 403 302 403 404
filings:complete             POST  sent            403 404 403 302 403 404
filings:reopen               POST  accepted        403 404 403 422 403 404
filings:substitute           POST  sent            403 404 403 403 422 404
filings:decide_many          POST  sent            403 404 403 422 403 404
filings:claim                POST  sent            403 404 403 302 403 404
filings:release              POST  sent            403 404 403 302 403 404
filings:take_review          POST  sent            403 404 403 302 403 404
filings:vintages             GET   closed_reading  200 404 200 200 200 403
filings:record_vintage       POST  closed_reading  403 404 403 422 403 403
filings:crosschecks          GET   -               403 403 403 200 200 404
filings:cross_rules          GET   -               403 403 403 200 200 404
filings:add_cross_rule       GET   -               403 403 403 200 403 404
filings:add_cross_rule       POST  -               403 403 403 422 403 404
filings:change_cross_rule    GET   cross_rule      403 403 403 200 403 404
filings:change_cross_rule    POST  cross_rule      403 403 403 422 403 404
filings:retire_cross_rule    POST  cross_rule      403 403 403 422 403 404
filings:close_finding        POST  cross_rule,period  403 403 403 302 403 404
filings:thread               GET   sent_entry      200 404 200 200 200 404
filings:remark               POST  sent_entry      422 404 422 422 403 404
filings:routine              GET   -               403 403 403 200 200 403
filings:accept_routine       POST  -               403 403 403 302 302 403
filings:review_rule          GET   -               403 403 403 200 403 404
filings:change_rule          POST  -               403 403 403 422 403 404
filings:returns              GET   -               403 403 403 200 200 404
filings:periods              GET   -               403 403 403 200 403 404
filings:create_period        POST  -               403 403 403 422 403 404
filings:open_period          POST  period          403 403 403 302 403 404
filings:extend               POST  period          403 403 403 422 403 404
filings:change_dates         POST  period          403 403 403 422 403 404
filings:exempt               POST  period          403 403 403 422 403 404
filings:withdraw_exemption   POST  exemption       403 403 403 302 403 404
filings:group                GET   group           403 403 403 200 403 403
filings:name_members         POST  group           403 403 403 422 403 403
filings:take_words           POST  draft_entry     422 404 403 403 403 404
filings:draft_summary        POST  draft_entry     422 404 403 403 403 404
filings:countersign          GET   -               200 200 200 200 200 403
filings:confirm_countersign  POST  -               422 422 422 422 422 403
filings:countersign_entry    POST  asked_entry     403 422 403 403 403 404
filings:countersigned        GET   -               403 403 403 200 200 403

supervision:desk             GET   -               403 403 403 200 200 404
supervision:remind           POST  -               403 403 403 302 403 404
supervision:notices          GET   -               200 200 200 200 200 404
supervision:read_notice      POST  notice          302 404 302 403 403 404
supervision:by_mail          POST  -               302 302 302 302 302 404
supervision:orders           GET   -               200 200 200 200 200 404
supervision:order_issue      POST  -               403 403 403 422 403 404
supervision:order_dismiss    POST  -               403 403 403 422 403 404
supervision:order_rule       GET   -               403 403 403 200 403 404
supervision:order_rule       POST  -               403 403 403 422 403 404
supervision:order            GET   order           200 404 200 200 200 404
supervision:order_paper      GET   order           200 404 200 200 200 404
supervision:order_file       GET   order           200 404 200 200 200 404
supervision:order_evidence   GET   order,sent_file 200 404 200 200 200 404
supervision:order_sign       POST  order           302 404 302 403 403 404
supervision:order_report     POST  order           422 404 422 403 403 404
supervision:order_accept     POST  order           403 404 403 422 403 404
supervision:order_send_back  POST  order           403 404 403 422 403 404
supervision:order_close      POST  order           403 404 403 422 422 404
supervision:order_reopen     POST  order           403 404 403 422 403 404
supervision:order_withdraw   POST  order           403 404 403 422 403 404

reports:cockpit              GET   -               200 200 200 200 200 403
reports:goals                GET   -               200 200 200 200 200 403
reports:goal                 GET   goal            200 200 200 200 200 403
reports:indicators           GET   -               200 200 200 200 200 403
reports:indicator            GET   indicator       200 200 200 200 200 403
reports:actions              GET   -               200 200 200 200 200 403
reports:action               GET   action          200 200 200 200 200 403
reports:task                 GET   task            200 200 200 200 200 403
reports:milestones           GET   -               200 200 200 200 200 403
reports:departments          GET   -               200 200 200 200 200 403
reports:department           GET   department      200 200 200 200 200 403
reports:completeness         GET   -               403 403 403 200 200 403
reports:unjudged             GET   -               403 403 403 200 200 403
reports:burden               GET   -               403 403 403 200 403 403
reports:compare              GET   -               200 200 200 200 200 403
reports:reorganisations      GET   -               403 403 403 200 403 403
reports:prepare_reorganisation   POST  -           403 403 403 422 403 403
reports:reorganisation       GET   succession      403 403 403 200 403 403
reports:choose_reorganisation    POST  succession  403 403 403 302 403 403
reports:apply_reorganisation     POST  succession  403 403 403 302 403 403
reports:withdraw_reorganisation  POST  succession  403 403 403 302 403 403
reports:responsibilities     GET   -               200 200 200 200 200 403
reports:responsibilities_xlsx  GET  -              200 200 200 200 200 403
reports:state_xlsx           GET   closed          200 200 200 200 200 403
reports:publications         GET   -               200 200 200 200 200 403
reports:publication          GET   publication     200 200 200 200 200 403
reports:bulletin             GET   publication     403 403 403 200 200 403
reports:publish              POST  closed          403 403 403 302 403 403
reports:correct              GET   closed_entry    403 404 403 200 403 403
reports:correct              POST  closed_entry    403 404 403 422 403 403

tasks:plans                  GET   -               200 200 200 200 200 404
tasks:plan                   GET   annual_plan     200 200 200 200 200 404
tasks:version                GET   in_force,one    200 200 200 200 200 404
tasks:create                 POST  action          302 403 403 403 403 404
tasks:submit                 POST  annual_plan     302 403 403 403 403 404
tasks:recall                 POST  annual_plan     302 403 403 403 403 404
tasks:approve                POST  annual_plan     403 403 403 302 403 404
tasks:return                 POST  annual_plan     403 403 403 409 403 404
tasks:change                 POST  in_force        422 403 403 403 403 404
tasks:abandon                POST  annual_plan     302 403 403 403 403 404
tasks:add_item               GET   annual_plan     200 200 403 403 403 404
tasks:add_item               POST  annual_plan     422 422 403 403 403 404
tasks:edit_item              GET   work_item       200 403 403 403 403 404
tasks:edit_item              POST  work_item       422 403 403 403 403 404
tasks:drop_item              POST  work_item       302 403 403 403 403 404
tasks:take_in                POST  work_item       302 403 403 403 403 404
tasks:decline                POST  work_item       302 403 403 403 403 404
tasks:programmes             GET   action          200 200 200 200 200 404
tasks:add_programme          POST  action          422 403 422 422 403 404
tasks:programme_file         GET   programme       200 200 200 200 200 404
tasks:upkeep                 GET   -               403 403 403 200 403 403
tasks:plan_template          GET   -               403 403 403 200 403 403
tasks:upload_plan            POST  -               403 403 403 422 403 403
tasks:plan_upload            GET   plan_upload     403 403 403 200 403 403
tasks:apply_plan             POST  plan_upload     403 403 403 422 403 403
tasks:returned_plan          GET   plan_upload     403 403 403 200 403 403
tasks:plan_workbook          GET   plan            403 403 403 200 403 403
tasks:plan_revisions         GET   plan            403 403 403 200 403 403
tasks:plan_revision          GET   plan,one        403 403 403 200 403 403
filings:roll_over            POST  in_force        302 403 403 403 403 404

reports:targets              GET   -               403 403 403 200 200 403
reports:target               GET   target          200 200 200 200 200 403
reports:assign_target        GET   target          403 403 403 200 403 403
reports:assign_target        POST  target          403 403 403 422 403 403
reports:provisional_target   GET   target          403 403 403 200 403 403
reports:provisional_target   POST  target          403 403 403 422 403 403
reports:revise_target        GET   target          403 403 403 200 403 403
reports:revise_target        POST  target          403 403 403 422 403 403
reports:decide_condition     GET   target          403 403 403 200 403 403
reports:decide_condition     POST  target          403 403 403 422 403 403
reports:set_tolerance        GET   target          403 403 403 200 403 403
reports:set_tolerance        POST  target          403 403 403 422 403 403
reports:baseline             GET   indicator       403 403 403 200 403 403
reports:baseline             POST  indicator       403 403 403 422 403 403
reports:paper                GET   paper           200 200 200 200 200 403
reports:thresholds           GET   -               200 200 200 200 200 403
reports:change_thresholds    GET   -               403 403 403 200 403 403
reports:change_thresholds    POST  -               403 403 403 422 403 403
reports:all_plan_values      GET   -               200 200 200 200 200 403
reports:plan_values          GET   indicator       200 200 200 200 200 403
reports:propose_plan_value   POST  indicator       422 403 422 403 403 403
reports:confirm_plan_values  GET   indicator       403 403 403 200 403 403
reports:confirm_plan_values  POST  indicator       403 403 403 302 403 403
reports:withdraw_plan_value  POST  proposal        302 403 302 403 403 403
reports:return_plan_value    POST  proposal        403 403 403 302 403 403

assessment:overview          GET   -               200 200 200 200 200 404
assessment:year              GET   year            200 200 200 200 200 404
assessment:sheet             GET   year,department 200 404 200 200 200 404
assessment:compute           POST  year            403 403 403 302 403 404
assessment:finalise          POST  year            403 403 403 302 403 404
assessment:adjust            POST  line            403 404 403 422 403 404

admin:index                  GET   -               302 302 302 200 302 200
admin:login                  GET   -               403 403 403 302 403 302
admin:logout                 POST  -               302 302 302 302 302 302
admin_password_change        GET   -               302 302 302 302 302 302
admin:password_change        GET   -               302 302 302 302 302 302
admin:password_change_done   GET   -               302 302 302 200 302 200
admin:autocomplete           GET   -               302 302 302 403 302 403
admin:jsi18n                 GET   -               302 302 302 200 302 200
admin:view_on_site           GET   one,one         302 302 302 404 302 404
admin:app_list               GET   app             302 302 302 200 302 404
admin:auth_user_password_change  GET  person       302 302 302 403 302 200
"""

#: What the office and the system administrator may do with each table of the administration; nobody else comes in.
TABLES = """
departments_department       edit    none
targets_plan                 edit    none
targets_goalcategory         edit    none
targets_indicator            edit    none
targets_target               edit    none
actions_specialaction        edit    none
tasks_task                   edit    none
tasks_responsibility         edit    none
tasks_milestone              edit    none
filings_specialday           edit    none
accounts_user                none    keep
accounts_failedsignin        none    unlock
supervision_channel          none    keep
supervision_delivery         none    read
audit_event                  read    read
"""

#: The pages of a table that answer 200; the others answer 403.
READ = {"changelist", "change", "history"}
KEEP = READ | {"add"}
GRANTS: dict[str, set[str]] = {
    "none": set(),
    "read": READ,
    "unlock": READ | {"delete"},
    "keep": KEEP,
    "edit": KEEP | {"delete", "import", "export"},
}


@dataclass(frozen=True)
class Row:
    """One line of ADDRESSES."""

    name: str
    method: str
    about: tuple[str, ...]
    answers: dict[str, int]


def lines(table: str) -> list[list[str]]:
    """The words of each line."""
    return [line.split() for line in table.splitlines() if line]


ROWS = [
    Row(name, method, tuple(about.split(",")), dict(zip(PEOPLE, map(int, answers), strict=True)))
    for name, method, about, *answers in lines(ADDRESSES)
]

NAMES = [row.name for row in ROWS]
#: Posted to only; one whose form stands at the same address has two rows.
VERBS = [row for row in ROWS if row.method == "POST" and NAMES.count(row.name) == 1]
#: Pages of our own that only show something.
PAGES = [
    row
    for row in ROWS
    if row.method == "GET"
    and row.name.startswith(("filings:", "supervision:", "reports:", "assessment:", "tasks:"))
    if NAMES.count(row.name) == 1
]


def addresses(patterns: Iterable[Any], namespace: str = "") -> Iterator[str]:
    """The names of everything the project answers to; Django's own unnamed ways of leading on are left out."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, namespace + inner)
        elif isinstance(pattern, URLPattern) and (pattern.name or not namespace):
            yield f"{namespace}{pattern.name}"


EVERYTHING = list(addresses(get_resolver().url_patterns))


class Subjects(System):
    """What the addresses are about: one department's filings in every status, and one of everything else."""

    def __init__(self) -> None:
        super().__init__(rows=1, quarters=4)
        waiting, sent, accepted = (self.open(2020, quarter) for quarter in (1, 2, 3))
        self.accepted(accepted)
        sent_file = attach(entry=self.progress(2020, 2), file=sample(), by=self.filer, at=self.now).attachment
        self.send(sent)
        fill(self.filing(2020, 1), by=self.filer)
        submit(filing=self.filing(2020, 1), by=self.filer, at=self.now)
        AccessAttempt.objects.create(username="someone", ip_address="10.0.0.1", failures_since_start=1)
        self._make_delivery()
        self._prove_order(sent_file.evidence)
        self.ids: dict[str, Any] = {
            "draft": self.filing(2020, 4).pk,
            "draft_entry": self.progress(2020, 4).pk,
            "draft_file": attach(
                entry=self.progress(2020, 4), file=sample(), by=self.filer, at=self.now
            ).attachment.pk,
            "sent_file": sent_file.evidence_id,
            "upload": self.upload().pk,
            "waiting": waiting.filings.get(department=self.own).pk,
            "sent": sent.filings.get(department=self.own).pk,
            "sent_entry": self.progress(2020, 2).pk,
            "accepted": accepted.filings.get(department=self.own).pk,
            "period": self.running.pk,
            "closed": self.closed[-1].period_id,
            "closed_entry": self.progress(2019, 4).pk,
            "closed_reading": self.reading(2019, 4).pk,
            "publication": self.closed[-1].pk,
            "goal": self.goals[0].pk,
            "indicator": self.indicators[0].pk,
            "action": self.actions[0].pk,
            "task": self.tasks[0].pk,
            "department": self.own.pk,
            "notice": self.own.notices.get().pk,
            "order": self.orders[0].pk,
            "annual_plan": self.draft_plan.pk,
            "in_force": self.annual_plan.pk,
            "work_item": self.draft_plan.items.get().pk,
            "programme": self.programme.pk,
            "year": self.scheme.year,
            "line": self.line().pk,
            "person": self.filer.pk,
            "asked_entry": self.progress(2020, 2).pk,
            "exemption": self.exempted().pk,
            "group": make_department("各成员单位", kind="group", convenor=self.own).pk,
            "succession": self.reorganised().pk,
            "app": "targets",
            "plan": self.plan.code,
            "plan_upload": plan_upload(self).pk,
            "target": self.target.pk,
            "paper": self.paper.pk,
            "proposal": self.proposal.pk,
            "cross_rule": self.cross_rule.pk,
            "one": 1,
        }
        confirmed = preview(plan_values_change(self.indicators[0], [self.proposal]), self.now)
        self.posted: dict[str, dict[str, Any]] = {
            "supervision:remind": {"period": self.running.pk, "department": self.own.pk},
            "choose_plan": {"plan": self.plan.code},
            "filings:decide": {"decision": "accepted", "seen": ""},
            "reports:confirm_plan_values": {"seen": confirmed.seen},
            "filings:save_entry": {"version": 0, "text": "已开工。"},
        }
        self.clients = {name: self.client_of(name) for name in PEOPLE}

    def upload(self) -> WorkbookUpload:
        """A workbook of the running quarter as it was downloaded."""
        filing = self.filing(2020, 4)
        file = filing_workbook(filing=filing, by=self.filer, at=self.now)
        return keep_upload(filing=filing, name=file.name, content=file.content, by=self.filer, at=self.now)

    def _prove_order(self, evidence: EvidenceFile) -> None:
        """A file that came with an earlier feedback."""
        order = self.orders[0]
        move = OrderMove.objects.create(
            order=order, verb="report", to_status="reported", level=order.level,
            rectify_by=order.rectify_by, by=self.filer, at=self.now,
        )  # fmt: skip
        OrderProof.objects.create(move=move, evidence=evidence)

    def _make_delivery(self) -> None:
        """A group robot that is off, and a message to it that did not arrive."""
        channel = Channel.objects.create(name="群", webhook_url="https://robot.example/x", is_active=False)
        digest = Digest.objects.create(
            channel=channel, on=self.now.date(), at=self.now, subject="提醒", text=""
        )
        Delivery.objects.create(digest=digest, via="webhook", state="failed", next_at=self.now)

    def exempted(self) -> Exemption:
        """An exemption in force, of a department that nobody of PEOPLE belongs to; and a day of the calendar."""
        exempted = make_department("停业局")
        make_responsibility(self.tasks[0], exempted)
        period = self.open(2018, 4)
        SpecialDay.objects.create(on=date(2021, 1, 1), name="元旦")
        return exempt(
            period=period, department=exempted, reason="停业", approver="高为民", by=self.office, at=self.now
        )

    def client_of(self, name: str) -> Client:
        """A browser in which that person is signed in."""
        client = Client()
        client.force_login(getattr(self, name))
        return client

    def url(self, row: Row) -> str:
        """The address of a row."""
        return reverse(row.name, args=[self.ids[about] for about in row.about if about != "-"])


@pytest.fixture(scope="module")
def subjects(django_db_setup: None, django_db_blocker: Any) -> Iterator[Subjects]:
    """Written once for this module, and taken back after it."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        made = Subjects()
    yield made
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access")]


def answer(client: Client, method: str, url: str, data: dict[str, Any] | None = None) -> HttpResponse:
    """What a request answers; whatever it wrote is taken back, signing out included."""
    before, cookies = transaction.savepoint(), copy.copy(client.cookies)
    try:
        return client.get(url) if method == "GET" else client.post(url, data or {})
    finally:
        transaction.savepoint_rollback(before)
        client.cookies = cookies


def is_led_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(
        (reverse("login"), reverse("admin:login"))
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.method}")
def test_everybody_gets_the_answer_of_the_table(subjects: Subjects, row: Row) -> None:
    url, data = subjects.url(row), subjects.posted.get(row.name)
    methods = ["GET", "POST"] if row.method == "BOTH" else [row.method]
    for method in methods:
        given = {name: answer(subjects.clients[name], method, url, data) for name in PEOPLE}
        assert {name: response.status_code for name, response in given.items()} == row.answers
        assert [name for name in PEOPLE if "no-store" not in given[name].headers["Cache-Control"]] == []
        assert [name for name in PEOPLE if "Content-Security-Policy" not in given[name].headers] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.method}")
def test_whoever_is_not_signed_in_is_led_to_sign_in(subjects: Subjects, row: Row) -> None:
    response = answer(Client(), "GET" if row.method == "BOTH" else row.method, subjects.url(row))
    if row.name == "login":
        assert response.status_code == 200
    elif row.method == "POST" and row.name != "logout":
        assert response.status_code == 403
        assert f'<a class="btn btn-primary" href="{reverse("login")}?next=' in response.content.decode()
    else:
        assert is_led_to_sign_in(response)
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("row", VERBS, ids=lambda row: row.name)
def test_a_verb_is_not_done_by_following_a_link(subjects: Subjects, row: Row) -> None:
    people = ("office", "sysadmin") if row.name.startswith("admin:") else PEOPLE
    codes = [answer(subjects.clients[name], "GET", subjects.url(row)).status_code for name in people]
    assert codes == [405] * len(people)


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_a_page_takes_nothing_in(subjects: Subjects, row: Row) -> None:
    assert answer(subjects.clients["office"], "POST", subjects.url(row)).status_code == 405


def test_strangers_do_not_learn_that_a_filing_or_a_sheet_exists() -> None:
    hidden = {
        "draft",
        "upload",
        "draft_entry",
        "waiting",
        "sent",
        "sent_entry",
        "accepted",
        "closed_entry",
        "line",
        "order",
    }
    about_one = [row for row in ROWS if hidden & set(row.about)]
    assert len(about_one) == 44
    assert {row.answers["other"] for row in about_one} == {404}


def test_every_address_has_its_row() -> None:
    tables = {words[0] for words in lines(TABLES)}
    known = {row.name for row in ROWS}
    missing = {
        name
        for name in EVERYTHING
        if name not in known
        and name.removeprefix("admin:").rpartition("_")[0] not in tables
        and not name.endswith("_process_import")  # the second half of an import; see below
    }
    assert missing == set()
    assert known <= set(EVERYTHING)


# The administration


MODELS: dict[str, type[Model]] = {
    f"{model._meta.app_label}_{model._meta.model_name}": model for model in site._registry
}


def pages_of(table: str) -> set[str]:
    """What the administration has for a table: changelist, add, change, …"""
    names = (name.removeprefix("admin:") for name in EVERYTHING)
    return {name.removeprefix(f"{table}_") for name in names if name.startswith(f"{table}_")} - {
        "process_import"
    }


def table_url(table: str, page: str, person: str) -> str:
    """The address of one page; of a record, the last one, of the events the last one that is the person's business."""
    if page not in ("change", "delete", "history"):
        return reverse(f"admin:{table}_{page}")
    rows: QuerySet[Any] = MODELS[table]._default_manager.all()
    if table == "targets_target":
        rows = rows.filter(at=None)  # what was recorded since is only looked at
    if table == "audit_event":
        rows = rows.filter(subject_type__startswith="accounts" if person == "sysadmin" else "filings")
    return reverse(f"admin:{table}_{page}", args=[rows.latest("pk").pk])


@pytest.mark.parametrize(("table", "office", "sysadmin"), lines(TABLES))
def test_the_administration_opens_what_the_table_says(
    subjects: Subjects, table: str, office: str, sysadmin: str
) -> None:
    pages = pages_of(table)
    assert pages >= READ | {"add", "delete"}
    for name, grant in ("office", office), ("sysadmin", sysadmin):
        codes = {
            page: answer(subjects.clients[name], "GET", table_url(table, page, name)).status_code
            for page in pages
        }
        assert codes == {page: 200 if page in GRANTS[grant] else 403 for page in pages}
    for page in pages:
        for client in subjects.clients["leader"], Client():
            assert is_led_to_sign_in(answer(client, "GET", table_url(table, page, "leader")))


def test_an_import_is_confirmed_by_the_office_only(subjects: Subjects) -> None:
    imports = [name for name in EVERYTHING if name.endswith("_process_import")]
    assert len(imports) == 6
    for name in imports:
        people = ("office", "sysadmin", "leader")
        said = {"revision_reason": "名称更正"}
        codes = [answer(subjects.clients[p], "POST", reverse(name), said).status_code for p in people]
        assert codes == [200, 403, 302]
