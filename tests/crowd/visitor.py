"""A person's browser without a screen: real HTTP over loopback, cookies, and forms sent as their page has them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

PATIENCE = 120.0  # seconds for one answer; generous, for busy machines


@dataclass
class Form:
    """A form of a page: where it is sent, and what it would send now, by name."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)  # values that a select or radio buttons offer


class Forms(HTMLParser):
    """Every form of a page, by the path it is sent to."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.by_action: dict[str, Form] = {}
        self._form: Form | None = None
        self._select = self._area = ""
        self._option: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.by_action.setdefault(told.get("action", ""), Form(told.get("action", "")))
        elif self._form is None:
            return
        elif tag == "input":
            self._take_input(self._form, told)
        elif tag == "textarea" and "name" in told:
            self._area = told["name"]
            self._form.fields[self._area] = ""
        elif tag == "select" and "name" in told:
            self._select = told["name"]
            self._form.choices[self._select] = []
        elif tag == "option" and self._select:
            self._take_option(self._form, told)

    def _take_input(self, form: Form, told: dict[str, str]) -> None:
        name, kind = told.get("name"), told.get("type", "text")
        if not name or kind in ("submit", "file"):
            return
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(told.get("value", "on"))
            if "checked" not in told:
                return
        form.fields[name] = told.get("value", "")

    def _take_option(self, form: Form, told: dict[str, str]) -> None:
        value = told.get("value", "")
        form.choices[self._select].append(value)
        if "selected" in told or self._select not in form.fields:
            form.fields[self._select] = value

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area:
            self._form.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._form is not None and self._area:
            self._form.fields[self._area] = self._form.fields[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._form = None


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    request: str
    status: int
    location: str
    text: str

    @property
    def said(self) -> dict[str, Any]:
        """The JSON that a script reads."""
        answer: dict[str, Any] = json.loads(self.text)
        return answer

    @property
    def words(self) -> str:
        """The page's text without its marks."""
        return unescape(re.sub(r"<[^>]+>", "", self.text))

    def form(self, action: str) -> Form:
        """The form of this page that is sent to `action`."""
        forms = Forms(self.text).by_action
        assert action in forms, (
            f"{self.request}: no form for {action} but {sorted(forms)}\n{self.words[:2000]}"
        )
        return forms[action]


@dataclass
class Visitor:
    """One browser window of somebody who is signed in. `log` is shared by all: every answer anybody ever got.

    One that `tries_again` repeats what got no answer, as the filing desk's script does; `broken` counts how often.
    """

    port: int
    cookies: dict[str, str]
    log: list[Answer]
    tries_again: bool = False
    broken: int = 0

    def another_window(self) -> Visitor:
        """A second window of the same browser: the same session, at the same time."""
        return Visitor(self.port, dict(self.cookies), self.log)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None, {})

    def press(self, path: str, **fields: str) -> Answer:
        """Press a button whose form has these fields, and come to the page it leads to."""
        done = self.post(path, self.with_token(fields))
        return self.get(done.location) if done.status == 302 else done

    def with_token(self, fields: Mapping[str, str]) -> dict[str, str]:
        """The fields with the token that every form carries; some page with a form was opened before."""
        return {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send fields as a form does; a redirect is not followed."""
        return self._ask("POST", path, *multipart(fields))

    def fetch(self, path: str, fields: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> Answer:
        """Send fields and files as the page's script does, which reads JSON."""
        body, headers = multipart(fields, files or {})
        return self._ask("POST", path, body, headers | {"X-Requested-With": "fetch"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._ask_once(method, path, body, headers)
            except (ConnectionError, HTTPException):
                if not self.tries_again or time.monotonic() > deadline:
                    raise
                self.broken += 1
                time.sleep(0.05)

    def _ask_once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request on a connection of its own. Raises ConnectionError or HTTPException when the server goes away."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method,
                path,
                body,
                {**headers, "Cookie": cookie, "Accept-Language": "zh-CN", "Connection": "close"},
            )
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        answer = Answer(f"{method} {path}", response.status, response.headers.get("Location", ""), text)
        self.log.append(answer)
        return answer


def multipart(
    fields: Mapping[str, str], files: Mapping[str, bytes] | None = None
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form as FormData sends it; files go under the name "files", by their own names."""
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content in (files or {}).items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={boundary}"}
