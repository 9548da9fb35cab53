"""Word-level differences between two texts."""

import pytest

from filings.differences import Change, Piece, compare, replaced

KEPT, COPIED, ADDED, GONE = Change.KEPT, Change.COPIED, Change.ADDED, Change.GONE


def pieces(*pairs: tuple[Change, str]) -> tuple[Piece, ...]:
    return tuple(Piece(change, text) for change, text in pairs)


def test_numbers_are_compared_as_a_whole():
    found = compare("建成绿道29.2公里", "建成绿道32.0公里")
    assert found.old == pieces((KEPT, "建成绿道"), (GONE, "29.2"), (KEPT, "公里"))
    assert found.new == pieces((KEPT, "建成绿道"), (ADDED, "32.0"), (KEPT, "公里"))


def test_a_long_unchanged_run_is_copied_and_measured():
    found = compare("征地协调难度大，苗木种植受限。", "征地协调难度大，苗木种植受限，进度偏慢。")
    assert found.new == pieces((COPIED, "征地协调难度大，苗木种植受限"), (ADDED, "，进度偏慢"), (KEPT, "。"))
    assert found.old == pieces((KEPT, "征地协调难度大，苗木种植受限"), (KEPT, "。"))
    assert found.copied == 73  # 14 of 19 characters, the full stop at the end not counted


def test_equal_texts_are_copied_entirely():
    text = "部分路段征地协调难度大，苗木受限"
    assert compare(text, text).new == pieces((COPIED, text))
    assert compare(text, text).copied == 100


def test_between_two_versions_of_one_text_nothing_is_copied():
    text = "部分路段征地协调难度大，苗木受限"
    own = compare(text, text).without_copies()
    assert own.new == pieces((KEPT, text))
    assert own.copied == 0


def test_a_crumb_between_two_changes_is_part_of_the_change():
    found = compare("甲完成乙", "丙完成丁")
    assert found.old == pieces((GONE, "甲完成乙"))
    assert found.new == pieces((ADDED, "丙完成丁"))


@pytest.mark.parametrize(
    ("old", "new", "olds", "news"),
    [
        ("", "", (), ()),
        ("", "新增内容", (), ((ADDED, "新增内容"),)),
        ("原有内容", "", ((GONE, "原有内容"),), ()),
    ],
)
def test_an_empty_side_has_no_pieces(old, new, olds, news):
    found = compare(old, new)
    assert found.old == pieces(*olds)
    assert found.new == pieces(*news)
    assert found.copied == 0


def test_short_values_are_kept_or_replaced_as_a_whole():
    assert replaced("75%", "75%").new == pieces((KEPT, "75%"))
    changed = replaced("75%", "100%")
    assert (changed.old, changed.new) == (pieces((GONE, "75%")), pieces((ADDED, "100%")))
    assert replaced("", "100%").old == ()


def test_texts_that_would_take_too_long_are_compared_by_sentence():
    old, new = "的" * 400 + "。旧。", "的" * 400 + "。新。"
    found = compare(old, new)
    assert found.old == pieces((KEPT, "的" * 400 + "。"), (GONE, "旧。"))
    assert found.new == pieces((COPIED, "的" * 400 + "。"), (ADDED, "新。"))


def test_nothing_of_a_text_is_lost():
    old, new = "一季度完成12%，二季度完成30%。", "一季度完成12%；\n三季度完成 45.5%。"
    found = compare(old, new)
    assert "".join(piece.text for piece in found.old) == old
    assert "".join(piece.text for piece in found.new) == new
