"""Messages that leave this machine: taken, refused, or nobody knows."""

import threading

import pytest

from harbor_plan.lib import outgoing
from harbor_plan.lib.outgoing import Doubtful, NotSent
from tests import services
from tests.supervision.outside import MailServer, Receiver, running

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def receiver():
    with running(Receiver()) as server:
        yield server


@pytest.fixture
def mail_server(settings):
    with running(MailServer()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.dingtalk.com/robot/send?access_token=abc",
        "http://10.1.2.3:8080/hook",
        "http://127.0.0.1/hook",
        "http://[::1]/hook",
        "http://robot.intranet/hook",
    ],
)
def test_addresses_to_post_to(url):
    assert outgoing.problem_of(url) == ""


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "地址写法不对"),
        ("ftp://10.1.2.3/x", "地址写法不对"),
        ("file:///etc/passwd", "地址写法不对"),
        ("https://", "地址写法不对"),
        ("https://host:99999/", "地址写法不对"),
        ("https://user:pass@host/x", "不要写用户名"),
        ("https://host/x#part", "不要写用户名"),
        ("https://host/a b", "不能有空格"),
        ("https://host/中文", "不能有空格"),
        ("https://host/x\r\nX: y", "不能有空格"),
        ("http://8.8.8.8/x", "外网地址须用 https://"),
    ],
)
def test_addresses_that_are_refused(url, says):
    assert says in outgoing.problem_of(url)


def test_what_is_shown_of_an_address():
    assert outgoing.masked_url("https://oapi.dingtalk.com/robot/send?access_token=abcdef") == (
        "oapi.dingtalk.com/…cdef"
    )
    assert outgoing.masked_url("nonsense") == ""
    assert outgoing.masked_email("zhang.san@example.org") == "z***@example.org"
    assert outgoing.masked_email("") == ""


# By HTTP


def test_a_post_arrives_with_its_answer(receiver):
    answer = outgoing.post(receiver.url, b'{"a": 1}', JSON)
    assert (answer.status, answer.body) == (200, b'{"errcode": 0, "code": 0}')
    (post,) = receiver.posts
    assert (post["json"], post["path"]) == ({"a": 1}, "/robot/send?access_token=geheim1234")
    assert post["headers"]["Host"] == f"127.0.0.1:{receiver.server_port}"


def test_a_redirect_is_not_followed(receiver):
    receiver.answers = [(302, {})]
    assert outgoing.post(receiver.url, b"{}", JSON).status == 302
    assert len(receiver.posts) == 1


def test_where_nobody_listens_nothing_was_sent():
    with pytest.raises(NotSent, match="连接不上"):
        outgoing.post(f"http://127.0.0.1:{services.free_port()}/", b"{}", JSON)


def test_a_name_that_does_not_exist_was_not_sent_to():
    with pytest.raises(NotSent, match="找不到主机"):
        outgoing.post("http://no-such-host.invalid/", b"{}", JSON)


@pytest.mark.parametrize("host", ["a..b", "x" * 70])
def test_a_name_that_cannot_be_one_was_not_sent_to(host):
    for scheme in ("http", "https"):
        with pytest.raises(NotSent):
            outgoing.post(f"{scheme}://{host}/", b"{}", JSON)


def test_plain_http_to_a_name_outside_is_refused_before_a_byte(monkeypatch):
    monkeypatch.setattr(
        outgoing.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 80))]
    )
    with pytest.raises(NotSent, match="外网地址须用 https://"):
        outgoing.post("http://example.org/hook", b"{}", JSON)


def test_a_server_that_hangs_up_after_the_message_leaves_doubt(receiver):
    receiver.answers = [(0, None)]
    with pytest.raises(Doubtful, match="没有等到回答"):
        outgoing.post(receiver.url, b"{}", JSON)
    assert len(receiver.posts) == 1


def test_a_server_that_does_not_answer_in_time_leaves_doubt(receiver, monkeypatch):
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.3)
    receiver.gate = threading.Event()
    with pytest.raises(Doubtful, match="超时"):
        outgoing.post(receiver.url, b"{}", JSON)
    receiver.gate.set()


# By e-mail


def test_a_mail_arrives_as_it_was_written(mail_server):
    outgoing.send_mail("zhang@example.org", "提醒：到期 1 条", "第一行\n.点开头\n中文")
    ((to, mail),) = mail_server.mails
    assert to == ["zhang@example.org"]
    assert mail["Subject"] == "提醒：到期 1 条"
    assert mail.get_content().replace("\r\n", "\n") == "第一行\n.点开头\n中文\n"


def test_a_refused_mail_was_not_sent(mail_server):
    mail_server.refuse = [b"452 full"]
    with pytest.raises(NotSent, match="拒收（452）"):
        outgoing.send_mail("zhang@example.org", "x", "y")
    assert mail_server.mails == []


def test_a_mail_server_that_hangs_up_leaves_doubt(mail_server):
    mail_server.hang_up = True
    with pytest.raises(Doubtful):
        outgoing.send_mail("zhang@example.org", "x", "y")


@pytest.mark.parametrize(
    ("to", "subject"), [("zhang@example.org\nBcc: x@y", "x"), ("zhang@example.org", "a\nb")]
)
def test_what_is_no_address_or_head_never_leaves(mail_server, to, subject):
    with pytest.raises(NotSent):
        outgoing.send_mail(to, subject, "y")
    assert mail_server.mails == []


def test_a_mail_server_that_is_not_there(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", services.free_port()
    with pytest.raises(NotSent, match="连接不上"):
        outgoing.send_mail("zhang@example.org", "x", "y")


def test_without_a_host_there_is_no_mail(settings):
    settings.EMAIL_HOST = ""
    assert not outgoing.mail_is_configured()
    settings.EMAIL_HOST = "mail.intranet"
    assert outgoing.mail_is_configured()
