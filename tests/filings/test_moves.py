"""The table of moves, the windows and the races of the department's verbs: submit, recall, sign, send back."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from threading import Event as Flag

import pytest
from django.db import connection, transaction

from accounts.roles import Role
from audit.models import Event
from filings.errors import AlreadyMoved, Incomplete, Refused
from filings.models import Entry, EntryVersion, Filing, Move
from filings.rules import STEPS
from filings.services.moves import recall, send_back, sign, submit
from filings.services.review import complete_review, decide_entry
from filings.services.windows import extend
from filings.terms import Decision, Status
from harbor_plan.lib.moments import local
from tests import factories as f
from tests.filings.scene import Scene

Verb = Callable[[Scene, Filing], None]

VERBS: dict[str, Verb] = {
    "submit": lambda s, filing: submit(filing=filing, checked_by="周立群", by=s.filer, at=s.at),
    "recall": lambda s, filing: recall(filing=filing, by=s.filer, at=s.at),
    "sign": lambda s, filing: sign(filing=filing, by=s.approver, at=s.at),
    "send_back": lambda s, filing: send_back(
        filing=filing, notes={s.progress.pk: ("R01", "写实")}, by=s.approver, at=s.at
    ),
}
ACTORS = {"submit": Role.FILER, "recall": Role.FILER, "sign": Role.APPROVER, "send_back": Role.APPROVER}

#: (verb, from) → to; every other pair is refused.
TABLE = {
    ("submit", Status.DRAFT): Status.AWAITING_SIGNOFF,
    ("submit", Status.RETURNED): Status.AWAITING_SIGNOFF,
    ("recall", Status.AWAITING_SIGNOFF): Status.DRAFT,
    ("sign", Status.AWAITING_SIGNOFF): Status.SUBMITTED,
    ("send_back", Status.AWAITING_SIGNOFF): Status.DRAFT,
}


def put(scene: Scene, status: Status) -> Filing:
    """A complete filing in any status; the database asks that a sent one was signed."""
    filing = scene.fill()
    sent = {} if status in (Status.DRAFT, Status.AWAITING_SIGNOFF) else {
        "first_submitted_at": scene.at, "signed_by": scene.approver
    }  # fmt: skip
    Filing.objects.filter(pk=filing.pk).update(status=status, **sent)
    return scene.filing


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", VERBS)
def test_the_table_of_moves(scene: Scene, verb: str, status: Status) -> None:
    filing = put(scene, status)
    moves = Move.objects.filter(filing=filing).count()
    to = TABLE.get((verb, status))
    if to is not None:
        VERBS[verb](scene, filing)
        assert scene.filing.status == to
        last = Move.objects.filter(filing=filing, entry=None).last()
        assert last is not None
        assert (last.verb, last.from_status, last.to_status, last.at) == (verb, status, to, scene.at)
        return
    with pytest.raises(Refused) as refused:
        VERBS[verb](scene, filing)
    assert (refused.value.axis, refused.value.sentence) == (
        "status",
        f"牵头局 2020年第2季度报送目前为“{status.label}”，不能{STEPS[verb].label}。请刷新页面查看最新状态。",
    )
    assert scene.filing.status == status
    assert Move.objects.filter(filing=filing).count() == moves


@pytest.mark.parametrize("who", ["filer", "approver", "reviewer", "leader", "stranger"])
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_its_actor(scene: Scene, verb: str, who: str) -> None:
    filing = put(scene, next(source for name, source in TABLE if name == verb))
    person = getattr(scene, who)
    calls: dict[str, Callable[[], None]] = {
        "submit": lambda: submit(filing=filing, by=person, at=scene.at),
        "recall": lambda: recall(filing=filing, by=person, at=scene.at),
        "sign": lambda: sign(filing=filing, by=person, at=scene.at),
        "send_back": lambda: send_back(
            filing=filing, notes={scene.progress.pk: ("R01", "x")}, by=person, at=scene.at
        ),
    }
    role = ACTORS[verb]
    if who == role:
        calls[verb]()
        return
    with pytest.raises(Refused) as refused:
        calls[verb]()
    assert (refused.value.axis, refused.value.sentence) == (
        "permission",
        f"只有牵头局的{role.label}可以办理，您可以查看。",
    )


# Windows


@pytest.mark.parametrize("verb", ["submit", "sign", "recall", "send_back"])
def test_every_step_of_a_department_needs_the_window(scene: Scene, verb: str) -> None:
    filing = put(scene, next(source for name, source in TABLE if name == verb))
    scene.at = scene.period.closes_at + timedelta(seconds=1)
    with pytest.raises(Refused) as refused:
        VERBS[verb](scene, filing)
    assert refused.value.axis == "window"
    extend(
        period=scene.period, department=scene.lead, until=scene.at + timedelta(days=1), reason="停电", approver="主任",
        by=scene.reviewer, at=scene.at,
    )  # fmt: skip
    VERBS[verb](scene, filing)


# Submitting


def test_submitting_lists_what_every_entry_lacks(scene: Scene) -> None:
    f.fill_entry(scene.progress, by=scene.filer, at=scene.at)
    with pytest.raises(Incomplete) as refused:
        submit(filing=scene.filing, checked_by="周", by=scene.filer, at=scene.at)
    left = Entry.objects.filter(filing=scene.filing).exclude(pk=scene.progress.pk)
    assert set(refused.value.problems) == set(left.values_list("pk", flat=True))
    assert [p.field for p in refused.value.problems[scene.reading.pk]] == ["value_state"]
    assert refused.value.sentence == "还有 4 项未填齐，请逐项补充后再提交。"
    assert scene.filing.status == Status.DRAFT


def test_submitting_keeps_who_checked_and_when(scene: Scene) -> None:
    submit(filing=scene.fill(), checked_by=" 周立群 ", by=scene.colleague, at=scene.at)
    filing = scene.filing
    assert (filing.checked_by, filing.checked_at, filing.filled_by) == ("周立群", scene.at, scene.colleague)


def test_submitting_takes_an_untouched_return_for_missing(scene: Scene) -> None:
    scene.fill()
    submit(filing=scene.filing, by=scene.filer, at=scene.at)
    later = scene.at + timedelta(minutes=5)
    send_back(filing=scene.filing, notes={scene.progress.pk: ("R01", "写实")}, by=scene.approver, at=later)
    with pytest.raises(Incomplete) as refused:
        submit(filing=scene.filing, by=scene.filer, at=later)
    assert list(refused.value.problems) == [scene.progress.pk]
    f.fill_entry(scene.progress, by=scene.filer, at=later)
    submit(filing=scene.filing, by=scene.filer, at=later)
    assert scene.progress.decision == Decision.OPEN
    assert (scene.progress.return_code, scene.progress.return_note) == ("R01", "写实")


def test_submitting_judges_anew_what_was_compared_with_a_quarter_that_has_changed_since(scene: Scene) -> None:
    scene.send()
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    filing = f.filing_of(later, scene.lead)
    f.fill(filing, by=scene.filer, at=scene.at)
    entry = f.fill_entry(
        f.entry_of(filing, kind="progress"), by=scene.filer, at=scene.at, text=scene.progress.text
    )
    assert not entry.is_complete  # copied from last quarter
    Entry.objects.filter(pk=scene.progress.pk).update(text="上季改正过的文字")
    submit(filing=filing, by=scene.filer, at=scene.at)
    sign(filing=filing, by=scene.approver, at=scene.at)
    assert f.accept(filing, by=scene.reviewer, at=scene.at).status == Status.ACCEPTED


# Signing


def test_the_first_signing_fixes_timeliness_for_ever(scene: Scene) -> None:
    scene.send()
    first = scene.at
    decide_entry(
        entry=scene.progress, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="写实",
        by=scene.reviewer, at=first,
    )  # fmt: skip
    for entry in Entry.objects.filter(filing=scene.filing, decision=Decision.OPEN):
        decide_entry(entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=first)
    complete_review(filing=scene.filing, by=scene.reviewer, at=first)
    scene.at = first + timedelta(days=12)
    scene.send()
    filing = scene.filing
    assert (filing.first_submitted_at, filing.submitted_at) == (first, scene.at)
    assert (filing.submissions, filing.returns) == (2, 1)


def test_signing_keeps_a_version_of_every_entry_and_an_event(scene: Scene) -> None:
    scene.send()
    assert EntryVersion.objects.filter(entry__filing=scene.filing, no=1).count() == 5
    event = Event.objects.get(verb="filing.sign")
    assert (event.actor_name, event.before, event.after) == (
        "陆建平",
        {"status": "awaiting_signoff"},
        {"status": "submitted"},
    )


# Sending back


def test_sending_back_marks_the_entries_with_code_and_note(scene: Scene) -> None:
    put(scene, Status.AWAITING_SIGNOFF)
    notes = {scene.progress.pk: ("R03", " 缺报告 "), scene.reading.pk: ("R05", "口径")}
    send_back(filing=scene.filing, notes=notes, by=scene.approver, at=scene.at)
    entry = scene.progress
    assert (entry.decision, entry.return_code, entry.return_note) == (Decision.SENT_BACK, "R03", "缺报告")
    assert (entry.decided_by, entry.decided_at) == (scene.approver, scene.at)
    assert list(
        Move.objects.filter(filing=scene.filing, verb="send_back_entry").values_list("entry", "code", "note")
    ) == [(scene.progress.pk, "R03", "缺报告"), (scene.reading.pk, "R05", "口径")]
    assert scene.entry("summary").decision == Decision.OPEN


@pytest.mark.parametrize(
    ("notes", "sentence"),
    [
        ({}, "请选择要退回的填报项，并写明退回原因和意见。"),
        ({"own": ("", "写实")}, "每个退回项都要选择原因代码并写明意见，填报人才知道改什么。"),
        ({"own": ("R99", "写实")}, "每个退回项都要选择原因代码并写明意见，填报人才知道改什么。"),
        ({"own": ("R01", "  ")}, "每个退回项都要选择原因代码并写明意见，填报人才知道改什么。"),
        (
            {"own": ("R01", "写实"), "foreign": ("R01", "写实")},
            "所选填报项不属于这份报送，请刷新页面后重选。",
        ),
    ],
)
def test_a_send_back_without_entry_code_or_words_is_refused(
    scene: Scene, notes: dict[str, tuple[str, str]], sentence: str
) -> None:
    put(scene, Status.AWAITING_SIGNOFF)
    foreign = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    ids = {"own": scene.progress.pk, "foreign": foreign.pk}
    meant = {ids[key]: note for key, note in notes.items()}
    with pytest.raises(Refused) as refused:
        send_back(filing=scene.filing, notes=meant, by=scene.approver, at=scene.at)
    assert (refused.value.axis, refused.value.sentence) == ("content", sentence)
    assert scene.filing.status == Status.AWAITING_SIGNOFF
    assert scene.progress.decision == Decision.OPEN


def test_an_accepted_entry_cannot_be_sent_back(scene: Scene) -> None:
    scene.send()
    decide_entry(
        entry=scene.reading, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=scene.at
    )
    Filing.objects.filter(pk=scene.filing.pk).update(status=Status.AWAITING_SIGNOFF)
    with pytest.raises(Refused) as refused:
        send_back(filing=scene.filing, notes={scene.reading.pk: ("R01", "x")}, by=scene.approver, at=scene.at)
    assert (refused.value.axis, refused.value.sentence) == ("status", "“绿道长度”已被采纳，不能再退回修改。")
    assert scene.reading.decision == Decision.ACCEPTED


# Races


def test_the_loser_of_a_race_is_told_who_won(scene: Scene) -> None:
    seen = put(scene, Status.AWAITING_SIGNOFF)
    sign(filing=scene.filing, by=scene.approver, at=scene.at)
    with pytest.raises(AlreadyMoved) as refused:
        recall(filing=seen, by=scene.filer, at=scene.at)
    assert refused.value.sentence == (
        f"陆建平已于 {local(scene.at):%m-%d %H:%M} 对牵头局 2020年第2季度报送办理“签发报送”，请刷新页面后再办。"
    )
    assert scene.filing.status == Status.SUBMITTED


def test_the_winner_is_named_after_his_step_and_not_after_a_decision_on_an_entry(scene: Scene) -> None:
    seen = put(scene, Status.AWAITING_SIGNOFF)
    send_back(filing=scene.filing, notes={scene.progress.pk: ("R01", "x")}, by=scene.approver, at=scene.at)
    with pytest.raises(AlreadyMoved) as refused:
        sign(filing=seen, by=f.make_approver(scene.lead), at=scene.at)
    assert "办理“签发退回”" in refused.value.sentence


@pytest.mark.django_db(transaction=True)
def test_submitting_waits_for_a_save_under_way_and_judges_what_it_wrote() -> None:
    scene = Scene()
    scene.fill()
    saved, finish = Flag(), Flag()
    results: list[str] = []

    def save() -> None:
        with transaction.atomic():
            f.fill_entry(scene.progress, by=scene.colleague, at=scene.at, text="")
            saved.set()
            finish.wait(timeout=30)
        connection.close()

    def hand_on() -> None:
        try:
            submit(filing=scene.filing, checked_by="周", by=scene.filer, at=scene.at)
            results.append("submitted")
        except Incomplete as refused:
            results.append(refused.sentence)
        finally:
            connection.close()

    threads = [Thread(target=save), Thread(target=hand_on)]
    threads[0].start()
    assert saved.wait(timeout=30)
    threads[1].start()
    while not is_somebody_waiting():
        assert threads[1].is_alive()
    finish.set()
    for thread in threads:
        thread.join(timeout=60)
    assert results == ["还有 1 项未填齐，请逐项补充后再提交。"]
    assert scene.filing.status == Status.DRAFT


def is_somebody_waiting() -> bool:
    """Whether a session of PostgreSQL waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_act_at_once_exactly_one_moves_the_filing() -> None:
    scene = Scene()
    put(scene, Status.AWAITING_SIGNOFF)
    ready = Barrier(2)
    results: list[str] = []

    def act(verb: str) -> None:
        try:
            filing = scene.filing
            ready.wait(timeout=30)
            VERBS[verb](scene, filing)
            results.append("moved")
        except AlreadyMoved:
            results.append("too late")
        finally:
            connection.close()

    threads = [Thread(target=act, args=(verb,)) for verb in ("sign", "recall")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["moved", "too late"]
    taken = Move.objects.filter(filing=scene.filing, verb__in=["sign", "recall"])
    assert scene.filing.status == STEPS[taken.get().verb].to
