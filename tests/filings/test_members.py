"""A group's members are named: its row ends, theirs begin, and the next quarter asks them."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import Event
from filings.errors import Refused
from filings.models import Entry
from filings.services.members import name_members
from tasks.models import Responsibility, Role
from tests import factories as f

pytestmark = pytest.mark.django_db
ON = date(2020, 7, 1)


@pytest.fixture
def scene():
    plan = f.make_plan(office=f.make_department("推进办"))
    convenor, first, second = map(f.make_department, ("建设局", "住建局", "港务局"))
    group = f.make_department("各成员单位", kind="group", convenor=convenor)
    task = f.make_task(f.make_action(plan), lead=group, title="整治")
    office = f.make_reviewer(plan.office)
    period = f.open_quarter(plan, 2020, 2)
    return plan, group, task, convenor, first, second, office, period


def owed(period):
    """Department and kind of every entry of a period, in the order of the form."""
    entries = Entry.objects.filter(filing__period=period).order_by("filing__department__order", "position")
    return [(str(entry.filing.department), entry.kind) for entry in entries]


def test_the_next_quarter_asks_the_members_and_the_last_one_stays(scene):
    plan, group, task, _, first, second, office, period = scene
    assert owed(period) == [("建设局", "progress")]
    naming = name_members(
        group=group, members=[second, first], lead=first, on=ON, by=office, at=period.opens_at
    )
    assert [(row.department, row.role, row.valid_from) for row in naming.begins] == [
        (first, Role.LEAD, ON), (second, Role.COOPERATING, ON),
    ]  # fmt: skip
    assert Responsibility.objects.get(department=group).valid_to == ON
    assert owed(period) == [("建设局", "progress")]
    assert owed(f.open_quarter(plan, 2020, 3)) == [("住建局", "progress"), ("港务局", "contribution")]
    event = Event.objects.get(verb="group.members")
    assert event.after == {"成员单位": "港务局、住建局", "牵头": "住建局", "生效日期": "2020-07-01"}
    assert event.before == {"任务": task.number}


def test_refusals(scene):
    _, group, task, convenor, first, second, office, period = scene
    doubtful = f.make_department("存疑", owes=False)

    def name(**changes):
        values = {
            "group": group,
            "members": [first],
            "lead": first,
            "on": ON,
            "by": office,
            "at": period.opens_at,
        }
        return name_members(**(values | changes))

    for changes, axis, sentence in (
        ({"by": f.make_filer(convenor)}, "permission", "成员单位由牵头办公室明确"),
        ({"group": convenor}, "content", "建设局不是群体项"),
        ({"members": []}, "content", "请至少选择一个成员单位"),
        ({"members": [doubtful]}, "content", "存疑是群体项或不承担报送"),
        ({"lead": None}, "content", "请在成员单位中指定由谁牵头"),
        ({"lead": second}, "content", "请在成员单位中指定由谁牵头"),
        ({"on": date(2020, 6, 30)}, "window", "应报事项已按原责任生成"),
    ):
        with pytest.raises(Refused, match=sentence) as refused:
            name(**changes)
        assert refused.value.axis == axis
    name()
    with pytest.raises(Refused, match="成员单位已经明确或责任已经结束") as refused:
        name()
    assert refused.value.axis == "status"
    assert Responsibility.objects.filter(task=task).count() == 2


def test_the_page_shows_what_would_change_and_then_does_it(scene, client):
    _, group, _, _, first, second, office, _ = scene
    client.force_login(office)
    url = reverse("filings:group", args=[group.pk])
    data = {"members": [first.pk, second.pk], "lead": first.pk, "on": "2020-07-01"}
    assert "现由召集单位 <b>建设局</b> 报送" in client.get(url).content.decode()
    page = client.get(url, data).content.decode()
    assert "<ins>住建局 牵头</ins> 自 2020年7月1日 生效" in page
    assert Responsibility.objects.count() == 1
    assert client.get(url, data | {"on": "2020-06-30", "lead": ""}).status_code == 422
    page = client.post(reverse("filings:name_members", args=[group.pk]), data, follow=True).content.decode()
    assert "1 条责任结束，2 条责任生效。" in page
    assert Responsibility.objects.count() == 3
