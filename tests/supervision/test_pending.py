"""What waits with a date or for an answer: countersignatures, threads, orders, second reviews; and the office's news."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from filings.models import Filing
from filings.services.exemptions import exempt, withdraw_exemption
from filings.services.remarks import say
from filings.services.review import accept_rest, complete_review
from filings.services.windows import extend
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, local_day, start_of
from supervision.models import Digest, Notice
from supervision.services import orders as order_verbs
from supervision.services import tell_exemptions, tell_extensions
from supervision.services.schedule import tell
from tests import factories as f
from tests.filings.joint_scene import DAY, Joint
from tests.filings.review_scene import Scene as ReviewScene
from tests.filings.review_scene import progress_of
from tests.supervision import order_scene

pytestmark = pytest.mark.django_db


def morning(at: datetime) -> datetime:
    """Nine o'clock of that day."""
    return start_of(local_day(at)) + timedelta(hours=9)


def texts(kind: str, **about: object) -> list[str]:
    return list(Notice.objects.filter(kind=kind, **about).order_by("id").values_list("text", flat=True))


def told_of(person, kind: str, **about: object) -> int:
    """How many notices of a kind a person got in digests."""
    return Notice.objects.filter(kind=kind, lines__digest__user=person, **about).count()


# Countersignatures


@pytest.fixture
def joint():
    return Joint(at=morning(timezone.now()))


def test_a_countersignature_is_reminded_of_before_its_last_day_and_not_after(joint):
    joint.send()
    joint.sign(joint.second)
    for days in range(9, 20):
        tell(at=joint.at + days * DAY)
    by = zh.moment(local(joint.period.countersign_by))
    assert texts("countersign") == [
        f"2020年第2季度有 1 项牵头单位的报送等待会签，会签截止时间 {by}，{left}，请会签。"
        for left in ("还有 5 天", "明天截止", "今天截止")
    ]
    assert set(Notice.objects.filter(kind="countersign").values_list("department", flat=True)) == {
        joint.first.pk
    }
    assert told_of(joint.filers[joint.first], "countersign") >= 2
    assert told_of(joint.filers[joint.second], "countersign") == 0


def test_nothing_is_asked_before_the_lead_has_sent_or_once_everybody_signed(joint):
    tell(at=joint.at + 10 * DAY)
    joint.send()
    joint.sign(joint.first)
    joint.sign(joint.second)
    tell(at=joint.at + 11 * DAY)
    assert texts("countersign") == []


# Threads


@pytest.fixture
def scene():
    return ReviewScene()


def test_an_answer_is_reminded_of_after_a_day_and_two_days_and_a_new_question_anew(scene):
    at = morning(timezone.now())
    filing = scene.send(scene.open(), at=at)
    entry = progress_of(filing)
    say(entry=entry, text="合计是多少？", by=scene.reviewer, at=at)
    tell(at=at + timedelta(hours=23))
    assert texts("answer") == []
    tell(at=at + DAY)
    tell(at=at + DAY + timedelta(hours=1))
    period = filing.period
    assert texts("answer") == [f"{period}报送有 1 项的审核询问超过 24 小时未答复，请答复。"]
    assert told_of(scene.filer, "answer") == told_of(scene.approver, "answer") == 1
    assert told_of(scene.reviewer, "answer") == 0
    say(entry=entry, text="30公里", by=scene.filer, at=at + DAY)
    tell(at=at + 2 * DAY)
    assert len(texts("answer")) == 1
    tell(at=at + 3 * DAY)
    assert texts("answer")[1:] == [f"{filing}有 1 项的往来意见超过 48 小时未答复，请答复。"]
    notice = Notice.objects.get(kind="answer", audience=Role.OFFICE)
    assert notice.department == scene.plan.office
    assert not Notice.objects.visible_to(scene.filer).filter(pk=notice.pk).exists()
    assert (told_of(scene.filer, "answer"), told_of(scene.reviewer, "answer")) == (1, 1)


# The second level


