"""Digests on their way out: by mail and by robot, each once, whatever fails and whoever dies."""

import os
import signal
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from harbor_plan.lib.moments import local_day, start_of
from supervision.jobs import notify, send_delivery
from supervision.models import Channel, Delivery, Digest, Preference
from supervision.rules import LEFT_AFTER
from supervision.services import remind
from supervision.services.deliveries import mark_left, resend, send
from supervision.services.schedule import tell
from supervision.terms import DeliveryState
from tasks.models import Task
from tests import services
from tests.factories import (
    make_action,
    make_department,
    make_filer,
    make_leader,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_task,
    open_quarter,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def plan(db):
    return make_plan("811")


@pytest.fixture
def departments(plan):
    units = [make_department(name) for name in ("甲局", "乙局")]
    for unit in units:
        make_task(make_action(plan), lead=unit)
    return units


@pytest.fixture
def now():
    """Nine o'clock today: nobody is told at night."""
    return start_of(local_day(timezone.now())) + timedelta(hours=9)


@pytest.fixture
def period(plan, departments, now):
    """Due in five days: everybody is to be told today."""
    return open_quarter(plan, at=now, due_at=now + timedelta(days=5))


def make_channel(receiver, kind="dingtalk", **fields):
    values = {"name": f"群{Channel.objects.count()}", "webhook_url": receiver.url} | fields
    return Channel.objects.create(kind=kind, **values)


def states():
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def send_all(at):
    """What the periodic job does with everything that waits."""
    return [send(delivery_id=pk, at=at) for pk in Delivery.objects.to_send(at).values_list("pk", flat=True)]


# By mail


def test_a_digest_arrives_by_mail_once_though_the_jobs_run_twice(mail_server, departments, period, now):
    filer = make_filer(departments[0], email="zhang@example.org")
    for _ in range(2):
        tell(at=now)
        send_all(now)
        send_delivery(delivery_id=Delivery.objects.get().pk)
    ((to, mail),) = mail_server.mails
    assert to == ["zhang@example.org"]
    assert (mail["Subject"], mail["From"]) == ("811：到期提醒 1 条", "harbor@example.org")
    assert "· 甲局：2020年第4季度报送截止时间" in mail.get_content()
    delivery = Delivery.objects.get()
    assert (delivery.digest.user, delivery.state, delivery.attempts, delivery.sent_at) == (
        filer,
        "sent",
        1,
        now,
    )
    assert delivery.address == "z***@example.org"


def test_the_address_of_the_system_stands_in_the_message(settings, departments, period, now):
    settings.SITE_URL = "https://harbor.example"
    make_filer(departments[0])
    (digest,) = tell(at=now)
    assert digest.text.endswith("请登录系统办理：https://harbor.example")


def test_who_gets_no_mail(mail_server, departments, period, now, settings):
    without = make_filer(departments[0])
    unwilling = make_filer(departments[0], email="li@example.org")
    Preference.objects.create(user=unwilling, by_mail=False)
    assert {digest.user for digest in tell(at=now)} == {without, unwilling}
    assert Delivery.objects.count() == 0


def test_without_a_mail_server_nothing_is_queued(settings, departments, period, now):
    settings.EMAIL_HOST = ""
    make_filer(departments[0], email="zhang@example.org")
    assert len(tell(at=now)) == 1
    assert Delivery.objects.count() == 0


def test_a_refused_mail_is_sent_later(mail_server, departments, period, now):
    make_filer(departments[0], email="zhang@example.org")
    mail_server.refuse = [b"451 later", b"451 later"]
    tell(at=now)
    assert send_all(now) == ["queued"]
    assert send_all(now) == []  # not before its time
    assert send_all(now + MINUTE) == ["queued"]
    assert send_all(now + 11 * MINUTE) == ["sent"]
    assert len(mail_server.mails) == 1
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.last_error) == (3, "")


