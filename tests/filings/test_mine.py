"""The filer's home: what the department owes this quarter and until when."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.roles import Role
from filings.models import Entry, Filing
from filings.queries.mine import home
from filings.services.moves import send_back, submit
from filings.services.review import decide_entry, reopen
from filings.services.windows import extend
from filings.terms import Decision
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from supervision.models import Notice, NoticeKind
from tests import factories as f
from tests.filings.queries import count
from tests.filings.scene import Scene

URL = reverse("filings:mine")


def test_it_lists_every_entry_by_kind_with_its_state(scene: Scene, client: Client) -> None:
    f.fill_entry(scene.reading, by=scene.filer)
    page = home(scene.filer, at=scene.at)
    assert page.sheet is not None
    assert [(g.kind.label, g.done, [row.state[1] for row in g.rows]) for g in page.sheet.groups] == [
        ("牵头任务进展", 0, ["未填"]),
        ("专项行动小结", 0, ["未填"]),
        ("节点状态", 0, ["未填"]),
        ("指标数据", 1, ["已填", "未填"]),
    ]
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, "<h1>牵头局 2020年第2季度报送</h1>", html=True)
    assertContains(response, "本季应报 <b>5</b> 项，已填 <b>1</b> 项，还有 <b>4</b> 项。")
    due = local(scene.period.due_at)
    assertContains(response, f"<b>{zh.moment(due, with_year=False)}</b> 截止。")
    for title in ("治理废气", "净气行动", "建成监测站", "绿道长度", "达标率"):
        assertContains(response, title)


def test_a_begun_entry_says_what_it_lacks(scene: Scene, client: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, pace="", text="")
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, "填报中")
    assertContains(response, "待补正：进展状态、进展情况")
    assertContains(response, ">续填</a>")
    assertContains(response, ">继续填报</a>")


def test_last_quarter_stands_beside(scene: Scene, client: Client) -> None:
    f.fill_entry(
        scene.progress,
        by=scene.filer,
        percent=D("30.5"),
        self_light="late",
        problems="慢",
        cause="钱",
        next_steps="催",
        next_on=scene.period.last_day,
    )
    scene.send()
    f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    page = home(scene.filer, at=scene.at)
    assert page.sheet is not None
    assert {row.entry.kind: row.before for row in page.sheet.rows if row.entry.title != "达标率"} == {
        "progress": ("late", "30.5%"),
        "summary": ("", "已报"),
        "milestone": ("", "进行中"),
        "reading": ("", "80 千米"),
    }


def test_last_quarter_that_was_never_sent_says_so(scene: Scene) -> None:
    scene.fill()
    f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    page = home(scene.filer, at=scene.at)
    assert page.sheet is not None
    assert {row.before for row in page.sheet.rows} == {("", "未报")}


def test_what_was_returned_and_why_stands_first(scene: Scene, client: Client) -> None:
    submit(filing=scene.fill(), checked_by="周立群", by=scene.filer, at=scene.at)
    send_back(
        filing=scene.filing,
        notes={scene.reading.pk: ("R03", "补监测报告")},
        by=scene.approver,
        at=scene.at + timedelta(hours=1),
    )
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, '<b class="l-late">1 项</b>被退回')
    assertContains(response, "签发退回")
    assertContains(response, "<b>R03 佐证不足</b> 补监测报告")
    assertContains(response, "改正退回的 1 项")
    assertContains(response, f"{reverse('filings:edit', args=[scene.filing.pk])}?entry={scene.reading.pk}")
    assertContains(response, "退回了什么")
    assertContains(response, "陆建平，退回 1 项")


def test_a_filing_on_its_way_can_be_read_and_taken_back(scene: Scene, client: Client) -> None:
    submit(filing=scene.fill(), checked_by="周立群", by=scene.filer, at=scene.at)
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, "本季应报 <b>5</b> 项均已填齐")
    assertContains(response, "等待 陆建平")
    assertContains(response, f'action="{reverse("filings:recall", args=[scene.filing.pk])}"')
    assertNotContains(response, reverse("filings:edit", args=[scene.filing.pk]))


def test_the_way_of_a_filing(scene: Scene) -> None:
    def states() -> list[str]:
        page = home(scene.filer, at=scene.at)
        assert page.sheet is not None
        return [step.state for step in page.sheet.steps]

    assert states() == ["here", "", "", "", ""]
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    assert states() == ["past", "past", "here", "", ""]
    f.sign(filing=scene.filing, by=scene.approver, at=scene.at)
    assert states() == ["past", "past", "past", "past", "here"]
    f.accept(scene.filing, by=scene.reviewer)
    assert states() == ["past"] * 5
    reopen(filing=scene.filing, notes={scene.reading.pk: ("R05", "口径")}, by=scene.reviewer, at=scene.at)
    assert states() == ["here", "", "", "", ""]


def test_an_extension_says_who_and_why(scene: Scene, client: Client) -> None:
    until = scene.period.due_at + timedelta(days=3)
    extend(
        period=scene.period,
        department=scene.lead,
        until=until,
        reason="合并台账",
        approver="王主任",
        by=scene.reviewer,
        at=scene.at,
    )
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, f"已延期至 {zh.moment(local(until))}：合并台账（批准人 王主任）")


def test_past_the_deadline_it_says_so_in_red(db: None, client: Client) -> None:
    scene = Scene()
    scene.period.due_at = scene.at - timedelta(days=1)
    scene.period.save()
    client.force_login(scene.filer)
    assertContains(client.get(URL), '<b class="l-late">已过报送截止时间</b>')


def test_a_closed_window_says_what_to_do_and_offers_reading_only(scene: Scene, client: Client) -> None:
    scene.period.due_at = scene.at - timedelta(days=2)
    scene.period.closes_at = scene.at - timedelta(days=1)
    scene.period.save()
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, "关闭，确需补报的请联系推进办登记延期。")
    assertContains(response, ">查看报送</a>")


def test_the_extended_department_is_not_overdue(scene: Scene, client: Client) -> None:
    scene.period.due_at = scene.at - timedelta(days=1)
    scene.period.save()
    extend(
        period=scene.period,
        department=scene.lead,
        until=scene.at + timedelta(days=1),
        reason="停电",
        approver="主任",
        by=scene.reviewer,
        at=scene.at,
    )
    client.force_login(scene.filer)
    assertNotContains(client.get(URL), "已过报送截止时间")


def test_a_person_of_two_departments_switches_and_lands_where_work_is(scene: Scene, client: Client) -> None:
    both = f.make_user(roles=[(Role.FILER, scene.lead), (Role.FILER, scene.helper)])
    scene.send()
    client.force_login(both)
    assertContains(client.get(URL), "<h1>配合局 2020年第2季度报送</h1>", html=True)
    assertContains(
        client.get(URL, {"department": scene.lead.pk}), "<h1>牵头局 2020年第2季度报送</h1>", html=True
    )


def test_quarters_switch_and_an_unfinished_one_is_offered(scene: Scene, client: Client) -> None:
    f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    client.force_login(scene.filer)
    response = client.get(URL)
    assertContains(response, "<h1>牵头局 2020年第3季度报送</h1>", html=True)
    assertContains(response, "还可补报的季度")
    assertContains(client.get(URL, {"period": "2020Q2"}), "<h1>牵头局 2020年第2季度报送</h1>", html=True)


@pytest.mark.parametrize(
    "query", [{"department": "x"}, {"department": "999999"}, {"period": "1999Q1"}, {"period": "'"}]
)
def test_nonsense_in_the_address_gives_the_default(
    scene: Scene, client: Client, query: dict[str, str]
) -> None:
    client.force_login(scene.filer)
    assertContains(client.get(URL, query), "<h1>牵头局 2020年第2季度报送</h1>", html=True)


def test_a_second_plan_has_its_own_quarters(scene: Scene, client: Client) -> None:
    other = f.make_plan("next", short_name="后续方案")
    f.make_task(f.make_action(other), lead=scene.lead, title="后续任务")
    f.open_quarter(other, 2020, 2, at=scene.at)
    client.force_login(scene.filer)
    assertContains(client.get(URL, {"plan": "next"}), "后续任务")
    response = client.get(URL, {"plan": scene.plan.code})
    assertContains(response, "治理废气")
    assertContains(response, "后续方案")
    assertNotContains(response, "后续任务")


def test_reminders_of_the_office_are_announced(scene: Scene, client: Client) -> None:
    Notice.objects.create(
        department=scene.lead, period=scene.period, kind=NoticeKind.REMINDER, text="请尽快报送", at=scene.at
    )
    client.force_login(scene.filer)
    assertContains(client.get(URL), "有 1 条催办或提醒待签收。")
    client.force_login(scene.stranger)
    assertNotContains(client.get(URL), "提醒待签收")


def test_another_department_cannot_be_asked_for(scene: Scene, client: Client) -> None:
    client.force_login(scene.stranger)
    response = client.get(URL, {"department": scene.lead.pk})
    assertContains(response, "配合局 2020年第2季度报送")
    assertNotContains(response, "牵头局 2020年第2季度报送")


@pytest.mark.parametrize("who", ["approver", "reviewer", "leader"])
def test_who_files_nothing_is_told_so(scene: Scene, client: Client, who: str) -> None:
    client.force_login(getattr(scene, who))
    assertContains(client.get(URL), "您现在没有应报事项。")


def test_a_filer_of_a_unit_that_owes_nothing_is_told_so(scene: Scene, client: Client) -> None:
    client.force_login(f.make_filer(f.make_department(owes=False, flag="名称存疑")))
    assertContains(client.get(URL), "您现在没有应报事项。")


def test_it_asks_for_sign_in_and_takes_no_post(scene: Scene, client: Client) -> None:
    assertRedirects(client.get(URL), f"{reverse('login')}?next={URL}", fetch_redirect_response=False)
    client.force_login(scene.filer)
    assert client.post(URL).status_code == 405


def test_a_long_group_folds_what_is_done(scene: Scene) -> None:
    for _ in range(5):
        f.make_indicator(scene.plan, data_department=scene.lead)
    f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    page = home(scene.filer, at=scene.at)
    assert page.sheet is not None
    for row in page.sheet.groups[-1].rows[:3]:
        f.fill_entry(row.entry, by=scene.filer)
    page = home(scene.filer, at=scene.at)
    assert page.sheet is not None
    group = page.sheet.groups[-1]
    assert (len(group.first), len(group.folded), group.folded_words) == (4, 3, "3 项已填")


def test_queries_do_not_grow_with_entries_or_history(scene: Scene, client: Client) -> None:
    client.force_login(scene.filer)
    scene.send()
    one = count(client, URL)
    for quarter in (3, 4):
        for _ in range(2):
            f.make_task(scene.action, lead=scene.lead)
            f.make_indicator(scene.plan, data_department=scene.lead)
        period = f.open_quarter(scene.plan, 2020, quarter, at=scene.at)
        f.file(f.filing_of(period, scene.lead), by=scene.filer, signed_by=scene.approver, at=scene.at)
    entry = Entry.objects.filter(filing__period=period, filing__department=scene.lead).first()
    assert entry is not None
    decide_entry(
        entry=entry,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R01",
        note="x",
        by=scene.reviewer,
        at=scene.at,
    )
    assert Filing.objects.filter(department=scene.lead).count() == 3
    assert count(client, URL) == one
