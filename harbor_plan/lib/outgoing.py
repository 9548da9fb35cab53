"""Messages that leave this machine: by e-mail and by an HTTP POST, each in one attempt.

What is not known to have arrived is told apart: `NotSent` means that the other side did not take the message, so it
may be tried again; `Doubtful` means that the connection broke after the message was handed over, so nobody knows.
Nothing here reads a clock, keeps a record or tries again; redirects are never followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

#: Seconds one attempt waits for the other side, for each step of it.
TIMEOUT = 10.0
#: Bytes of an answer that are read.
ANSWER_LIMIT = 64 * 1024


class NotSent(Exception):
    """The other side did not take the message. The sentence says why, without addresses or secrets."""


class Doubtful(Exception):
    """The message was handed over and then the connection broke: it may have arrived."""


@dataclass(frozen=True)
class Answer:
    """What the other side said to a POST."""

    status: int
    body: bytes


# Addresses


def problem_of(url: str) -> str:
    """Why this is no address to post to; empty when it is one. Plain http is for addresses inside the network only."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "地址写法不对，应以 https:// 或 http:// 开头。"
    if parts.scheme not in ("http", "https") or not host:
        return "地址写法不对，应以 https:// 或 http:// 开头。"
    if parts.username or parts.password or parts.fragment:
        return "地址中不要写用户名、口令或 # 后的内容。"
    if any(character.isspace() or ord(character) < 32 for character in url) or not url.isascii():
        return "地址中不能有空格或中文，请复制机器人给出的完整地址。"
    if parts.scheme == "http" and _is_public_literal(host):
        return "外网地址须用 https://；http:// 只用于内网。"
    return ""


def masked_url(url: str) -> str:
    """Enough of an address to recognise it: keys and tokens in it are secret."""
    host = urlsplit(url).hostname or ""
    return f"{host}/…{url[-4:]}" if host else ""


def masked_email(address: str) -> str:
    """z***@example.com."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""


def _is_public_literal(host: str) -> bool:
    try:
        return _is_public(host)
    except ValueError:
        return False  # a name: what it stands for is checked when it is used


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


# By HTTP


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send one POST and read its answer, whatever its status. Raises NotSent or Doubtful."""
    if problem := problem_of(url):
        raise NotSent(problem)
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    connection = _connect(parts.scheme, parts.hostname or "", parts.port)
    try:
        try:
            connection.request("POST", target, body=body, headers=dict(headers))
        except (OSError, http.client.HTTPException) as error:
            raise Doubtful(f"发送中连接中断（{_word(error)}）") from error
        try:
            response = connection.getresponse()
            return Answer(response.status, response.read(ANSWER_LIMIT))
        except (OSError, http.client.HTTPException) as error:
            raise Doubtful(f"已发出，没有等到回答（{_word(error)}）") from error
    finally:
        connection.close()


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """A connection that stands, before anything is said on it."""
    try:
        if scheme == "https":
            secure = http.client.HTTPSConnection(
                host, port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
            secure.connect()
            return secure
        plain = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        plain.sock = socket.create_connection((_inside(host, plain.port), plain.port), timeout=TIMEOUT)
        return plain
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NotSent(f"连接不上（{_word(error)}）") from error


def _inside(host: str, port: int) -> str:
    """The address a name stands for, refused when it lies outside the network: http is for the intranet."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"找不到主机（{_word(error)}）") from error
    addresses = [str(entry[4][0]) for entry in found]
    if any(_is_public(address) for address in addresses):
        raise NotSent("外网地址须用 https://")
    return addresses[0]


def _word(error: Exception) -> str:
    """What kind of error, in the system's own words and without the address."""
    if isinstance(error, TimeoutError):
        return "超时"
    return type(error).__name__ if not isinstance(error, OSError) or not error.strerror else error.strerror


# By e-mail


def mail_is_configured() -> bool:
    """Whether a mail server was given (EMAIL_HOST)."""
    return bool(settings.EMAIL_HOST)


def send_mail(to: str, subject: str, text: str) -> None:
    """Send one plain-text mail to one address. Raises NotSent or Doubtful."""
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"邮件服务器连接不上（{_word(error)}）") from error
    message = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [to], connection=connection)
    try:
        sent = connection.send_messages([message])
    except smtplib.SMTPServerDisconnected as error:
        raise Doubtful("邮件服务器中断了连接") from error
    except smtplib.SMTPException as error:
        raise NotSent(f"邮件服务器拒收（{_refusal(error)}）") from error
    except ValueError as error:  # an address or a head that is none; nothing has left
        raise NotSent("邮箱地址写法不对") from error
    except OSError as error:
        raise Doubtful(f"发送中连接中断（{_word(error)}）") from error
    finally:
        with suppress(OSError, smtplib.SMTPException):  # whatever happens at the goodbye, the answer stands
            connection.close()
    if not sent:
        raise NotSent("邮件服务器没有收下")


def _refusal(error: smtplib.SMTPException) -> str:
    """The server's code; of refused recipients the first one's. Its words may name the address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _ = next(iter(error.recipients.values()))
        return str(code)
    return str(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
