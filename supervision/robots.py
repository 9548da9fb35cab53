"""How each kind of group robot wants to be spoken to, and how it says that it understood. Pure: no network, no clock.

企业微信: text of at most 2048 bytes, answer `errcode` 0; the key is part of the address.
钉钉: signature `base64(hmac_sha256(secret, "{milliseconds}\\n{secret}"))` in the address, answer `errcode` 0.
飞书: signature `base64(hmac_sha256("{seconds}\\n{secret}", ""))` in the body, answer `code` 0.
通用: JSON with title and text, header `X-Signature: sha256=hex(hmac_sha256(secret, body))`, any 2xx answer.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from harbor_plan.lib.outgoing import Answer
from supervision.terms import ChannelKind

#: Bytes of text each takes; the rest is left out with a word that says so.
LIMITS = {
    ChannelKind.WECOM: 2000,
    ChannelKind.DINGTALK: 18_000,
    ChannelKind.FEISHU: 18_000,
    ChannelKind.GENERIC: 200_000,
}
MORE = "\n……更多内容请登录系统查看。"


@dataclass(frozen=True)
class Request:
    """One POST."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def request(kind: str, url: str, secret: str, *, subject: str, text: str, key: str, at: datetime) -> Request:
    """What to post to a robot; `key` names the message, so that a receiver of one's own can tell a repetition."""
    words = shortened(f"{subject}\n{text}", LIMITS[ChannelKind(kind)])
    content: dict[str, Any]
    if kind == ChannelKind.FEISHU:
        content = {"msg_type": "text", "content": {"text": words}}
        if secret:
            seconds = str(int(at.timestamp()))
            content = {"timestamp": seconds, "sign": _signature(f"{seconds}\n{secret}", ""), **content}
    elif kind == ChannelKind.GENERIC:
        content = {"id": key, "title": subject, "text": text, "at": at.isoformat()}
    else:
        content = {"msgtype": "text", "text": {"content": words}}
    if kind == ChannelKind.DINGTALK and secret:
        url = _signed_by_dingtalk(url, secret, at)
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if kind == ChannelKind.GENERIC and secret:
        headers["X-Signature"] = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
    return Request(url, body, headers)


def refusal(kind: str, answer: Answer) -> str:
    """Why the robot did not take the message; empty when it did."""
    if not 200 <= answer.status < 300:
        moved = "，不跟随跳转" if 300 <= answer.status < 400 else ""
        return f"对方回答 HTTP {answer.status}{moved}"
    if kind == ChannelKind.GENERIC:
        return ""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return "对方的回答不是 JSON，地址可能不对"
    names = ("code", "StatusCode") if kind == ChannelKind.FEISHU else ("errcode",)
    codes = [said[name] for name in names if isinstance(said, dict) and name in said]
    if not codes:
        return "对方的回答没有结果代码，地址可能不对"
    return "" if codes[0] == 0 else f"对方回答代码 {str(codes[0])[:20]}"


def shortened(text: str, limit: int) -> str:
    """The text within so many bytes of UTF-8, whole characters, saying so when something was left out."""
    if len(text.encode()) <= limit:
        return text
    room = limit - len(MORE.encode())
    return text.encode()[:room].decode(errors="ignore") + MORE


def _signed_by_dingtalk(url: str, secret: str, at: datetime) -> str:
    milliseconds = str(int(at.timestamp() * 1000))
    query = urlencode({"timestamp": milliseconds, "sign": _signature(secret, f"{milliseconds}\n{secret}")})
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _signature(key: str, message: str) -> str:
    return b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()