def test_whoever_leaves_before_the_mail_gets_none(mail_server, departments, period, now):
    filer = make_filer(departments[0], email="zhang@example.org")
    tell(at=now)
    filer.is_active = False
    filer.save()
    assert send_all(now) == ["queued"]
    assert (mail_server.mails, Delivery.objects.get().last_error) == ([], "账号已停用或没有邮箱")


# By robot


def test_a_robot_is_told_what_its_departments_are_told(receiver, departments, period, now):
    channel = make_channel(receiver, webhook_secret="SECabc")
    channel.departments.add(departments[0])
    tell(at=now)
    send_all(now)
    send_all(now)
    (text,) = receiver.texts
    assert "· 甲局：" in text
    assert "乙局" not in text
    assert "&timestamp=" in receiver.posts[0]["path"]
    assert Delivery.objects.get().address == "127.0.0.1/…1234"


def test_a_robot_without_departments_is_told_everything_and_one_that_is_off_nothing(
    receiver, departments, period, now
):
    make_channel(receiver)
    make_channel(receiver, is_active=False)
    tell(at=now)
    send_all(now)
    (text,) = receiver.texts
    assert "· 甲局：" in text
    assert "· 乙局：" in text


def test_only_addresses_an_administrator_configured_are_contacted(receiver, departments, period, now):
    """A robot switched off or given another address before the message left is taken as it is now."""
    channel = make_channel(receiver)
    tell(at=now)
    channel.is_active = False
    channel.save()
    assert send_all(now) == ["queued"]
    assert receiver.posts == []
    assert Delivery.objects.get().last_error == "群机器人已停用"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, {}), "对方回答 HTTP 500"),
        ((200, {"errcode": 310000, "errmsg": "sign not match"}), "对方回答代码 310000"),
        ((302, {}), "对方回答 HTTP 302，不跟随跳转"),
        ((200, b"<html>login</html>"), "对方的回答不是 JSON，地址可能不对"),
    ],
)
def test_a_failing_receiver_is_tried_again_and_then_told_once(
    receiver, departments, period, now, answer, error
):
    make_channel(receiver)
    receiver.answers = [answer, answer]
    tell(at=now)
    assert send_all(now) == ["queued"]
    assert Delivery.objects.get().last_error == error
    assert send_all(now + MINUTE) == ["queued"]
    assert send_all(now + 11 * MINUTE) == ["sent"]
    assert send_all(now + timedelta(days=1)) == []
    assert len(receiver.posts) == 3
    assert receiver.answers == []


def test_attempts_are_bounded(departments, period, now):
    Channel.objects.create(
        kind="wecom", name="群", webhook_url=f"http://127.0.0.1:{services.free_port()}/send?key=x"
    )
    tell(at=now)
    outcomes = [send_all(now + timedelta(days=n)) for n in range(7)]
    assert outcomes == [["queued"]] * 4 + [["failed"], [], []]
    assert Delivery.objects.get().attempts == 5


def test_what_may_have_arrived_is_never_sent_again_by_itself(receiver, departments, period, now):
    make_channel(receiver)
    receiver.answers = [(0, None)]
    tell(at=now)
    assert send_all(now) == ["doubtful"]
    for days in range(1, 4):
        mark_left(at=now + timedelta(days=days))
        assert send_all(now + timedelta(days=days)) == []
    assert len(receiver.posts) == 1


# Sending again


def test_the_system_administrator_sends_a_doubtful_message_again(receiver, departments, period, now):
    make_channel(receiver)
    receiver.answers = [(0, None)]
    tell(at=now)
    send_all(now)
    delivery, later = Delivery.objects.get(), now + timedelta(hours=1)
    with pytest.raises(Refused, match="由系统管理员办理"):
        resend(delivery=delivery, by=make_reviewer(), at=later)
    resend(delivery=delivery, by=make_sysadmin(name="郑凯"), at=later)
    assert Event.objects.get(verb="delivery.resend").before == {"state": "结果不明"}
    with pytest.raises(AlreadyMoved, match="只有未送达或结果不明的"):
        resend(delivery=delivery, by=make_sysadmin(), at=later)
    assert send_all(later) == ["sent"]
    assert len(receiver.posts) == 2
    with pytest.raises(AlreadyMoved):
        resend(delivery=Delivery.objects.get(), by=make_sysadmin(), at=later)