def test_the_second_review_counts_from_the_first_and_goes_to_somebody_else(scene):
    other = f.make_reviewer(scene.plan.office)
    scene.second_level()
    filing = scene.changed()
    at = timezone.now()
    accept_rest(filing=filing, by=scene.reviewer, at=at)
    complete_review(filing=filing, by=scene.reviewer, at=at)
    Filing.objects.filter(pk=filing.pk).update(submitted_at=at - 9 * DAY)
    tell(at=at + 2 * DAY - timedelta(minutes=1))
    assert texts("unreviewed", filing=filing) == []
    tell(at=morning(at + 3 * DAY))
    when = zh.moment(local(at))
    assert texts("unreviewed", filing=filing) == [
        f"{filing}已于 {when} 完成初审，超过 48 小时未复审，请复审。"
    ]
    assert told_of(other, "unreviewed", filing=filing) == 1
    assert told_of(scene.reviewer, "unreviewed", filing=filing) == 0


# Orders


def test_the_date_of_an_order_is_reminded_of_until_the_department_reports():
    scene = order_scene.Scene()
    order = scene.order("working")
    f.close_quarter(scene.period, at=order_scene.NOON)
    f.close_quarter(scene.before, at=order_scene.NOON)
    late = order.rectify_by + timedelta(days=1)
    for days in range(20, 34):
        tell(at=order_scene.NOON + days * DAY)
    due = zh.day(order.rectify_by)
    assert texts("order", key__startswith="order-due:") == [
        f"{order}（任务 {order.task}）整改期限 {due}，{left}；尚未反馈，请尽快办理。"
        for left in ("还有 5 天", "明天截止", "今天截止", "已逾期 1 天")
    ]
    assert {d.on for d in Digest.objects.scheduled().filter(user=scene.filer)} == {
        order.rectify_by - timedelta(days=5),
        order.rectify_by,
    }
    order_verbs.report(order=order, feedback="已赶上。", by=scene.filer, at=start_of(late))
    tell(at=order_scene.NOON + 40 * DAY)
    assert len(texts("order", key__startswith="order-due:")) == 4


def test_an_order_nobody_signed_for_says_so():
    scene = order_scene.Scene()
    order = scene.order("issued")
    tell(at=order_scene.NOON + 29 * DAY)
    (text,) = texts("order", key__startswith="order-due:")
    assert text.endswith("明天截止；尚未签收并反馈，请尽快办理。")
    assert Notice.objects.get(text=text).order == order


# What the office decided


@pytest.fixture
def silent(scene):
    scene.open()
    return scene


def test_an_exemption_and_its_end_are_told_once_and_at_once(silent):
    at = timezone.now()
    period = silent.plan.periods.get()
    given = exempt(
        period=period,
        department=silent.department,
        reason="机构撤并",
        approver="某主任",
        by=silent.reviewer,
        at=at,
    )
    assert tell_exemptions(at=at) == 1
    assert tell_exemptions(at=at + timedelta(minutes=10)) == 0
    withdraw_exemption(exemption=given, reason="照常履职", by=silent.reviewer, at=at + timedelta(hours=1))
    assert tell_exemptions(at=at + timedelta(hours=1)) == 1
    assert texts("exemption", department=silent.department) == [
        f"{period}报送已免报，某主任批准，理由：机构撤并。",
        f"{period}的免报已撤销，请按填报期的时限报送。",
    ]
    assert Digest.objects.filter(user=silent.filer, is_immediate=True).count() == 2
    assert Digest.objects.filter(user=silent.reviewer).count() == 0


def test_an_extension_is_sent_at_once_but_old_news_only_kept(silent):
    at = timezone.now()
    period = silent.plan.periods.get()
    about = {"period": period, "reason": "交接", "approver": "某", "by": silent.reviewer}
    extend(department=silent.department, until=at + 90 * DAY, at=at, **about)
    assert tell_extensions(at=at) == 1
    (digest,) = Digest.objects.filter(user=silent.filer)
    assert digest.is_immediate
    assert "【延期】" in digest.text
    extend(department=silent.helper, until=at + 90 * DAY, at=at, **about)
    f.make_filer(silent.helper)
    assert tell_extensions(at=at + 6 * DAY) == 1
    assert Digest.objects.exclude(user__in=[silent.filer, silent.approver]).count() == 0
