"""The pages of supervision orders: the list, one order with its forms, the paper, the rule."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document

from audit.models import Event
from harbor_plan.lib.moments import local_day
from supervision.models import Dismissal, OrderRule, SupervisionOrder
from tests.supervision.order_scene import Scene

LIST = reverse("supervision:orders")


@pytest.fixture
def scene(db):
    return Scene()


def order_url(order, name="order"):
    return reverse(f"supervision:{name}", args=[order.pk])


def day(days):
    return f"{local_day(timezone.now()) + timedelta(days=days):%Y-%m-%d}"


def messages(response):
    return [str(message) for message in response.context["messages"]]


# The list


def test_a_department_sees_its_own_orders_only(client, scene):
    order = scene.order()
    scene.light("late", task=scene.second_task)
    other = scene.issue("red", task=scene.second_task)
    for person, own in ((scene.filer, {order}), (scene.stranger, {other}), (scene.leader, {order, other})):
        client.force_login(person)
        response = client.get(LIST)
        assert set(response.context["page"]) == own
        assert response.context["proposals"] == []
    client.force_login(scene.filer)
    page = client.get(LIST).content.decode()
    assert "在办 <b>1</b> 件（蓝色督办 <b>0</b> 件，黄色督办 <b>1</b> 件，红色督办 <b>0</b> 件）" in page
    assert "811督〔2021〕2号" not in page


def test_the_list_is_filtered_by_state_and_level(client, scene):
    closed = scene.order("closed")
    scene.light("late", task=scene.second_task)
    red = scene.issue("red", task=scene.second_task)
    client.force_login(scene.office)

    def shown(query):
        return set(client.get(f"{LIST}?{query}").context["page"])

    assert shown("") == {red}
    assert shown("show=closed") == {closed}
    assert shown("show=all") == {closed, red}
    assert shown("show=all&level=red") == {red}
    assert shown("show=all&level=blue") == set()
    assert shown("show=nonsense") == {red}


def test_an_empty_list_says_so(client, scene):
    client.force_login(scene.leader)
    assert "没有符合条件的督办单。" in client.get(LIST).content.decode()


def test_the_office_confirms_a_proposal(client, scene):
    scene.light("behind", reason="落后 5 个百分点")
    client.force_login(scene.office)
    page = client.get(LIST).content.decode()
    assert "按规则提议 <b>1</b> 件待确认" in page
    assert "任务滞后（2020年第4季度：落后 5 个百分点）" in page
    given = {"task": scene.task.pk, "level": "yellow", "demand": "请赶上。", "rectify_by": day(20)}
    response = client.post(reverse("supervision:order_issue"), given, follow=True)
    order = SupervisionOrder.objects.get()
    assert response.redirect_chain[-1][0] == order_url(order)
    assert messages(response) == [f"已下达{order}（黄色督办）。"]
    assert order.demand == "请赶上。"
    response = client.post(reverse("supervision:order_issue"), given, follow=True)
    assert "目前按规则无须督办" in messages(response)[-1]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"demand": ""}, "请写明办理要求。"),
        ({"rectify_by": ""}, "请填写整改期限。"),
        ({"rectify_by": "明天"}, "“明天”不是日期。请按年-月-日填写，例如 2021-03-20。"),
        ({"rectify_by": "2020-01-01"}, "整改期限须晚于今天。"),
    ],
)
def test_what_was_typed_is_shown_again_beside_what_is_wrong(client, scene, changes, says):
    scene.light("behind")
    client.force_login(scene.office)
    given = {
        "task": scene.task.pk,
        "level": "yellow",
        "demand": "独有的字样",
        "rectify_by": day(20),
    } | changes
    response = client.post(reverse("supervision:order_issue"), given)
    page = response.content.decode()
    assert response.status_code == 422
    assert says in page
    assert '<details class="fold" open>' in page
    if changes.get("demand") is None:
        assert "独有的字样" in page
    assert SupervisionOrder.objects.count() == 0


def test_the_office_decides_against_a_proposal(client, scene):
    scene.light("behind")
    client.force_login(scene.office)
    url = reverse("supervision:order_dismiss")
    response = client.post(url, {"task": scene.task.pk, "level": "yellow", "reason": ""})
    assert (response.status_code, Dismissal.objects.count()) == (422, 0)
    assert "请写明不予督办的理由。" in response.content.decode()
    response = client.post(url, {"task": scene.task.pk, "level": "yellow", "reason": "汛期"}, follow=True)
    assert messages(response) == ["已记录：任务 1.1 河道整治 本次不予督办。"]
    assert response.context["proposals"] == []


@pytest.mark.parametrize("name", ["order_issue", "order_dismiss", "order_rule"])
def test_only_the_office_issues_and_sets_rules(client, scene, name):
    for person in (scene.filer, scene.leader):
        client.force_login(person)
        assert client.post(reverse(f"supervision:{name}"), {}).status_code == 403
    client.force_login(scene.sysadmin)
    assert client.post(reverse(f"supervision:{name}"), {}).status_code == 404


# One order


def test_everybody_finds_the_step_that_is_theirs(client, scene):
    def steps(person):
        client.force_login(person)
        return [step["verb"] for step in client.get(order_url(order)).context["steps"]]

    order = scene.order("issued")
    assert steps(scene.filer) == steps(scene.approver) == ["sign"]
    assert (steps(scene.office), steps(scene.leader)) == (["withdraw"], [])


def test_an_order_lived_through_on_its_page(client, scene):
    order = scene.order("issued")

    def post(person, verb, **data):
        client.force_login(person)
        return client.post(order_url(order, f"order_{verb}"), data, follow=True)

    assert messages(post(scene.filer, "sign")) == ["811督〔2021〕1号督办单已办理“签收”。"]
    assert messages(post(scene.filer, "report", feedback="已动工。"))[-1].endswith("已办理“反馈整改情况”。")
    post(scene.office, "send_back", note="未见动工", rectify_by=day(9))
    post(scene.approver, "report", feedback="已完工。")
    post(scene.office, "accept", note="现场属实")
    post(scene.leader, "close", approver="高为民")
    order.refresh_from_db()
    assert (order.status, order.approver) == ("closed", "高为民")
    response = post(scene.office, "reopen", note="反弹", rectify_by=day(9))
    order.refresh_from_db()
    assert order.status == "issued"
    page = response.content.decode()
    for words in ("回头看重启", "未见动工", "已完工。", "批准人 高为民"):
        assert words in page


def test_a_refused_step_says_why_and_keeps_what_was_typed(client, scene):
    order = scene.order("reported")
    client.force_login(scene.office)
    response = client.post(
        order_url(order, "order_send_back"), {"note": "独有的字样", "rectify_by": "2020-01-01"}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "整改期限须晚于今天。" in page
    assert "独有的字样" in page
    response = client.post(order_url(order, "order_accept"), {"note": ""})
    assert (response.status_code, "请写明核查情况。" in response.content.decode()) == (422, True)
    client.post(order_url(order, "order_accept"), {"note": "好"})
    response = client.post(order_url(order, "order_accept"), {"note": "好"}, follow=True)
    assert "目前为“待销号”，不能核查通过。请刷新页面查看最新状态。" in messages(response)[-1]


def test_readers_are_refused_and_strangers_find_nothing(client, scene):
    order = scene.order("issued")
    client.force_login(scene.leader)
    assert client.get(order_url(order)).status_code == 200
    assert client.post(order_url(order, "order_sign")).status_code == 403
    for person in (scene.stranger, scene.sysadmin):
        client.force_login(person)
        for name in ("order", "order_paper", "order_file"):
            assert client.get(order_url(order, name)).status_code == 404
        assert client.post(order_url(order, "order_sign")).status_code == 404
    client.force_login(scene.filer)
    assert client.get(order_url(order, "order_sign")).status_code == 405
    order.refresh_from_db()
    assert order.status == "issued"


def test_orders_that_wait_are_counted_in_the_navigation(client, scene):
    order = scene.order("issued")

    def count(person):
        client.force_login(person)
        nav = client.get(LIST).context["shell"].nav
        return next(item.count for item in nav if item.label == "督办单")

    assert [count(p) for p in (scene.filer, scene.stranger, scene.second, scene.leader)] == [1, 0, 0, 0]
    SupervisionOrder.objects.filter(pk=order.pk).update(status="reported")
    assert [count(p) for p in (scene.filer, scene.stranger, scene.second, scene.leader)] == [0, 0, 1, 0]


# Paper


def test_the_printed_form_has_every_field_and_places_to_sign(client, scene):
    order = scene.order("reported")
    client.force_login(scene.filer)
    page = client.get(order_url(order, "order_paper")).content.decode()
    for words in (
        "811督办单",
        "811督〔2021〕1号",
        "任务 1.1 河道整治",
        "黄色督办",
        "甲局",
        "2021年2月19日",
        "已赶上。",
    ):
        assert words in page
    assert page.count("签字：") == 2  # check and closing are still to come


def test_the_word_file_is_the_same_form_and_is_recorded(client, scene):
    order = scene.order("closed")
    client.force_login(scene.filer)
    response = client.get(order_url(order, "order_file"))
    assert "attachment" in response.headers["Content-Disposition"]
    document = Document(BytesIO(response.content))
    rows = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert list(rows) == [
        "项目", "督办事项", "督办级别", "督办单位", "督办事由", "办理要求", "整改期限", "签收", "整改反馈", "核查意见", "销号",
    ]  # fmt: skip
    assert rows["督办事项"] == "任务 1.1 河道整治"
    assert rows["整改反馈"].startswith("已赶上。\n")
    assert rows["销号"].startswith("批准人：高为民\n沈岚")
    text = [paragraph.text for paragraph in document.paragraphs]
    assert text[:3] == ["811督〔2021〕1号", "811督办单", "甲局："]
    assert Event.objects.get(verb="order.export").subject_id == str(order.pk)


# The rule


def test_the_office_sets_the_rule(client, scene):
    client.force_login(scene.office)
    url = reverse("supervision:order_rule")
    assert client.get(url).context["form"].initial["look_back_days"] == 90
    given = {
        "blue_days": 10, "yellow_returns": 3, "red_quarters": 4, "blue_time": 5, "yellow_time": 6, "red_time": 7,
        "look_back_days": 8, "mark": "港",
    }  # fmt: skip
    response = client.post(url, given | {"red_time": 0, "red_quarters": 9, "blue_days": "x"})
    page = response.content.decode()
    assert response.status_code == 422
    assert all(words in page for words in ("不能小于 1。", "不能大于 8。", "请填写整数。"))
    assert OrderRule.objects.count() == 0
    assert messages(client.post(url, given, follow=True)) == ["督办规则已保存。"]
    rule = OrderRule.objects.get(plan=scene.plan)
    assert [rule.days_for(level) for level in ("blue", "yellow", "red")] == [5, 6, 7]
    event = Event.objects.get(verb="order.rule")
    assert (event.before["blue_days"], event.after["blue_days"]) == (30, 10)


def test_more_orders_take_no_more_queries(client, scene):
    from tests import factories as f

    scene.order()
    scene.light("late", task=scene.second_task)
    client.force_login(scene.office)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(LIST).context["page"]) == 1
    for _ in range(2):
        task = f.make_task(scene.task.action, lead=f.make_department())
        scene.light("late", task=task)
        scene.issue("red", task=task)
        scene.light("late", task=f.make_task(scene.task.action, lead=f.make_department()))
    with CaptureQueriesContext(connection) as three:
        response = client.get(LIST)
        assert len(response.context["page"]) == 3
        assert len(response.context["proposals"]) == 3
    assert len(three) == len(one)