# At once


def test_a_reminder_by_a_click_goes_out_at_once_whatever_was_told_before(
    mail_server, receiver, plan, departments, period, now
):
    person = make_filer(departments[0], email="zhang@example.org")
    make_channel(receiver)
    tell(at=now)
    send_all(now)
    remind(period=period, departments=[departments[0]], by=make_reviewer(plan.office), at=now + MINUTE)
    send_all(now + MINUTE)
    assert [mail["Subject"] for _, mail in mail_server.mails] == ["811：到期提醒 1 条", "811：催办 1 条"]
    assert len(receiver.posts) == 2
    assert list(Digest.objects.filter(user=person).order_by("id").values_list("is_immediate", flat=True)) == [
        False,
        True,
    ]


def test_a_reminder_does_not_count_as_the_digest_of_the_schedule(plan, departments, period, now):
    filer = make_filer(departments[0])
    remind(period=period, departments=departments, by=make_reviewer(plan.office), at=now)
    assert [digest.user for digest in tell(at=now + MINUTE)] == [filer]


def test_a_reminder_taken_back_sends_nothing(receiver, plan, departments, period, now):
    make_channel(receiver)
    with transaction.atomic():
        remind(period=period, departments=departments, by=make_reviewer(plan.office), at=now)
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert Delivery.objects.count() == 0


def test_a_reminder_about_one_task_names_it(plan, departments, period, now):
    task = Task.objects.get(responsibilities__department=departments[1])
    (notice,) = remind(period=period, task=task, by=make_reviewer(plan.office), at=now)
    assert notice.department == departments[1]
    assert notice.text.startswith(f"2020年第4季度任务 {task} 尚有 1 项未完成报送，报送截止时间为 ")
    with pytest.raises(Refused, match="今天已经催办过"):
        remind(period=period, task=task, by=make_reviewer(plan.office), at=now)


# The page


def test_a_person_switches_mail_off_and_on(client, mail_server, departments, period):
    filer = make_filer(departments[0], email="zhang@example.org")
    client.force_login(filer)
    url = reverse("supervision:notices")
    assert "提醒同时发送到 z***@example.org。" in client.get(url).content.decode()
    response = client.post(reverse("supervision:by_mail"), {"wanted": "0"}, follow=True)
    assert "提醒不发邮件。" in response.content.decode()
    assert Preference.objects.get(user=filer).by_mail is False
    client.post(reverse("supervision:by_mail"), {"wanted": "1"})
    assert Preference.objects.get(user=filer).by_mail is True
    assert Event.objects.filter(verb="notice.by_mail", actor_id=filer.pk).count() == 2
    response = client.post(reverse("supervision:by_mail"), {"wanted": "x"}, follow=True)
    assert [str(m) for m in response.context["messages"]][-1] == "请选择接收或不接收邮件。"
    client.force_login(make_sysadmin())
    assert client.post(reverse("supervision:by_mail"), {"wanted": "0"}).status_code == 404


def test_a_person_sees_their_own_digests_with_what_became_of_the_mail(
    client, mail_server, departments, period, now
):
    filer, other = make_filer(departments[0], email="zhang@example.org"), make_leader()
    tell(at=now)
    send_all(now)
    client.force_login(filer)
    page = client.get(reverse("supervision:notices")).content.decode()
    assert "1 条 · 邮件已发送" in page
    client.force_login(other)
    assert "邮件已发送" not in client.get(reverse("supervision:notices")).content.decode()


# Really at once: threads, workers


