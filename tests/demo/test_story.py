"""A story in memory leaves what the services leave in the database, step for step."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from filings.errors import Refused
from filings.models import Entry, EntryVersion, Filing, Move
from filings.services.entries import content
from filings.services.moves import send_back, sign, submit
from filings.services.review import complete_review, decide_entry, reopen
from filings.services.windows import obligations
from filings.terms import Decision, ReturnCode
from harbor_plan.demo.story import Story
from tests import factories

pytestmark = pytest.mark.django_db

START = datetime(2020, 12, 28, 1, 0, tzinfo=UTC)
NOTE = (ReturnCode.R01, "请补充具体内容。")
FILING = ("status", "filled_by", "signed_by", "checked_by", "checked_at", "first_submitted_at", "submitted_at", "submissions", "returns")  # fmt: skip
ENTRY = ("is_complete", "version", "edited_by", "edited_at", "decision", "return_code", "return_note", "decided_by", "decided_at")  # fmt: skip


@pytest.fixture
def scene() -> dict[str, Any]:
    """A department that owes an entry of every kind, and everybody who touches its filing."""
    plan = factories.make_plan()
    department, other = factories.make_department(), factories.make_department()
    action = factories.make_action(plan, leads=[department])
    task = factories.make_task(action, lead=department)
    factories.make_task(action, lead=other, cooperating=[department])
    factories.make_milestone(task)
    factories.make_indicator(plan, data_department=department, in_parts=True)
    return {
        "department": department,
        "period": factories.open_quarter(plan, 2020, 4, at=START),
        "filer": factories.make_filer(department),
        "approver": factories.make_approver(department),
        "office": factories.make_reviewer(),
    }


def moments() -> Iterator[datetime]:
    """One minute after the other."""
    at = START
    while True:
        at += timedelta(minutes=1)
        yield at


def better(entry: Entry) -> dict[str, Any]:
    """The mended values."""
    return factories.complete_values(entry) | {"text": f"{entry.title} 已补充。"}


def by_services(scene: dict[str, Any]) -> Filing:
    """Sent back, mended, signed, returned, mended, accepted, reopened, mended, accepted."""
    at = moments()
    filer, approver, office = scene["filer"], scene["approver"], scene["office"]
    filing = factories.filing_of(scene["period"], scene["department"])
    entries = list(Entry.objects.for_page().filter(filing=filing).order_by("position"))

    def again() -> Filing:
        return factories.filing_of(scene["period"], scene["department"])

    def mend(entry: Entry) -> None:
        factories.fill_entry(entry, by=filer, at=next(at), **better(entry))
        submit(filing=again(), checked_by="", by=filer, at=next(at))
        sign(filing=again(), by=approver, at=next(at))

    def decide(entry: Entry, decision: Decision) -> None:
        code, note = NOTE if decision == Decision.RETURNED else ("", "")
        decide_entry(
            entry=entry, decision=decision, seen=Decision.OPEN, code=code, note=note, by=office, at=next(at)
        )

    for entry in entries:
        factories.fill_entry(entry, by=filer, at=next(at))
    submit(filing=again(), checked_by="何科长", by=filer, at=next(at))
    send_back(filing=again(), notes={entries[0].pk: NOTE}, by=approver, at=next(at))
    mend(entries[0])
    decide(entries[1], Decision.RETURNED)
    for entry in [entries[0], *entries[2:]]:
        decide(entry, Decision.ACCEPTED)
    complete_review(filing=again(), by=office, at=next(at))
    mend(entries[1])
    decide(entries[1], Decision.ACCEPTED)
    complete_review(filing=again(), by=office, at=next(at))
    reopen(filing=again(), notes={entries[2].pk: NOTE}, by=office, at=next(at))
    mend(entries[2])
    decide(entries[2], Decision.ACCEPTED)
    complete_review(filing=again(), by=office, at=next(at))
    return again()


def in_memory(scene: dict[str, Any]) -> Story:
    """The same steps at the same moments."""
    at = moments()
    filer, approver, office = scene["filer"], scene["approver"], scene["office"]
    department = scene["department"]
    entries = sorted(obligations(scene["period"])[department.pk], key=lambda entry: entry.position)
    story = Story(Filing(period=scene["period"], department=department), entries, [None] * len(entries))

    def mend(entry: Entry) -> None:
        story.write(entry, better(entry), str, by=filer, at=next(at))
        story.submit(by=filer, at=next(at))
        story.sign(by=approver, at=next(at))

    story.open(at=START)
    for entry in entries:
        story.write(entry, factories.complete_values(entry), str, by=filer, at=next(at))
    story.submit(checked_by="何科长", by=filer, at=next(at))
    story.send_back(entries[0], NOTE, by=approver, at=next(at))
    mend(entries[0])
    story.give_back(entries[1], NOTE, by=office, at=next(at))
    for entry in [entries[0], *entries[2:]]:
        story.accept(entry, by=office, at=next(at))
    story.finish_review(by=office, at=next(at))
    mend(entries[1])
    story.accept(entries[1], by=office, at=next(at))
    story.finish_review(by=office, at=next(at))
    story.reopen(entries[2], NOTE, by=office, at=next(at))
    mend(entries[2])
    story.accept(entries[2], by=office, at=next(at))
    story.finish_review(by=office, at=next(at))
    return story


def subject(entry: Entry | None) -> tuple[Any, ...]:
    return (entry.kind, entry.subject.pk) if entry else ()


def move_of(move: Move) -> tuple[Any, ...]:
    return (
        move.verb,
        move.from_status,
        move.to_status,
        move.code,
        move.note,
        move.by,
        move.at,
        subject(move.entry),
    )


def version_of(version: EntryVersion) -> tuple[Any, ...]:
    return subject(version.entry), version.no, version.content, version.by, version.at


def entry_of(entry: Entry) -> tuple[Any, ...]:
    return subject(entry), content(entry), *(getattr(entry, name) for name in ENTRY)


def test_a_story_leaves_what_the_services_leave(scene: dict[str, Any]) -> None:
    filing, story = by_services(scene), in_memory(scene)
    stored = list(Entry.objects.for_page().filter(filing=filing))
    versions = EntryVersion.objects.filter(entry__filing=filing).order_by("at", "entry__position", "no")
    assert [getattr(story.filing, name) for name in FILING] == [getattr(filing, name) for name in FILING]
    assert [entry_of(entry) for entry in story.entries] == [entry_of(entry) for entry in stored]
    assert [move_of(move) for move in story.moves] == [move_of(move) for move in filing.moves.all()]
    assert [version_of(version) for version in story.versions] == [
        version_of(version) for version in versions
    ]
    assert (filing.status, filing.submissions, filing.returns) == ("accepted", 3, 2)
    assert len(stored) == 5
    assert len(story.versions) == 7


def test_a_story_refuses_what_the_table_of_moves_does_not_have(scene: dict[str, Any]) -> None:
    story = in_memory(scene)
    with pytest.raises(AssertionError, match="sign from accepted"):
        story.sign(by=scene["approver"], at=START)
    with pytest.raises(Refused):
        sign(filing=by_services(scene), by=scene["approver"], at=START)


def test_a_story_does_not_submit_what_is_incomplete(scene: dict[str, Any]) -> None:
    entries = obligations(scene["period"])[scene["department"].pk]
    story = Story(
        Filing(period=scene["period"], department=scene["department"]), entries, [None] * len(entries)
    )
    with pytest.raises(AssertionError):
        story.submit(by=scene["filer"], at=START)


def test_a_warning_is_explained(scene: dict[str, Any]) -> None:
    entries = obligations(scene["period"])[scene["department"].pk]
    entry = next(entry for entry in entries if entry.kind == "contribution")
    before = Entry(kind="contribution", responsibility=entry.responsibility, text="配合情况如常。")
    before.filing = Filing(first_submitted_at=START)
    previous = [before if one is entry else None for one in entries]
    story = Story(Filing(period=scene["period"], department=scene["department"]), entries, previous)
    story.write(entry, {"text": "配合情况如常。"}, lambda _: "属实。", by=scene["filer"], at=START)
    assert (entry.explanation, entry.is_complete) == ("属实。", True)
    story.write(entry, {"text": "本季配合检查三次。"}, lambda _: "属实。", by=scene["filer"], at=START)
    assert (entry.explanation, entry.is_complete, entry.version) == ("", True, 2)
