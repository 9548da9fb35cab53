"""A clerk who has never seen the system files a whole quarter, and the approver signs it, without touching a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from filings.terms import Status
from tests.conftest import keys
from tests.factories import PASSWORD
from tests.filings.samples import pdf
from tests.filings.scene import Scene
from tests.journeys.desk import kept, says

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

#: Counts what only a mouse does, over all pages of a tab.
WATCH = """["mousedown", "pointerdown", "wheel"].forEach(name => window.addEventListener(name, () => {
  sessionStorage.setItem("mouse", String(Number(sessionStorage.getItem("mouse")) + 1));
}, true));"""
#: So many presses of Tab lead to anything on a page.
MOST_TABS = 60


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, seen by the live server too."""
    return Scene()


@pytest.fixture
def seat(new_page: Callable[..., Page], live_server: object) -> Callable[[User], Page]:
    """Sits a person down at a browser of their own, signed in through the form, by keyboard."""

    def sit(person: User) -> Page:
        page = new_page(base_url=live_server.url)  # type: ignore[attr-defined]
        page.add_init_script(WATCH)
        page.goto("/login/")
        reach(page.get_by_label("用户名"))
        page.keyboard.type(person.username)
        keys(page, "Tab")
        page.keyboard.type(PASSWORD)
        keys(page, "Enter")
        expect(page.get_by_label("口令")).to_have_count(0)
        return page

    return sit


def reach(target: Locator) -> None:
    """Press Tab until the focus is there and can be seen."""
    page = target.page
    expect(target).to_have_count(1)
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            break
        keys(page, "Tab")
    expect(target).to_be_focused()
    assert target.evaluate(
        "element => { const s = getComputedStyle(element); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
    ), "the focus cannot be seen"


def press(target: Locator) -> None:
    """Reach a link or a button and press Enter."""
    reach(target)
    keys(target.page, "Enter")


def field(page: Page, label: str) -> Locator:
    """The input of one field of the entry."""
    return page.locator("#entry-form").get_by_label(label)


def write(page: Page, label: str, text: str) -> None:
    """Reach a field and type over what stands in it."""
    reach(field(page, label))
    keys(page, "Control+a")
    page.keyboard.type(text)


def pick(page: Page, group: str, option: str) -> None:
    """Reach a group of radio buttons and move to one of them with the arrow keys."""
    radios = page.get_by_role("group", name=group).get_by_role("radio")
    reach(radios.first)
    keys(page, "Space")
    wanted = page.get_by_role("group", name=group).get_by_role("radio", name=option, exact=True)
    for _ in range(radios.count()):
        if wanted.is_checked():
            break
        keys(page, "ArrowDown")
    expect(wanted).to_be_checked()


def goes_on(page: Page, title: str) -> None:
    """Ctrl+Enter saves and leads to the next entry, ready for typing."""
    keys(page, "Control+Enter")
    expect(page.get_by_role("heading", level=2).first).to_have_text(title)
    expect(page.locator("#entry-form :focus")).to_have_count(1)


def mouse(page: Page) -> str | None:
    """How often a mouse was used in this tab."""
    return page.evaluate("sessionStorage.getItem('mouse')")  # type: ignore[no-any-return]


def test_a_whole_quarter_by_keyboard(scene: Scene, seat: Callable[[User], Page]) -> None:
    page = seat(scene.filer)
    says(page, "本季应报 5 项，已填 0 项，还有 5 项。")
    press(page.get_by_role("link", name="开始填报"))
    says(page, "Ctrl+Enter 保存并到下一项")
    press(page.get_by_role("link", name="跳到填报栏"))
    write(page, "本年完成比例", "50")
    pick(page, "自评亮灯", "正常")
    reach(field(page, "进展状态"))
    keys(page, "ArrowDown")
    expect(field(page, "进展状态")).to_have_value("as_planned")
    write(page, "进展情况", "完成 5 家企业治理。")
    keys(page, "Control+s")
    kept(page)
    with page.expect_file_chooser() as chooser:
        press(page.locator("#files"))
    chooser.value.set_files([{"name": "治理台账.pdf", "mimeType": "application/pdf", "buffer": pdf()}])
    expect(page.locator("[data-part=desk_evidence]")).to_contain_text("治理台账.pdf")
    goes_on(page, "1 净气行动")
    write(page, "行动小结", "各项任务按计划推进。")
    goes_on(page, "1.1 建成监测站")
    pick(page, "节点状态", "进行中")
    write(page, "情况说明", "主体结构完工。")
    goes_on(page, "绿道长度")
    write(page, "数值", "32.5")
    keys(page, "Alt+ArrowUp")
    expect(field(page, "情况说明")).to_have_value("主体结构完工。")
    keys(page, "Alt+ArrowDown")
    expect(field(page, "数值")).to_have_value("32.5")
    goes_on(page, "达标率")
    write(page, "分子", "8")
    write(page, "分母", "10")
    keys(page, "Control+Enter")
    says(page, "5 项均已填齐", "填了完成比例的项均有佐证材料")
    write_name(page, "周立群")
    says(page, "已提交签发。")
    assert scene.filing.status == Status.AWAITING_SIGNOFF
    assert mouse(page) is None

    other = seat(scene.approver)
    press(other.get_by_role("link", name="待签发").first)
    press(other.get_by_role("link", name="查看并签发"))
    says(other, "签发前检查", "治理台账.pdf")
    press(other.get_by_role("button", name="签发报送"))
    press(other.get_by_role("dialog").get_by_role("button", name="签发报送"))
    says(other, "已签发，报推进办审核。")
    assert scene.filing.status == Status.SUBMITTED
    assert mouse(other) is None


def write_name(page: Page, name: str) -> None:
    """Who checked it, and Enter, which submits."""
    reach(page.get_by_label("单位审核人"))
    page.keyboard.type(name)
    keys(page, "Enter")


def test_the_list_and_the_checklist_lead_by_keyboard(scene: Scene, seat: Callable[[User], Page]) -> None:
    page = seat(scene.filer)
    press(page.get_by_role("link", name="开始填报"))
    entries = page.get_by_role("navigation", name="填报项").get_by_role("link")
    reach(entries.first)
    keys(page, "ArrowDown")
    keys(page, "ArrowDown")
    expect(entries.nth(2)).to_be_focused()
    keys(page, "ArrowUp")
    expect(entries.nth(1)).to_be_focused()
    keys(page, "Enter")
    expect(page.get_by_role("heading", level=2).first).to_have_text("1 净气行动")
    keys(page, "Alt+c")
    expect(page.locator("#check")).to_be_focused()
    press(page.get_by_role("link", name="去改"))
    expect(field(page, "行动小结")).to_be_focused()
    assert mouse(page) is None