@pytest.mark.django_db(transaction=True)
def test_two_at_once_send_one_message(receiver, departments, period, now):
    make_channel(receiver)
    barrier = threading.Barrier(4)
    told, outcomes = [], []

    def run():
        try:
            barrier.wait(30)
            told.append(len(tell(at=now)))
            barrier.wait(30)
            outcomes.append(send(delivery_id=Delivery.objects.get().pk, at=now))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == [0, 0, 0, 1]
    assert sorted(map(str, outcomes)) == ["None", "None", "None", "sent"]
    assert len(receiver.posts) == 1


@pytest.mark.worker
def test_a_real_worker_sends_each_message_once(worker, receiver, plan, departments, period, now):
    make_channel(receiver)
    office = make_reviewer(plan.office)
    remind(period=period, departments=departments, by=office, at=timezone.now())
    for delivery in Delivery.objects.all():
        for _ in range(3):
            send_delivery.delay(delivery_id=delivery.pk)
    for _ in range(3):
        notify.delay()
    worker.settle()
    reminders = [text for text in receiver.texts if "【催办】" in text]
    assert len(reminders) == 1
    assert set(states()) == {"sent"}
    assert len(receiver.posts) == Delivery.objects.count()


@pytest.mark.worker
def test_a_worker_killed_while_it_sends_leads_to_no_second_sending(
    worker, receiver, plan, departments, period
):
    """The message has left, the worker dies before it can say so: the message is doubtful, not repeated."""
    make_channel(receiver)
    receiver.gate = threading.Event()
    remind(period=period, departments=departments, by=make_reviewer(plan.office), at=timezone.now())
    assert receiver.arrived.wait(60)
    kill_all(worker.running.process.pid)
    receiver.gate.set()
    receiver.gate = None
    assert states() == ["sending"]
    pk, at = Delivery.objects.get().pk, timezone.now()
    send_delivery(delivery_id=pk)  # the job comes back to another worker
    mark_left(at=at)
    assert states() == ["sending"]
    assert mark_left(at=at + LEFT_AFTER + MINUTE) == 1
    assert send_all(at + timedelta(days=1)) == []
    assert states() == [DeliveryState.DOUBTFUL]
    assert Delivery.objects.get().last_error == "发送过程中断，可能已经送达"
    assert len(receiver.posts) == 1


def kill_all(pid):
    """Kill a worker with the processes it forked, as a power cut would."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        os.kill(each, signal.SIGKILL)


@pytest.fixture
def mail_for_worker(mail_server, monkeypatch):
    """The worker, a process of its own, reads the mail server from its environment."""
    monkeypatch.setenv("EMAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("EMAIL_PORT", str(mail_server.port))
    monkeypatch.setenv("SITE_URL", "https://harbor.example/")
    return mail_server


@pytest.mark.worker
def test_one_click_of_the_office_reaches_mailbox_and_group_through_a_real_worker(
    client, mail_for_worker, worker, receiver, plan, departments
):
    make_filer(departments[0], email="zhang@example.org")
    make_filer(departments[1], email="li@example.org")
    make_channel(receiver, kind="generic", webhook_secret="geheim").departments.add(departments[0])
    period = open_quarter(plan)
    client.force_login(make_reviewer(plan.office))
    response = client.post(
        reverse("supervision:remind"), {"period": period.pk, "department": departments[0].pk}, follow=True
    )
    assert [str(message) for message in response.context["messages"]] == ["已向甲局发出催办。"]
    worker.settle()
    notify.delay()
    worker.settle()
    reminders = [(to, mail["Subject"]) for to, mail in mail_for_worker.mails if "催办" in mail["Subject"]]
    assert reminders == [(["zhang@example.org"], "811：催办 1 条")]
    (post,) = [post for post in receiver.posts if "催办" in post["json"]["title"]]
    assert "· 甲局：2020年第4季度尚有 1 项未报" in post["json"]["text"]
    assert post["headers"]["X-Signature"].startswith("sha256=")
    assert set(states()) == {"sent"}
