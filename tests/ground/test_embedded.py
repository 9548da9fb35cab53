"""The embedded default, started as `make run` starts it, and production's preparation."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests import services
from tests.conftest import Embedded, compose_command, start_embedded

ROOT = services.ROOT


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:
        assert response.status == 200
        return response.read().decode()


@pytest.mark.embedded
@pytest.mark.xdist_group("embedded")
def test_the_embedded_default_serves_its_pages_and_hashed_static_files(embedded: Embedded):
    page = fetch(f"{embedded.url}/")
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", style) for style in styles)
    for style in styles:
        assert fetch(embedded.url + style)
    assert "演示账号" in embedded.running.output()
    assert f"已就绪：{embedded.url}/" in embedded.running.output()


@pytest.mark.embedded
@pytest.mark.xdist_group("embedded")
def test_a_second_start_keeps_what_people_entered(embedded: Embedded):
    before = row_counts(embedded.var)
    assert before["tasks.Task"] == 48
    assert before["filings.Entry"] > 3000
    key = (embedded.var / "secret_key").read_text()
    again = start_embedded(embedded.var)
    try:
        assert fetch(f"{again.url}/")
    finally:
        again.running.stop()
    assert row_counts(embedded.var) == before
    assert (embedded.var / "secret_key").read_text() == key
    assert "Another process over the same data runs the periodic jobs." in again.running.output()


def test_production_is_prepared_with_plan_and_schemes_but_without_demo_data(tmp_path):
    env = {"VAR_DIR": str(tmp_path), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "harbor_plan.settings"}
    for _ in range(2):
        subprocess.run(compose_command("prepare"), cwd=ROOT, env=os.environ | env, check=True)
    counts = row_counts(tmp_path)
    assert {
        name: counts[name] for name in ("tasks.Task", "assessment.Scheme", "accounts.User", "filings.Filing")
    } == {
        "tasks.Task": 48,
        "assessment.Scheme": 4,
        "accounts.User": 0,
        "filings.Filing": 0,
    }


def row_counts(var: Path) -> dict[str, int]:
    """Rows per table of plan, people, filings and schemes in the SQLite database under `var`."""
    code = (
        "import django, json; django.setup(); from django.apps import apps;"
        "print(json.dumps({model._meta.label: model._base_manager.count()"
        " for app in ('targets', 'actions', 'tasks', 'departments', 'accounts', 'filings', 'assessment')"
        " for model in apps.get_app_config(app).get_models()}))"
    )
    env = {"VAR_DIR": str(var), "DATABASE_URL": "", "REDIS_URL": "", "SECRET_KEY": ""}
    env["DJANGO_SETTINGS_MODULE"] = "harbor_plan.settings"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
