"""Evidence on entries: the services. Who may, what is stored once, what is refused, what is kept for ever."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core.files.storage import default_storage

from audit.models import Event
from filings.errors import Refused
from filings.models import Attachment, Entry, EvidenceFile
from filings.services.entries import content, problems_of, save_entry
from filings.services.evidence import Attached, attach, detach, reuse
from filings.services.moves import recall, submit
from filings.services.review import accept_rest, complete_review, decide_entry
from filings.terms import Decision
from tests import factories as f
from tests.filings.samples import file
from tests.filings.scene import Scene

pytestmark = pytest.mark.django_db


def stored() -> list[str]:
    """Every file that lies in the storage."""
    found, folders = [], [""]
    while folders:
        at = folders.pop()
        inside, names = default_storage.listdir(at or ".")
        folders += [f"{at}/{name}".strip("/") for name in inside]
        found += [f"{at}/{name}" for name in names]
    return found


@pytest.fixture(autouse=True)
def empty_storage() -> None:
    for name in stored():
        default_storage.delete(name)


def put(scene: Scene, entry: Entry | None = None, **how: str) -> Attached:
    return attach(entry=entry or scene.progress, file=file(**how), by=scene.filer, at=scene.at)


def names(entry: Entry) -> list[str]:
    return [attachment.evidence.name for attachment in entry.files]


def test_a_file_is_stored_under_a_random_name_with_its_digest(scene: Scene) -> None:
    done = put(scene)
    kept = EvidenceFile.objects.get()
    sent = file()
    assert (kept.name, kept.suffix, kept.size, kept.sha256) == ("检查记录.pdf", "pdf", sent.size, sent.sha256)
    assert (kept.department, kept.uploaded_by, kept.uploaded_at) == (scene.lead, scene.filer, scene.at)
    assert (done.remark, names(scene.progress)) == ("", ["检查记录.pdf"])
    assert stored() == [kept.file.name]
    assert "检查" not in kept.file.name
    with kept.file.open() as opened:
        assert opened.read() == sent.data
    event = Event.objects.get(verb="entry.attach")
    assert (event.actor_id, event.after["sha256"]) == (scene.filer.pk, sent.sha256)


def test_a_file_makes_no_open_page_out_of_date_but_is_a_hand_in_it(scene: Scene) -> None:
    put(scene)
    entry = scene.progress
    assert (entry.version, entry.edited_by, entry.edited_at) == (0, scene.filer, scene.at)
    assert scene.filing.filled_by == scene.filer


def test_the_same_bytes_twice_on_an_entry_are_said_so(scene: Scene) -> None:
    put(scene)
    with pytest.raises(Refused) as refused:
        put(scene, name="又一份.pdf")
    assert (refused.value.axis, refused.value.sentence) == (
        "content",
        "“检查记录.pdf”已在本项佐证材料中，无须重复添加。",
    )
    assert (Attachment.objects.count(), len(stored())) == (1, 1)


def test_the_same_bytes_on_another_entry_are_stored_once_and_told_where(scene: Scene) -> None:
    put(scene)
    done = put(scene, scene.reading, name="又一份.pdf")
    assert done.remark == (
        "本单位已有内容相同的文件，已用于2020年第2季度 “治理废气”，按原名“检查记录.pdf”显示，没有重复存储。"
    )
    assert (EvidenceFile.objects.count(), Attachment.objects.count(), len(stored())) == (1, 2, 1)


def test_another_department_stores_its_own(scene: Scene) -> None:
    put(scene)
    theirs = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    done = attach(entry=theirs, file=file(), by=scene.stranger, at=scene.at)
    assert (done.remark, EvidenceFile.objects.count(), len(stored())) == ("", 2, 2)


def test_an_earlier_file_is_attached_again(scene: Scene) -> None:
    earlier = put(scene).attachment.evidence
    reuse(entry=scene.reading, evidence=earlier, by=scene.filer, at=scene.at)
    assert names(scene.reading) == ["检查记录.pdf"]


def test_another_departments_file_is_not(scene: Scene) -> None:
    theirs = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    foreign = attach(entry=theirs, file=file(), by=scene.stranger, at=scene.at).attachment.evidence
    with pytest.raises(Refused) as refused:
        reuse(entry=scene.progress, evidence=foreign, by=scene.filer, at=scene.at)
    assert (refused.value.axis, refused.value.sentence) == (
        "permission",
        "“检查记录.pdf”不是牵头局上传的文件，不能引用。",
    )
    assert names(scene.progress) == []


def test_taking_off_is_kept_with_who_and_when_and_can_be_undone(scene: Scene) -> None:
    attachment = put(scene).attachment
    detach(attachment=attachment, by=scene.colleague, at=scene.at)
    attachment.refresh_from_db()
    assert (attachment.removed_by, attachment.removed_at) == (scene.colleague, scene.at)
    assert (names(scene.progress), len(stored())) == ([], 1)
    with pytest.raises(Refused, match=r"“检查记录.pdf”已被移除，请刷新页面。"):
        detach(attachment=attachment, by=scene.filer, at=scene.at)
    put(scene)
    assert names(scene.progress) == ["检查记录.pdf"]


# Refused by one of the three axes


Act = Callable[[Scene, Attachment], object]

ACTS: dict[str, Act] = {
    "attach": lambda scene, there: attach(
        entry=there.entry, file=file(words="2"), by=scene.filer, at=scene.at
    ),
    "reuse": lambda scene, there: reuse(
        entry=there.entry, evidence=there.evidence, by=scene.filer, at=scene.at
    ),
    "detach": lambda scene, there: detach(attachment=there, by=scene.filer, at=scene.at),
}
every_act = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)


@every_act
def test_a_closed_window_refuses(scene: Scene, act: Act) -> None:
    there = put(scene).attachment
    scene.period.due_at = scene.at - timedelta(days=2)
    scene.period.closes_at = scene.at - timedelta(days=1)
    scene.period.save()
    with pytest.raises(Refused) as refused:
        act(scene, there)
    assert refused.value.axis == "window"
    assert (names(scene.progress), len(stored())) == (["检查记录.pdf"], 1)


@every_act
def test_a_filing_on_its_way_refuses(scene: Scene, act: Act) -> None:
    scene.fill()
    there = put(scene).attachment
    submit(filing=scene.filing, checked_by="周", by=scene.filer, at=scene.at)
    with pytest.raises(Refused) as refused:
        act(scene, there)
    assert refused.value.axis == "status"
    assert refused.value.sentence == "牵头局 2020年第2季度报送正在等待签发，需要修改请先撤回。"
    recall(filing=scene.filing, by=scene.filer, at=scene.at)
    assert names(scene.progress) == ["检查记录.pdf"]


@every_act
def test_whoever_does_not_file_there_is_refused(scene: Scene, act: Act) -> None:
    there = put(scene).attachment
    scene.filer = scene.approver
    with pytest.raises(Refused) as refused:
        act(scene, there)
    assert (refused.value.axis, refused.value.sentence) == (
        "permission",
        "只有牵头局的填报人可以办理，您可以查看。",
    )


@every_act
def test_an_accepted_entry_is_closed(scene: Scene, act: Act) -> None:
    there = put(scene).attachment
    scene.send()
    decide_entry(
        entry=scene.reading,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R01",
        note="补充",
        by=scene.reviewer,
        at=scene.at,
    )
    accept_rest(filing=scene.filing, by=scene.reviewer, at=scene.at)
    complete_review(filing=scene.filing, by=scene.reviewer, at=scene.at)
    with pytest.raises(Refused) as refused:
        act(scene, there)
    assert refused.value.axis == "status"
    assert refused.value.sentence.startswith("“治理废气”已被采纳，不能再改。")


# Limits and failures


def test_so_many_per_entry(scene: Scene, settings: object) -> None:
    settings.EVIDENCE_PER_ENTRY = 2  # type: ignore[attr-defined]
    put(scene, words="1")
    put(scene, words="2")
    with pytest.raises(Refused, match=r"^每项最多 2 个佐证材料，请合并文件或移除不用的。$"):
        put(scene, words="3")
    assert len(stored()) == 2


def test_so_many_bytes_per_filing_and_a_file_on_two_entries_counts_once(
    scene: Scene, settings: object
) -> None:
    settings.EVIDENCE_PER_FILING = 2 * file().size  # type: ignore[attr-defined]
    put(scene, words="1")
    put(scene, scene.reading, words="1")
    put(scene, words="2")
    with pytest.raises(Refused, match=r"^一份报送的佐证材料合计最多 1 KB，请压缩图片或移除不用的。$"):
        put(scene, words="3")
    assert len(stored()) == 2


def test_nothing_is_left_on_the_disk_when_the_rows_are_not_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("filings.services.evidence.record", fail)
    with pytest.raises(RuntimeError):
        put(scene)
    assert (EvidenceFile.objects.count(), Attachment.objects.count(), stored()) == (0, 0, [])


# What is sent


def test_a_version_carries_the_files_and_a_change_of_files_makes_the_next(scene: Scene) -> None:
    put(scene)
    scene.send()
    sent = scene.progress.versions.get()
    first = {"name": "检查记录.pdf", "sha256": file().sha256}
    assert sent.content["evidence"] == [first]
    assert "evidence" not in scene.reading.versions.get().content
    decide_entry(
        entry=scene.progress,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R03",
        note="缺现场照片",
        by=scene.reviewer,
        at=scene.at + timedelta(minutes=1),
    )
    accept_rest(filing=scene.filing, by=scene.reviewer, at=scene.at)
    complete_review(filing=scene.filing, by=scene.reviewer, at=scene.at)
    later = scene.at + timedelta(hours=1)
    assert problems_of([scene.progress])[scene.progress.pk][0].sentence.startswith("退回后还没有修改")
    attach(entry=scene.progress, file=file("照片说明.pdf", "2"), by=scene.filer, at=later)
    assert problems_of([scene.progress])[scene.progress.pk] == []
    f.file(scene.filing, by=scene.filer, signed_by=scene.approver, at=later)
    last = scene.progress.versions.last()
    assert last is not None
    assert last.no == 2
    assert last.content["evidence"] == [first, {"name": "照片说明.pdf", "sha256": file(words="2").sha256}]


def test_who_may_see_a_file(scene: Scene) -> None:
    evidence = put(scene).attachment.evidence

    def see() -> list[bool]:
        people = (scene.filer, scene.approver, scene.stranger, scene.reviewer, scene.leader)
        return [EvidenceFile.objects.visible_to(who).filter(pk=evidence.pk).exists() for who in people]

    assert see() == [True, True, False, False, False]
    scene.send()
    assert see() == [True, True, False, True, True]


def test_a_file_added_after_sending_is_the_departments_own_until_it_is_sent(scene: Scene) -> None:
    scene.send()
    decide_entry(
        entry=scene.progress,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R03",
        note="补",
        by=scene.reviewer,
        at=scene.at,
    )
    accept_rest(filing=scene.filing, by=scene.reviewer, at=scene.at)
    complete_review(filing=scene.filing, by=scene.reviewer, at=scene.at)
    later = scene.at + timedelta(hours=1)
    evidence = attach(entry=scene.progress, file=file(), by=scene.filer, at=later).attachment.evidence
    seen = EvidenceFile.objects.visible_to(scene.reviewer).filter(pk=evidence.pk)
    assert not seen.exists()
    f.file(scene.filing, by=scene.filer, signed_by=scene.approver, at=later)
    assert seen.exists()


# Claims that ask for proof


def test_a_claim_of_completion_without_a_file_is_asked_about(scene: Scene) -> None:
    entry = f.fill_entry(scene.progress, by=scene.filer, percent=D(100), self_light="done")
    (problem,) = problems_of([entry])[entry.pk]
    assert (problem.field, problem.is_warning, problem.sentence) == (
        "self_light",
        True,
        "自评已完成，但没有佐证材料，请上传佐证，或在提醒说明中写明原因。",
    )
    assert not scene.progress.is_complete
    put(scene)
    assert scene.progress.is_complete
    detach(attachment=scene.progress.files[0], by=scene.filer, at=scene.at)
    assert not scene.progress.is_complete
    explained = save_entry(
        entry=scene.progress,
        values={"explanation": "验收资料为纸质件"},
        unparsed={},
        version=1,
        by=scene.filer,
        at=scene.at,
    )
    assert explained.is_complete


def test_a_saved_entry_compares_no_files(scene: Scene) -> None:
    put(scene)
    entry = f.fill_entry(scene.progress, by=scene.filer)
    assert entry.version == 1
    assert [each["name"] for each in content(entry)["evidence"]] == ["检查记录.pdf"]
