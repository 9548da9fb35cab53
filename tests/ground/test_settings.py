"""Settings read from the environment, and what the tests themselves run on."""

import socket
import stat

import pytest

from harbor_plan import environment


def test_sqlite_waits_for_its_write_lock_and_postgres_keeps_its_connections():
    sqlite = environment.database("sqlite:////data/plan.sqlite3")
    assert sqlite["NAME"] == "/data/plan.sqlite3"
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
    postgres = environment.database("postgres://office:p%40ss@db:5433/plan")
    assert [
        postgres[key] for key in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "NAME", "CONN_MAX_AGE")
    ] == [
        "django.db.backends.postgresql",
        "office",
        "p@ss",
        "db",
        5433,
        "plan",
        60,
    ]


def test_broker_and_cache_never_share_a_redis_database():
    assert environment.cache("redis://r:6379")["LOCATION"] == "redis://r:6379/1"
    assert environment.cache("redis://:pw@r:6379/4")["LOCATION"] == "redis://:pw@r:6379/5"
    assert environment.cache("")["BACKEND"].endswith("LocMemCache")


def test_a_secret_key_is_made_once_and_readable_by_its_owner_only(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY")
    path = tmp_path / "new" / "secret_key"
    key = environment.secret_key(path)
    assert len(key) >= 64
    assert environment.secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("SECRET_KEY", "given")
    assert environment.secret_key(path) == "given"


def test_the_tests_run_on_postgres_and_redis(settings):
    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache"


def test_tests_stay_on_this_machine():
    with socket.socket() as outward, pytest.raises(RuntimeError, match="tests stay on this machine"):
        outward.connect(("192.0.2.1", 80))
