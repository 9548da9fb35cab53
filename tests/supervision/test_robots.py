"""How each kind of group robot is spoken to, and how its answer is read."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from harbor_plan.lib.outgoing import Answer
from supervision.robots import MORE, refusal, request, shortened

AT = datetime(2021, 1, 15, 0, 30, tzinfo=UTC)
URL = "https://robot.example/send?access_token=abc"


def asked(kind, secret="", url=URL, text="内容"):
    return request(kind, url, secret, subject="主题", text=text, key="digest-7", at=AT)


def test_wecom_takes_text_and_its_key_is_in_the_address():
    sent = asked("wecom", "ignored")
    assert sent.url == URL
    assert json.loads(sent.body) == {"msgtype": "text", "text": {"content": "主题\n内容"}}
    assert sent.headers == {"Content-Type": "application/json; charset=utf-8"}


def test_dingtalk_signs_in_the_address():
    sent = asked("dingtalk", "SECabc")
    query = parse_qs(urlsplit(sent.url).query)
    assert query["access_token"] == ["abc"]
    assert query["timestamp"] == ["1610670600000"]
    wanted = hmac.new(b"SECabc", b"1610670600000\nSECabc", hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(wanted).decode()]
    assert json.loads(sent.body) == {"msgtype": "text", "text": {"content": "主题\n内容"}}
    assert asked("dingtalk").url == URL


def test_feishu_signs_in_the_body():
    sent = asked("feishu", "geheim")
    wanted = hmac.new(b"1610670600\ngeheim", b"", hashlib.sha256).digest()
    assert json.loads(sent.body) == {
        "timestamp": "1610670600",
        "sign": base64.b64encode(wanted).decode(),
        "msg_type": "text",
        "content": {"text": "主题\n内容"},
    }
    assert json.loads(asked("feishu").body) == {"msg_type": "text", "content": {"text": "主题\n内容"}}


def test_a_receiver_of_ones_own_gets_json_with_a_signature():
    sent = asked("generic", "geheim")
    assert json.loads(sent.body) == {
        "id": "digest-7",
        "title": "主题",
        "text": "内容",
        "at": "2021-01-15T00:30:00+00:00",
    }
    wanted = hmac.new(b"geheim", sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Signature"] == f"sha256={wanted}"
    assert "X-Signature" not in asked("generic").headers


def test_long_texts_are_cut_between_characters_and_say_so():
    text = shortened("港" * 1000, 2000)
    assert len(text.encode()) <= 2000
    assert text == "港" * ((2000 - len(MORE.encode())) // 3) + MORE
    assert shortened("港", 3) == "港"
    content = json.loads(asked("wecom", text="港" * 3000).body)["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith(MORE)


@pytest.mark.parametrize(
    ("kind", "status", "body", "says"),
    [
        ("wecom", 200, b'{"errcode": 0, "errmsg": "ok"}', ""),
        ("wecom", 200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}', "对方回答代码 93000"),
        ("dingtalk", 200, b'{"errcode": 310000}', "对方回答代码 310000"),
        ("feishu", 200, b'{"code": 0, "msg": "success"}', ""),
        ("feishu", 200, b'{"StatusCode": 0}', ""),
        ("feishu", 200, b'{"code": 19021}', "对方回答代码 19021"),
        ("feishu", 200, b'{"errcode": 0}', "对方的回答没有结果代码，地址可能不对"),
        ("wecom", 200, b"<html>", "对方的回答不是 JSON，地址可能不对"),
        ("wecom", 200, b"[]", "对方的回答没有结果代码，地址可能不对"),
        ("wecom", 500, b'{"errcode": 0}', "对方回答 HTTP 500"),
        ("dingtalk", 302, b"", "对方回答 HTTP 302，不跟随跳转"),
        ("generic", 204, b"", ""),
        ("generic", 404, b"", "对方回答 HTTP 404"),
    ],
)
def test_only_a_clear_yes_counts(kind, status, body, says):
    assert refusal(kind, Answer(status, body)) == says
