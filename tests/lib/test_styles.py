"""What the style sheets promise of a page's shape, measured in a real browser."""

import pytest
from django.template.loader import render_to_string

from harbor_plan.navigation import MENUS, navigation
from tests.conftest import keys
from tests.lib.test_scripts import Site

pytestmark = pytest.mark.browser

SHEETS = "".join(
    f'<link rel="stylesheet" href="/static/{name}.css">'
    for name in (
        "vendor/bootstrap-5.3.9/bootstrap.min", "css/tokens", "css/base", "css/shell", "css/responsibility",
        "css/indicator",
    )
)  # fmt: skip


@pytest.fixture
def styled(page):
    """Shows a body with our style sheets at a width, and hands back the page."""
    site = Site(page)

    def show(body, width):
        page.set_viewport_size({"width": width, "height": 800})
        site.show(SHEETS + body)
        return page

    return show


def bar(roles):
    """The navigation of these roles, with something waiting on every page."""
    counts = {
        page.name: 12 for role in roles for e in MENUS[role] for page in (getattr(e, "pages", None) or (e,))
    }
    return render_to_string("partials/nav.html", {"shell": {"nav": navigation(roles, "/", counts)}})


WHO = [[role] for role in MENUS] + [list(MENUS)]


@pytest.mark.parametrize("roles", WHO, ids=lambda roles: "+".join(roles))
def test_the_navigation_is_one_row_on_a_desk(styled, roles):
    page = styled(bar(roles), 1366)
    tops = page.evaluate("Array.from(document.querySelectorAll('nav > ul > li'), li => li.offsetTop)")
    assert len(set(tops)) == 1


@pytest.mark.parametrize("roles", WHO, ids=lambda roles: "+".join(roles))
def test_every_group_of_the_navigation_opens_within_a_phone(styled, roles):
    page = styled(bar(roles), 390)
    groups = page.locator("nav summary").all()
    for group in groups:
        group.press("Enter")
        right = page.evaluate(
            "Math.max(...Array.from(document.querySelectorAll('details[open] a'), a => a.getBoundingClientRect().right))"
        )
        assert 0 < right <= 390
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        keys(page, "Escape")
    assert page.locator("details[open]").count() == 0


def test_the_mark_of_a_note_is_never_broken(styled):
    cells = "".join(f"<tr><td class='tname'>{'题' * n}<sup>注17</sup></td></tr>" for n in range(12, 24))
    page = styled(f"<table class='resp'>{cells}</table>", 340)
    lines = page.evaluate("Array.from(document.querySelectorAll('sup'), s => s.getClientRects().length)")
    assert lines == [1] * 12


def test_words_in_the_place_of_a_figure_are_set_smaller_on_the_same_line(styled):
    figures = '<div><dt>完成</dt><dd><span class="fig{}">{}</span><p class="say">注</p></dd></div>'
    body = figures.format("", "45.0") + figures.format(" is-words", "无法计算")
    page = styled(f'<dl class="keyfigs">{body}</dl>', 1366)
    sizes = page.evaluate(
        "Array.from(document.querySelectorAll('.fig'), f => parseFloat(getComputedStyle(f).fontSize))"
    )
    assert sizes == [28, 16]
    lines = page.evaluate(
        "Array.from(document.querySelectorAll('.say'), s => Math.round(s.getBoundingClientRect().top))"
    )
    assert lines[0] == lines[1]
