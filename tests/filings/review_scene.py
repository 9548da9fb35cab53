"""A department with three entries, its people and a reviewer, for the tests of the review desk."""

from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from filings.services.moves import sign, submit
from filings.services.review_rule import set_second_level
from tests.factories import (
    entry_of,
    file,
    filing_of,
    fill_entry,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_plan,
    make_reviewer,
    make_task,
    open_quarter,
)

#: What an entry behind its schedule must say.
BEHIND = {"problems": "征地", "cause": "审批", "next_steps": "赶工", "next_on": date(2021, 1, 31)}


class Scene:
    """One department with three entries, its people, and a reviewer."""

    def __init__(self) -> None:
        self.plan = make_plan()
        self.department = make_department("甲局")
        self.helper = make_department("乙局")
        self.action = make_action(self.plan, leads=[self.department])
        self.task = make_task(self.action, lead=self.department, cooperating=[self.helper])
        self.other_task = make_task(self.action, lead=self.helper, cooperating=[self.department])
        self.filer = make_filer(self.department, name="莫晓菁")
        self.approver = make_approver(self.department, name="方国梁")
        self.reviewer = make_reviewer(self.plan.office, name="顾明远")

    def open(self, quarter: int = 4, **window):
        return filing_of(open_quarter(self.plan, 2020, quarter, **window), self.department)

    def open_of(self, year, quarter):
        """A quarter of any year."""
        return filing_of(open_quarter(self.plan, year, quarter), self.department)

    def second_level(self, on=True):
        """Ask for a second reviewer where a light changed."""
        set_second_level(
            plan=self.plan, on=on, seen=not on, reason="核实亮灯变化", by=self.reviewer, at=timezone.now()
        )

    def changed(self):
        """The fourth quarter sent with the progress entry behind, after a third quarter on track."""
        self.send(self.open(3))
        filing = self.open(4)
        fill_entry(progress_of(filing), by=self.filer, percent=Decimal(91), **BEHIND)
        return self.send(filing)

    def send(self, filing=None, at=None):
        filing = filing or self.open()
        return file(filing, by=self.filer, signed_by=self.approver, at=at)

    def resend(self, filing, entry, **values):
        """Mend one entry, submit and sign again."""
        fill_entry(entry, by=self.filer, **values)
        filing.refresh_from_db()
        submit(filing=filing, checked_by="", by=self.filer, at=timezone.now())
        filing.refresh_from_db()
        sign(filing=filing, by=self.approver, at=timezone.now())
        filing.refresh_from_db()
        return filing


def review_url(filing, entry=None, **params):
    query = "&".join(
        f"{key}={value}" for key, value in ({"entry": entry.pk} if entry else {} | params).items()
    )
    return reverse("filings:review", args=[filing.pk]) + (f"?{query}" if query else "")


def decide(client, entry, decision, seen="", **data):
    return client.post(
        reverse("filings:decide", args=[entry.pk]), {"decision": decision, "seen": seen} | data
    )


def progress_of(filing):
    return entry_of(filing, kind="progress")
