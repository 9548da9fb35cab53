"""Versions of an action's programme: recorded by the office or a lead, with a file that is what it says."""

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from actions.models import Programme
from audit.models import Event
from tests import factories as f
from tests.tasks.scene import Work

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n%programme one\n"


@pytest.fixture(autouse=True)
def _stored_elsewhere(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def work() -> Work:
    return Work()


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def docx(text: str = "方案") -> bytes:
    """A small document, the same bytes at any time."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
        archive.writestr(zipfile.ZipInfo("word/document.xml"), text)
    return stored.getvalue()


def typed(name: str = "实施方案.pdf", data: bytes = PDF, **changes: Any) -> dict[str, Any]:
    return {
        "title": "净气行动实施方案",
        "document_no": "嘉港〔2017〕12号",
        "leads": "牵头局、并列局",
        "approved_by": "管委会",
        "approved_on": "2017-06-30",
        "reason": "",
        "file": SimpleUploadedFile(name, data),
    } | changes


def url(name: str, pk: int) -> str:
    return reverse(f"tasks:{name}", args=[pk])


def add(person: User, work: Work, **changes: Any) -> Any:
    return as_(person).post(url("add_programme", work.action.pk), typed(**changes))


@pytest.mark.parametrize("name", ["office", "filer", "co_filer", "approver"])
def test_the_office_and_the_leads_record_one(work: Work, name: str) -> None:
    assertRedirects(add(work.person(name), work), url("programmes", work.action.pk))
    programme = Programme.objects.get()
    assert (programme.no, programme.name, programme.size, programme.approved_on) == (
        1, "实施方案.pdf", len(PDF), date(2017, 6, 30),
    )  # fmt: skip
    event = Event.objects.get(verb="programme.add")
    assert (event.actor_id, event.after["sha256"]) == (work.person(name).pk, programme.sha256)


@pytest.mark.parametrize("name", ["leader", "helper_filer", "stranger"])
def test_others_read(work: Work, name: str) -> None:
    add(work.office, work)
    person = work.person(name)
    assert add(person, work, data=PDF + b"2").status_code == 403
    page = as_(person).get(url("programmes", work.action.pk))
    assertContains(page, "净气行动实施方案")
    assertNotContains(page, 'type="file"')
    assert as_(person).get(url("programme_file", Programme.objects.get().pk)).status_code == 200


def test_a_revision_needs_a_reason_and_another_file(work: Work) -> None:
    add(work.office, work)
    same = add(work.office, work, reason="修订")
    assertContains(same, "这份文件与第 1 版相同，不必重复登记。", status_code=409)
    without = add(work.office, work, data=PDF + b"2")
    assertContains(without, "已有第 1 版，登记修订版须写明修订理由。", status_code=422)
    earlier = add(work.office, work, data=PDF + b"2", reason="修订", approved_on="2017-06-29")
    assertContains(earlier, "批准日期早于第 1 版（2017-06-30），请核对。", status_code=422)
    add(work.office, work, data=PDF + b"2", reason="目标调整", approved_on="2018-03-01")
    assert [(p.no, p.reason) for p in Programme.objects.all()] == [(1, ""), (2, "目标调整")]


def test_the_annual_plan_refers_to_the_newest_when_it_is_submitted(work: Work) -> None:
    add(work.office, work)
    plan = work.begin()
    assert plan.programme == Programme.objects.get(no=1)
    add(work.office, work, data=PDF + b"2", reason="目标调整", approved_on="2018-03-01")
    work.add(plan)
    version = work.approve(plan)
    newest = Programme.objects.get(no=2)
    assert version.content["programme"] == {"id": newest.pk, "no": 2, "title": "净气行动实施方案"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "实施方案.docx", "data": PDF}, "的内容不是 docx 文件"),
        ({"name": "实施方案.exe", "data": b"MZ"}, "不能上传“实施方案.exe”"),
        ({"name": "实施方案.zip", "data": docx()}, "不能上传“实施方案.zip”"),
        ({"name": "照片.png", "data": b"\x89PNG\r\n\x1a\n"}, "不能上传“照片.png”"),
        ({"name": "实施方案.pdf", "data": b"\x00" * 9}, "的内容不是 pdf 文件"),
        ({"name": "实施方案.pdf", "data": b""}, "这是空文件，请核对后重新选择。"),
        ({"file": ""}, "请选择文件。"),
        ({"title": " "}, "请填写标题。"),
        ({"approved_by": ""}, "请填写批准人。"),
        ({"approved_on": ""}, "请填写批准日期。"),
        ({"approved_on": "2999-01-01"}, "的年份不对，请核对。"),
        ({"approved_on": "2099-01-01"}, "批准日期在今天之后，请核对。"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_words_stay(
    work: Work, changes: dict[str, Any], sentence: str
) -> None:
    response = add(work.office, work, **changes)
    assertContains(response, sentence, status_code=422)
    assertContains(response, "嘉港〔2017〕12号", status_code=422)
    assert not Programme.objects.exists()


def test_a_file_over_the_limit_is_refused(work: Work) -> None:
    response = add(work.office, work, data=PDF + b"0" * (20 * 1024 * 1024))
    assertContains(response, "超过 20 MB", status_code=422)


def test_a_document_is_saved_and_never_shown(work: Work) -> None:
    add(work.filer, work, name="方案 定稿.docx", data=docx())
    programme = Programme.objects.get()
    assert "方案" not in programme.file.name
    response = as_(work.leader).get(url("programme_file", programme.pk))
    assert response.content == docx()
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert as_(f.make_sysadmin()).get(url("programme_file", programme.pk)).status_code == 404
