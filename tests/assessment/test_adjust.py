"""Adjusting a line: who may, what stays, what follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from assessment.models import Adjustment, Line
from assessment.services import adjust, finalise
from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from tests.assessment.helps import AT, line_of, result_of, simple_year
from tests.factories import make_approver, make_filer, make_leader, make_reviewer, make_sysadmin, make_user

pytestmark = pytest.mark.django_db

KEY = "quality:4"


@pytest.fixture
def year():
    scheme, departments = simple_year(3)
    return scheme, departments


def address(line: Line) -> str:
    return reverse("assessment:adjust", args=[line.pk])


def values(line: Line, points: str = "40", reason: str = "抽查发现一次迟报未登记") -> dict[str, str]:
    return {"points": points, "seen": str(line.points), "reason": reason}


def test_it_works(client, year):
    """Two lines of 50 each: quality and completeness. 40 + 50 = 90, behind the two others with 100."""
    scheme, (unit, *others) = year
    line = line_of(scheme, unit, KEY)
    person = make_reviewer()
    client.force_login(person)
    response = client.post(address(line), values(line))
    assert response.status_code == 302
    assert response.url.endswith(
        f"/assessment/2019/{unit.pk}/?plan={scheme.plan.code}&line={line.pk}#line-{line.pk}"
    )
    line.refresh_from_db()
    assert (line.system_points, line.points) == (Decimal(50), Decimal(40))
    result = result_of(scheme, unit)
    assert (result.total, result.system_total, result.rank, result.grade) == (
        Decimal(90),
        Decimal(100),
        3,
        "优秀",
    )
    assert {result_of(scheme, other).rank for other in others} == {1}
    adjustment = Adjustment.objects.get()
    assert (adjustment.before, adjustment.after, adjustment.by) == (Decimal(50), Decimal(40), person)
    event = Event.objects.get(verb="assessment.adjust")
    assert (event.before, event.after) == ({"points": "50.00"}, {"points": "40.00", "department": unit.name})
    assert (event.note, event.actor_id) == ("抽查发现一次迟报未登记", person.pk)


def test_every_adjustment_stays_on_the_sheet(client, year):
    scheme, (unit, *_) = year
    line = line_of(scheme, unit, KEY)
    first, second = make_reviewer(name="顾明远"), make_reviewer(name="宋怀瑾")
    adjust(line=line, points=Decimal(40), seen=Decimal(50), reason="第一次", by=first, at=AT)
    adjust(line=line, points=Decimal("45.50"), seen=Decimal(40), reason="第二次", by=second, at=AT)
    client.force_login(first)
    page = client.get(reverse("assessment:sheet", args=[2019, unit.pk]), {"line": line.pk}).content.decode()
    assert "50.00 调整为 <b>40.00</b>：第一次" in page
    assert "40.00 调整为 <b>45.50</b>：第二次" in page
    assert "宋怀瑾" in page


def test_nobody_in_the_office_adjusts_their_own_departments_line(client, year):
    scheme, (unit, other, _) = year
    own = make_user(roles=[(Role.OFFICE, unit)])
    line = line_of(scheme, unit, KEY)
    client.force_login(own)
    assert client.post(address(line), values(line)).status_code == 403
    assert client.post(address(line_of(scheme, other, KEY)), values(line)).status_code == 302
    line.refresh_from_db()
    assert line.points == Decimal(50)
    also_filer = make_user(roles=[(Role.OFFICE, other), (Role.FILER, unit)])
    with pytest.raises(Refused, match="您在本单位任职"):
        adjust(line=line, points=Decimal(1), seen=Decimal(50), reason="试", by=also_filer, at=AT)


def test_a_leader_and_the_department_itself_read_only(client, year):
    scheme, (unit, *_) = year
    line = line_of(scheme, unit, KEY)
    for reader in (make_leader(), make_filer(unit), make_approver(unit)):
        client.force_login(reader)
        assert client.post(address(line), values(line)).status_code == 403
    assert not Adjustment.objects.exists()


def test_strangers_learn_nothing(client, year):
    scheme, (unit, other, _) = year
    line = line_of(scheme, unit, KEY)
    for stranger in (make_filer(other), make_sysadmin()):
        client.force_login(stranger)
        assert client.post(address(line), values(line)).status_code == 404
    assert not Adjustment.objects.exists()


def test_it_is_a_post(client, year):
    scheme, (unit, *_) = year
    client.force_login(make_reviewer())
    assert client.get(address(line_of(scheme, unit, KEY))).status_code == 405


@pytest.mark.parametrize(
    ("points", "reason", "sentence"),
    [
        ("51", "理由", "本项分值 50.00，得分不能超过它。"),
        ("-1", "理由", "得分不能小于 0。"),
        ("40.005", "理由", "得分最多两位小数。"),
        ("四十", "理由", "请填写数字，例如 8.5。"),
        ("40", "  ", "请写明调整理由。"),
        ("50", "不变", "得分已经是 50，没有变化。"),
    ],
)
def test_bad_input_comes_back_with_what_to_do(client, year, points, reason, sentence):
    scheme, (unit, *_) = year
    line = line_of(scheme, unit, KEY)
    client.force_login(make_reviewer())
    response = client.post(address(line), values(line, points, reason))
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert f'value="{points}"' in page
    assert not Adjustment.objects.exists()


def test_the_service_refuses_what_the_form_would(year):
    scheme, (unit, *_) = year
    line, by = line_of(scheme, unit, KEY), make_reviewer()
    for points, reason, sentence in (
        ("50.01", "理由", "本项得分应在 0 和 50 之间。"),
        ("-0.01", "理由", "本项得分应在 0 和 50 之间。"),
        ("1.005", "理由", "得分最多两位小数。"),
        ("1", " ", "请写明调整理由。"),
    ):
        with pytest.raises(Refused, match=sentence):
            adjust(line=line, points=Decimal(points), seen=Decimal(50), reason=reason, by=by, at=AT)


def test_two_people_at_once_get_a_clear_message(client, year):
    scheme, (unit, *_) = year
    line = line_of(scheme, unit, KEY)
    first = make_reviewer(name="顾明远")
    adjust(line=line, points=Decimal(40), seen=Decimal(50), reason="第一人", by=first, at=AT)
    with pytest.raises(AlreadyMoved, match="顾明远已调整为 40，请核对后再办"):
        adjust(line=line, points=Decimal(45), seen=Decimal(50), reason="第二人", by=make_reviewer(), at=AT)
    client.force_login(make_reviewer())
    response = client.post(address(line), {"points": "45", "seen": "50.00", "reason": "第二人"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "顾明远已调整为 40" in page
    assert 'name="seen" value="40.00"' in page
    assert "第二人</textarea>" in page
    line.refresh_from_db()
    assert line.points == Decimal(40)


def test_a_line_outside_the_denominator_has_nothing_to_adjust(year):
    scheme, (unit, *_) = year
    line = line_of(scheme, unit, "criterion:1")
    with pytest.raises(Refused, match="本项不计入分母"):
        adjust(line=line, points=Decimal(1), seen=Decimal(0), reason="试", by=make_reviewer(), at=AT)


def test_a_final_year_is_not_adjusted(client, year):
    scheme, (unit, *_) = year
    line = line_of(scheme, unit, KEY)
    finalise(scheme=scheme, by=make_reviewer(), at=AT)
    client.force_login(make_reviewer())
    response = client.post(address(line), values(line))
    assert response.status_code == 409
    assert "没有保存：本年度考核已审定，结果不再变动。" in response.content.decode()
    line.refresh_from_db()
    assert line.points == Decimal(50)
