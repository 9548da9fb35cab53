"""Down and up again: what nobody touched is unchanged, and what was typed arrives."""

from filings.workbook.compare import Change
from tests.filings.scene import Scene
from tests.filings.workbook import books as b


def test_an_untouched_workbook_changes_nothing(scene: Scene) -> None:
    scene.fill()
    page = b.seen(scene, b.taken(scene))
    assert [row.change for row in page.rows] == [Change.NONE] * 5
    assert (page.problems, page.notes, page.applicable, page.quiet) == ([], [], [], 5)
