"""What changed between two versions: every field of every kind, files and work items included."""

import pytest

from filings.models.entry import FIELDS
from filings.queries.comparison import against_quarter, against_sent
from filings.terms import EntryKind
from tests.filings.scene import Scene

#: Two different contents of every field people write.
TWO = {
    "percent": ("40", "50"),
    "percent_reason": ("按台账", "按合同"),
    "self_light": ("on_track", "behind"),
    "pace": ("as_planned", "delayed"),
    "text": ("完成五家", "完成六家"),
    "nothing_reason": ("汛期停工", "冬季停工"),
    "problems": ("征地", "管线"),
    "cause": ("审批", "供货"),
    "coordination": ("请协调", "请协助"),
    "next_steps": ("赶工", "验收"),
    "next_on": ("2020-07-31", "2020-08-31"),
    "milestone_state": ("not_begun", "under_way"),
    "done_on": ("2020-05-01", "2020-06-01"),
    "value_state": ("value", "no_data"),
    "value": ("40", "45"),
    "numerator": ("8", "9"),
    "denominator": ("10", "12"),
    "explanation": ("数据已核", "台账有误"),
}


class Version:
    """What `against_sent` reads of a version."""

    def __init__(self, no, content):
        self.no, self.content, self.correction_reason = no, content, ""


@pytest.fixture
def scene(db):
    return Scene()


def fields(comparison):
    return {field.name: field for field in comparison.fields}


def pieces(found):
    return (
        [(piece.change, piece.text) for piece in found.difference.old],
        [(piece.change, piece.text) for piece in found.difference.new],
    )


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_field_of_every_kind_is_compared(scene, kind):
    if kind == EntryKind.CONTRIBUTION:
        entry = scene.filing.period.filings.get(department=scene.helper).entries.for_page().get(kind=kind)
    elif kind == EntryKind.READING:
        entry = scene.reading
    else:
        entry = scene.entry(kind)
    before, after = ({name: TWO[name][n] for name in FIELDS[kind]} for n in (0, 1))
    found = fields(against_sent(entry, [Version(1, before), Version(2, after)], after))
    assert set(found) == set(FIELDS[kind]) - {"self_light"}  # lights stand by themselves
    for field in found.values():
        old, new = pieces(field)
        assert any(change == "gone" for change, _ in old), field.name
        assert any(change == "added" for change, _ in new), field.name
    same = fields(against_sent(entry, [Version(1, before), Version(2, before)], before))
    assert all(piece.change == "kept" for field in same.values() for piece in field.difference.new)


def test_files_are_compared_one_by_one(scene):
    old = [{"name": "验收单.pdf", "sha256": "a" * 64}, {"name": "照片.jpg", "sha256": "b" * 64}]
    new = [{"name": "验收单.pdf", "sha256": "a" * 64}, {"name": "台账.xlsx", "sha256": "c" * 64}]
    before, after = {"text": "一", "evidence": old}, {"text": "一", "evidence": new}
    field = fields(against_sent(scene.progress, [Version(1, before), Version(2, after)], after))["evidence"]
    assert (field.label, field.note) == ("佐证材料", "新增 1 份，减少 1 份")
    assert pieces(field) == (
        [("kept", "验收单.pdf\n"), ("gone", "照片.jpg\n")],
        [("kept", "验收单.pdf\n"), ("added", "台账.xlsx\n")],
    )


def test_other_bytes_under_the_same_name_are_another_file(scene):
    before = {"evidence": [{"name": "台账.xlsx", "sha256": "a" * 64}]}
    after = {"evidence": [{"name": "台账.xlsx", "sha256": "c" * 64}]}
    field = fields(against_sent(scene.progress, [Version(1, before), Version(2, after)], after))["evidence"]
    assert pieces(field) == (
        [("gone", "台账.xlsx（摘要 aaaaaaaa）\n")],
        [("added", "台账.xlsx（摘要 cccccccc）\n")],
    )


def test_the_first_files_and_the_last_one_taken_off_are_seen(scene):
    files = {"evidence": [{"name": "台账.xlsx", "sha256": "a" * 64}]}
    added = fields(against_sent(scene.progress, [Version(1, {}), Version(2, files)], files))["evidence"]
    assert pieces(added) == ([], [("added", "台账.xlsx\n")])
    gone = fields(against_sent(scene.progress, [Version(1, files), Version(2, {})], {}))["evidence"]
    assert pieces(gone) == ([("gone", "台账.xlsx\n")], [])


def test_work_items_are_compared_line_by_line_also_with_last_quarter(scene):
    old = {
        "items": [
            {"id": 1, "measure": "管网改造", "percent": "40"},
            {"id": 2, "measure": "验收", "percent": "0"},
        ]
    }
    new = {
        "items": [
            {"id": 1, "measure": "管网改造", "percent": "55"},
            {"id": 2, "measure": "验收", "percent": "0"},
        ]
    }
    field = fields(against_sent(scene.progress, [Version(1, old), Version(2, new)], new))["items"]
    assert (field.label, field.note) == ("工作项进度", "新增 1 项，减少 1 项")
    assert pieces(field) == (
        [("gone", "管网改造 40%\n"), ("kept", "验收 0%\n")],
        [("added", "管网改造 55%\n"), ("kept", "验收 0%\n")],
    )
    beside = fields(against_quarter(scene.progress, None, [], new))["items"]
    assert pieces(beside) == ([], [("added", "管网改造 55%\n"), ("added", "验收 0%\n")])
