"""Addresses of all pages of figures, and what a page says in plain text."""

import html
import re

from django.test import Client
from django.urls import reverse

from tests.reports.scene import Scene

LISTS = (
    "cockpit",
    "goals",
    "indicators",
    "actions",
    "milestones",
    "departments",
    "responsibilities",
    "publications",
)
SUBJECTS = ("goal", "indicator", "action", "task", "department")
PAGES = (*LISTS, *SUBJECTS)


def addresses(scene: Scene) -> dict[str, str]:
    """One address of each page, by name."""
    subjects = {
        "goal": scene.goal,
        "indicator": scene.indicators[0],
        "action": scene.action,
        "task": scene.tasks[0],
        "department": scene.departments[0],
    }
    return {name: reverse(f"reports:{name}") for name in LISTS} | {
        name: reverse(f"reports:{name}", args=[subject.pk]) for name, subject in subjects.items()
    }


def text_of(markup: str) -> str:
    """What a reader sees, without tags and with single spaces."""
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", markup, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def read(client: Client, url: str) -> str:
    """The text of a page that must open."""
    response = client.get(url)
    assert response.status_code == 200, response.content.decode()[:500]
    return text_of(response.content.decode())
