"""Reading the process environment for settings. Nothing here imports Django."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

#: With what is wrong in Chinese and in English.
TAKEN = """DATABASE_URL 不能使用：{0}。
可用的地址：postgres://用户:口令@主机:5432/库名，或 sqlite:////绝对路径/文件.sqlite3；不设则用 var/ 下的 SQLite。
DATABASE_URL cannot be used: {1}.
Taken are postgres://user:password@host:5432/name and sqlite:////path/to/file.sqlite3; unset means SQLite under var/."""

TRUE_WORDS = {"1", "true", "yes", "on"}


def text(name: str, default: str = "") -> str:
    """The variable `name`, stripped; `default` when it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def flag(name: str) -> bool:
    """Whether the variable `name` is set to 1, true, yes or on."""
    return text(name).lower() in TRUE_WORDS


def words(name: str, default: str = "") -> list[str]:
    """The comma-separated words of the variable `name`, without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at `url` (sqlite or postgres).

    SQLite writes ahead (WAL) so that readers never wait, takes the write lock when a transaction begins
    (IMMEDIATE) so that two writers queue instead of failing half-way, and waits up to 20 seconds for it.
    Exits with 1 and a sentence for an address of another kind: every way of starting reads this first.
    """
    if problem := _database_problem(url):
        sys.exit(TAKEN.format(*problem))
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["CONN_MAX_AGE"] = 0
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
    return config


def _database_problem(url: str) -> tuple[str, str] | None:
    """What is wrong with an address, in Chinese and in English, without its password; None when it is sound."""
    scheme = url.partition(":")[0] if "://" in url else ""
    if scheme not in ("postgres", "postgresql", "sqlite"):
        shown = f"{scheme}://" if scheme.isascii() and scheme.isalnum() else "?"
        return f"不支持 {shown} 这种地址", f"addresses of the kind {shown} are not taken"
    if scheme != "sqlite" and not _is_port_sound(url):
        return (
            "端口不是数字；口令中的特殊符号要写成 %XX",
            "the port is no number; signs in a password are written as %XX",
        )
    if not url.partition("://")[2].partition("/")[2].strip("/"):
        return "地址里没有数据库名或文件名", "it names no database or file"
    return None


def _is_port_sound(url: str) -> bool:
    """Whether the address has no port, or a number. A sign that should be written as %XX moves it."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def cache(redis_url: str) -> dict[str, Any]:
    """Django's description of the cache: local memory without Redis, else the database after the broker's.

    The broker's messages and the cache never share a Redis database, so clearing one leaves the other.
    """
    if not redis_url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    parts = urlsplit(redis_url)
    number = int(parts.path.strip("/") or 0)
    location = parts._replace(path=f"/{number + 1}").geturl()
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location}


def secret_key(path: Path) -> str:
    """SECRET_KEY from the environment; without one, a key made once and kept in the file `path`."""
    given = text("SECRET_KEY")
    if given:
        return given
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()
