"""docker-compose.yml, the image and the import contract."""

import tomllib
from pathlib import Path

import pytest
import yaml

from scripts import run
from tests import services
from tests.conftest import compose_command

ROOT = services.ROOT


@pytest.fixture(scope="module")
def composition() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_production_has_its_five_services_each_watched(composition):
    assert set(composition["services"]) == {"postgres", "redis", "prepare", "web", "worker", "beat"}
    lasting = {name: service for name, service in composition["services"].items() if name != "prepare"}
    assert [name for name, service in lasting.items() if "healthcheck" not in service] == []
    assert [name for name, service in lasting.items() if service["restart"] != "unless-stopped"] == []


def test_production_serves_by_the_command_of_make_run(composition):
    assert composition["services"]["web"]["command"] == run.SERVE


def test_production_has_no_secret_written_down_and_refuses_to_start_without(composition):
    environment_ = composition["services"]["web"]["environment"]
    assert environment_["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in environment_["DATABASE_URL"]
    assert composition["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )
    assert composition["services"]["worker"]["environment"] == environment_
    assert composition["services"]["beat"]["environment"] == environment_


def test_only_the_web_server_is_published_and_only_to_this_host(composition):
    published = {
        name: service["ports"] for name, service in composition["services"].items() if "ports" in service
    }
    assert published == {"web": ["${PUBLISH:-127.0.0.1:8000}:8000"]}


def test_the_image_runs_as_an_ordinary_user():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER harbor" in lines
    assert lines.index("USER harbor") > lines.index("COPY . .")


@pytest.mark.worker
def test_beat_starts_by_productions_command(tmp_path):
    program, *arguments = compose_command("beat")
    files = [f"{tmp_path}/{Path(part).name}" if part.startswith("/tmp/") else part for part in arguments]
    command = [program, *files, "--loglevel=debug"]
    running = services.start(command, env={"DJANGO_SETTINGS_MODULE": "harbor_plan.settings"})
    # A beat that is asked to stop while it still opens its schedule ends with an error.
    services.wait_until(lambda: "beat: Waking up" in running.output(), running, "Celery beat")
    assert (tmp_path / "beat.pid").exists()
    assert len(list(tmp_path.glob("beat*"))) > 1
    running.stop()
    assert running.process.returncode == 0


def test_the_import_contract_lists_every_app():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [layer for entry in contract["contracts"][0]["layers"] for layer in entry.split(" : ")]
    apps = {
        Path(app_).name
        for app_ in ROOT.iterdir()
        if (app_ / "apps.py").exists() or (app_ / "models.py").exists()
    }
    assert apps <= set(layers)
    assert set(contract["root_packages"]) == apps | {"harbor_plan"}
