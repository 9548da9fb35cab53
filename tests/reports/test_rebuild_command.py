"""`manage.py rebuild`: what it says, what it mends and what it refuses."""

from __future__ import annotations

import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reports.models import Subject, Summary
from reports.services import refresh_period
from tests.reports.scene import Scene, figures, filing_time

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("rebuild", *arguments, stdout=out)
    return [re.sub(r"\d+ 次查询，\d+ 毫秒|\d+\.\d 秒", "…", line) for line in out.getvalue().splitlines()]


@pytest.fixture
def scene() -> Scene:
    scene = Scene.make()
    for quarter in (1, 2):
        period = scene.filed(2020, quarter)
        refresh_period(period=period, at=filing_time(period))
    return scene


def test_what_is_right_stays_and_what_is_wrong_is_mended(scene):
    before = figures(Summary.objects.filter(period__quarter=2))
    Summary.objects.filter(period__quarter=2, subject=Subject.TASK).update(completion=Decimal(1))
    code = scene.plan.code
    assert run() == [f"{code} 2020Q1：0 项不同，…", f"{code} 2020Q2：1 项不同，…", "共 2 个季度，…。"]
    assert figures(Summary.objects.filter(period__quarter=2)) == before


def test_one_quarter_of_one_plan(scene):
    code = scene.plan.code
    assert run("2020Q2", "--plan", code) == [f"{code} 2020Q2：0 项不同，…", "共 1 个季度，…。"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("2020Q9",), "没有已开放的季度 2020Q9；写成 2020Q3 的样子。"),
        (("2020Q1", "2019Q1"), "没有已开放的季度 2019Q1；写成 2020Q3 的样子。"),
        (("--plan", "nothing"), "没有代码为 nothing 的方案。"),
    ],
)
def test_what_is_not_there_is_said(scene, arguments, sentence):
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert str(refused.value) == sentence
