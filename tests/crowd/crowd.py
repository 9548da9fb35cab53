"""Everybody at work at once, and what must be in the database afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from filings.forms.entry import EntryForm
from filings.models import Attachment, Entry, EntryVersion, EvidenceFile, Filing, Move, Period
from filings.rules import STEPS
from filings.terms import Decision, Status
from reports.models import Summary
from reports.services import rebuild_period, repair
from tests.crowd.conftest import Site
from tests.crowd.department import CHECKER, Department
from tests.crowd.office import Office, Reader, Reviewer
from tests.reports.scene import figures


def assemble(period: Period, site: Site) -> tuple[list[Department], Office, Reader]:
    """Everybody with a browser of their own: the departments in order, the office, a leader."""
    filings = list(period.filings.select_related("department", "period").order_by("department__order", "id"))
    office = Office()
    crowd = [Department.of(no, filing, office, site) for no, filing in enumerate(filings, 1)]
    for user in User.objects.filter(memberships__role=Role.OFFICE).order_by("username"):
        (department,) = user.own_department_ids
        office.reviewers.append(Reviewer(office, site.visitor(user), department))
    return crowd, office, Reader(office, site.visitor(User.objects.get(memberships__role=Role.LEADER)))


def everybody_works(crowd: Iterable[Department], office: Office, *others: Callable[[], None]) -> None:
    """Every person in a thread of their own until all is done. Whatever fails first is raised, and ends the rest."""
    people = [*(reviewer.run for reviewer in office.reviewers), *others]
    with ThreadPoolExecutor(len(office.results) + len(people)) as pool:
        around = {pool.submit(run) for run in people}
        working = {pool.submit(department.run) for department in crowd}
        try:
            while working:
                done, _ = wait(working | around, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                working -= done
        finally:
            office.close()
        for future in around:
            future.result()


# Afterwards


def deadlocks() -> int:
    """Deadlocks that PostgreSQL has broken in this database. Whole once its other sessions have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def complaints(log: str) -> list[str]:
    """Lines of a process's log that tell of something gone wrong."""
    return [
        line for line in log.splitlines() if any(word in line for word in ("ERROR", "CRITICAL", "Traceback"))
    ]


def everything_is_stored(crowd: Iterable[Department]) -> None:
    """Each input of each entry as the server last said it was saved, and saved as often as it said."""
    for department in crowd:
        assert department.typed.keys() == set(department.entries)
        entries = Entry.objects.for_page().filter(filing=department.filing)
        stored = {entry.pk: EntryForm.of(entry).typed() for entry in entries}
        for pk, typed in department.typed.items():
            assert {name: stored[pk][name] for name in typed} == typed
        assert {entry.pk: entry.version for entry in entries} == dict(department.saves)
        files = EvidenceFile.objects.filter(department=department.filing.department)
        attached = Attachment.objects.filter(entry__in=entries, removed_at=None)
        assert (files.count(), attached.count()) == (min(department.files, 1), department.files)


def everything_is_decided() -> None:
    """Every filing and every entry accepted, by somebody of another department, and claimed by nobody any more."""
    assert set(Filing.objects.values_list("status", "claimed_by")) == {(Status.ACCEPTED, None)}
    assert set(Entry.objects.values_list("decision", "is_complete")) == {(Decision.ACCEPTED, True)}
    own = Entry.objects.filter(decided_by__memberships__department=F("filing__department"))
    assert own.count() == 0


def every_step_was_taken_once(crowd: Sequence[Department], office: Office) -> None:
    """The history has exactly the steps of the scripts, and the record of events has the same."""
    moves = expected_moves(crowd, office)
    assert Counter(Move.objects.values_list("verb", flat=True)) == moves
    steps = {f"filing.{verb}": moves[verb] for verb in STEPS}
    events = Counter(Event.objects.filter(verb__startswith="filing.").values_list("verb", flat=True))
    assert {verb: events[verb] for verb in steps} == steps
    decided = Counter(Event.objects.filter(verb__startswith="entry.").values_list("verb", flat=True))
    assert decided["entry.accepted"] == moves["accept_entry"]
    assert decided["entry.returned"] == moves["return_entry"]
    for department in crowd:
        filing, script = Filing.objects.get(pk=department.filing.pk), department.script
        assert (filing.submissions, filing.returns) == (script.signings, int(script.returned))
        assert filing.checked_by == CHECKER
        versions = EntryVersion.objects.filter(entry__filing=filing)
        assert versions.count() == len(department.entries) + len(department.to_return)


def expected_moves(crowd: Sequence[Department], office: Office) -> Counter[str]:
    """How often each verb must stand in the history, from the scripts alone."""
    scripts = [department.script for department in crowd]
    return Counter(
        {
            "open": len(scripts),
            "extend": sum(script.extended for script in scripts),
            "submit": sum(script.submissions for script in scripts),
            "recall": sum(script.recalled for script in scripts),
            "send_back": sum(script.sent_back for script in scripts),
            "send_back_entry": sum(script.sent_back for script in scripts),
            "sign": sum(script.signings for script in scripts),
            "claim": sum(office.claims.values()),
            "return_entry": sum(len(department.to_return) for department in crowd),
            "return": sum(script.returned for script in scripts),
            "accept_entry": sum(len(department.entries) for department in crowd),
            "accept": len(scripts),
        }
    )


def figures_equal_a_rebuild(period: Period) -> None:
    """The rows that the jobs left are those of a rebuild, and there is nothing for the repair to mend."""
    at = timezone.now()
    assert repair(at=at) == []
    left = figures(Summary.objects.filter(period=period))
    rebuild_period(period=period, at=at)
    assert figures(Summary.objects.filter(period=period)) == left
