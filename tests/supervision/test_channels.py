"""Group robots and the record of messages in the administration: for the system administrator only."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from supervision.models import Channel, Delivery, Digest
from tests.factories import make_department, make_leader, make_plan, make_reviewer, make_sysadmin

ADD = reverse("admin:supervision_channel_add")
URL = "https://oapi.dingtalk.com/robot/send?access_token=geheim1234"


@pytest.fixture
def admin(client, db):
    client.force_login(make_sysadmin(name="郑凯"))
    return client


def typed(**changes):
    return {
        "kind": "dingtalk",
        "name": "工作群",
        "webhook_url": URL,
        "webhook_secret": "SECgeheim",
        "is_active": "on",
    } | changes


def change_url(channel):
    return reverse("admin:supervision_channel_change", args=[channel.pk])


def test_a_robot_is_set_up_and_its_secrets_are_never_shown_or_written_down_again(admin):
    department = make_department("甲局")
    admin.post(ADD, typed(departments=[department.pk]))
    channel = Channel.objects.get()
    assert (channel.webhook_url, channel.webhook_secret) == (URL, "SECgeheim")
    assert list(channel.departments.all()) == [department]
    pages = [
        admin.get(change_url(channel)).content.decode(),
        admin.get(reverse("admin:supervision_channel_changelist")).content.decode(),
        admin.get(reverse("admin:supervision_channel_history", args=[channel.pk])).content.decode(),
    ]
    assert all("geheim" not in page for page in pages)
    assert "oapi.dingtalk.com/…1234" in pages[0]
    assert "oapi.dingtalk.com/…1234" in pages[1]
    assert all("geheim" not in str([e.before, e.after, e.note]) for e in Event.objects.all())


def test_left_empty_address_and_secret_stay_and_a_change_of_them_is_recorded(admin):
    admin.post(ADD, typed())
    channel = Channel.objects.get()
    admin.post(change_url(channel), typed(name="新名", webhook_url="", webhook_secret=""))
    channel.refresh_from_db()
    assert (channel.name, channel.webhook_url, channel.webhook_secret) == ("新名", URL, "SECgeheim")
    assert not Event.objects.filter(verb="channel.address").exists()
    admin.post(
        change_url(channel), typed(webhook_url="https://oapi.dingtalk.com/robot/neu5678", webhook_secret="")
    )
    channel.refresh_from_db()
    assert (channel.webhook_url[-4:], channel.webhook_secret) == ("5678", "SECgeheim")
    assert Event.objects.get(verb="channel.address").after == {"地址": "oapi.dingtalk.com/…5678"}
    admin.post(change_url(channel), typed(webhook_url="", webhook_secret="", clear_secret="on"))
    channel.refresh_from_db()
    assert channel.webhook_secret == ""
    page = admin.post(change_url(channel), typed(webhook_url="", clear_secret="on")).content.decode()
    assert "就不要再勾选清除" in page


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "请填写群机器人的地址。"),
        ("http://8.8.8.8/hook", "外网地址须用 https://"),
        ("javascript:alert(1)", "地址写法不对"),
        ("https://u:p@host/x", "不要写用户名"),
    ],
)
def test_an_address_that_is_none_is_refused(admin, url, says):
    assert says in admin.post(ADD, typed(webhook_url=url)).content.decode()
    assert Channel.objects.count() == 0


def test_only_the_system_administrator_sees_robots_and_messages(client, admin):
    admin.post(ADD, typed())
    plan = make_plan()
    for person, code in ((make_reviewer(plan.office), 403), (make_leader(), 302)):
        client.force_login(person)
        for name in ("channel", "delivery"):
            assert client.get(reverse(f"admin:supervision_{name}_changelist")).status_code == code


def test_robots_are_switched_off_not_deleted(admin):
    admin.post(ADD, typed())
    channel = Channel.objects.get()
    assert (
        admin.post(
            reverse("admin:supervision_channel_delete", args=[channel.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    admin.post(change_url(channel), typed(webhook_url="", is_active=""))
    channel.refresh_from_db()
    assert not channel.is_active


def test_messages_are_listed_without_their_words_and_sent_again_from_there(admin):
    at = timezone.now()
    channel = Channel.objects.create(kind="wecom", name="群", webhook_url=URL)
    deliveries = []
    for state in ("doubtful", "failed", "queued"):
        digest = Digest.objects.create(
            channel=channel, on=at.date(), at=at, is_immediate=True, subject="机密主题", text="机密"
        )
        deliveries.append(
            Delivery.objects.create(
                digest=digest, via="webhook", address=channel.masked, state=state, next_at=at, attempts=5
            )
        )
    url = reverse("admin:supervision_delivery_changelist")
    page = admin.get(url).content.decode()
    assert "结果不明" in page
    assert "机密" not in page
    chosen = {"action": "send_again", "_selected_action": [d.pk for d in deliveries]}
    response = admin.post(url, chosen, follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert said[-1] == "已重新排入 2 条，几分钟内发出。"
    assert "只有未送达或结果不明的才能重新发送" in said[0]
    assert set(Delivery.objects.values_list("state", "attempts")) == {("queued", 0), ("queued", 5)}
    assert Event.objects.filter(verb="delivery.resend", actor_name="郑凯").count() == 2


def test_the_record_of_robots_is_read_by_the_system_administrator_and_not_by_the_office(client, admin):
    admin.post(ADD, typed())
    url = reverse("admin:audit_event_changelist")

    def kinds():
        return {event.subject_type for event in client.get(url).context["cl"].result_list}

    assert "supervision.channel" in kinds()
    client.force_login(make_reviewer(make_plan().office))
    assert "supervision.channel" not in kinds()
