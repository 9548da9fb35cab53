"""Two people applying workbooks in the same moment, on PostgreSQL: one is done, the other is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from filings.models import Entry, WorkbookUpload
from filings.services.entries import save_entry
from filings.services.workbook import Chosen, apply_upload
from tests.filings.scene import Scene
from tests.filings.workbook import books as b
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def applies(scene: Scene, upload: WorkbookUpload, entry: Entry) -> Callable[[], object]:
    chosen = {entry.pk: Chosen(entry.version)}
    return lambda: apply_upload(upload=upload, chosen=chosen, by=scene.filer, at=scene.at)


def says(scene: Scene, text: str) -> WorkbookUpload:
    return b.kept(scene, b.with_values(b.taken(scene), scene.progress, text=text))


def test_one_workbook_is_written_once() -> None:
    scene = Scene()
    upload, entry = says(scene, "写一次"), scene.progress
    assert at_once(applies(scene, upload, entry), applies(scene, upload, entry)) == ["done", "race"]
    assert (scene.progress.version, scene.progress.text) == (1, "写一次")


def test_of_two_workbooks_with_the_same_row_one_is_written() -> None:
    scene = Scene()
    first, second, entry = says(scene, "甲"), says(scene, "乙"), scene.progress
    assert at_once(applies(scene, first, entry), applies(scene, second, entry)) == ["done", "race"]
    assert scene.progress.version == 1
    (applied,) = WorkbookUpload.objects.exclude(applied_at=None)
    assert scene.progress.text == {first.pk: "甲", second.pk: "乙"}[applied.pk]


def test_a_page_and_a_workbook_at_once() -> None:
    scene = Scene()
    upload, entry = says(scene, "表里写的"), scene.progress
    page = {"entry": entry, "values": {"text": "网页写的"}, "unparsed": {}, "version": 0}
    results = at_once(
        applies(scene, upload, entry), lambda: save_entry(**page, by=scene.colleague, at=scene.at)
    )
    assert results == ["done", "race"]
    assert scene.progress.version == 1
