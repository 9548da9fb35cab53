"""The outside world on loopback: a mail server that keeps what it gets, and a receiver of webhooks."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a client needs. `refuse` answers the next messages with a code instead of keeping them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refuse: list[bytes] = []
        self.hang_up = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        to: list[str] = []
        self.say(b"220 here")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say(b"354 go on")
                data = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    data += line.removeprefix(b".") if line.startswith(b"..") else line
                if self.server.hang_up:
                    return
                if self.server.refuse:
                    self.say(self.server.refuse.pop(0))
                    continue
                self.server.mails.append((to, message_from_bytes(data, policy=policy.default)))
                to = []
            elif verb == b"RCPT":
                to.append(line.decode().partition("<")[2].partition(">")[0])
            elif verb == b"QUIT":
                self.say(b"221 bye")
                return
            self.say(b"250 ok")

    def say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


class Receiver(ThreadingHTTPServer):
    """Keeps every POST. `answers` are (status, JSON) given first; then `usual`. `gate` holds an answer back."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.posts: list[dict[str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        self.usual: tuple[int, Any] = (200, {"errcode": 0, "code": 0})
        self.gate: threading.Event | None = None
        self.arrived = threading.Event()

    def handle_error(self, *_: Any) -> None:
        """Whoever asked was killed meanwhile: that is what some tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/robot/send?access_token=geheim1234"

    @property
    def texts(self) -> list[str]:
        """What robots of 钉钉 and 企业微信 were told."""
        return [post["json"]["text"]["content"] for post in self.posts]


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append(
            {"path": self.path, "headers": dict(self.headers), "body": body, "json": json.loads(body)}
        )
        self.server.arrived.set()
        if self.server.gate is not None:
            self.server.gate.wait(60)
        status, said = self.server.answers.pop(0) if self.server.answers else self.server.usual
        if status == 0:  # hangs up without an answer
            return
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server, answering until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
