"""Files that come with the feedback to an order: kept with their round, read by whoever may read the order."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from docx import Document

from audit.models import Event
from filings.errors import Refused
from filings.models import EvidenceFile
from harbor_plan.lib.files import inspect
from supervision.models import OrderProof
from supervision.order_paper import order_file
from supervision.services import orders
from tests.filings.samples import file, upload
from tests.supervision.order_scene import NOON, TODAY, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene()


def text(name, content):
    return inspect(name, content.encode())


def post(client, order, *files, feedback="已动工。"):
    return client.post(
        reverse("supervision:order_report", args=[order.pk]), {"feedback": feedback, "proofs": list(files)}
    )


def url(order, evidence):
    return reverse("supervision:order_evidence", args=[order.pk, evidence.pk])


def test_files_come_with_the_feedback_and_are_shown_printed_and_recorded(client, scene):
    order = scene.order("working")
    client.force_login(scene.filer)
    page = client.get(reverse("supervision:order", args=[order.pk])).content.decode()
    assert 'enctype="multipart/form-data"' in page
    same = upload("又一份.pdf")
    other = upload("说明.txt", "已完工".encode())
    assert post(client, order, upload(), same, other).status_code == 302
    order.refresh_from_db()
    assert order.status == "reported"
    assert [e.name for e in order.proofs] == ["又一份.pdf", "说明.txt"]
    first, second = order.proofs
    assert first.department == scene.department
    assert Event.objects.filter(verb="order.attach").count() == 2
    page = client.get(reverse("supervision:order", args=[order.pk])).content.decode()
    assert url(order, first) in page
    text = "\n".join(
        cell.text
        for table in Document(BytesIO(order_file(order=order, by=scene.filer, at=NOON))).tables
        for row in table.rows
        for cell in row.cells
    )
    assert "佐证材料：又一份.pdf、说明.txt" in text
    client.force_login(scene.office)
    shown, saved = client.get(url(order, first)), client.get(url(order, second))
    assert b"".join(shown.streaming_content) == file().data
    assert (shown["Content-Disposition"][:6], saved["Content-Disposition"][:10]) == ("inline", "attachment")


def test_each_round_keeps_its_own_files(scene):
    order = scene.order("working")
    orders.report(order=order, feedback="一", proofs=[file()], by=scene.filer, at=NOON)
    orders.send_back(order=order, note="不够", rectify_by=TODAY.replace(month=3), by=scene.office, at=NOON)
    again = text("现场照片.txt", "照片")
    orders.report(order=order, feedback="二", proofs=[file(), again], by=scene.filer, at=NOON)
    rounds = [[p.evidence.name for p in move.proofs.all()] for move in order.moves.filter(verb="report")]
    assert rounds == [["检查记录.pdf"], ["检查记录.pdf", "现场照片.txt"]]
    assert EvidenceFile.objects.count() == 2  # the same bytes are stored once


def test_other_departments_do_not_get_the_file_and_no_other_file_is_reached(client, scene):
    order = scene.order("working")
    orders.report(order=order, feedback="一", proofs=[file()], by=scene.filer, at=NOON)
    (evidence,) = order.proofs
    scene.light("late", task=scene.second_task)
    theirs = scene.issue("red", task=scene.second_task)
    client.force_login(scene.stranger)
    assert client.get(url(order, evidence)).status_code == 404
    assert client.get(url(theirs, evidence)).status_code == 404
    client.force_login(scene.leader)
    assert client.get(url(theirs, evidence)).status_code == 404
    assert client.get(url(order, evidence)).status_code == 200


def test_a_bad_file_keeps_the_words_and_nothing_is_kept(client, scene):
    order = scene.order("working")
    client.force_login(scene.filer)
    response = post(client, order, upload(), upload("清单.pdf", b"no pdf"), feedback="已动工，附照片。")
    page = response.content.decode()
    assert response.status_code == 422
    assert "已动工，附照片。" in page
    assert "“清单.pdf”的内容不是 pdf 文件" in page
    assert not OrderProof.objects.exists()
    assert not EvidenceFile.objects.exists()


def test_whoever_forgot_the_words_is_told_to_choose_the_files_again(client, scene):
    order = scene.order("working")
    client.force_login(scene.filer)
    page = post(client, order, upload(), feedback="").content.decode()
    assert "请写明整改措施和结果。" in page
    assert "请重新选择文件" in page


def test_too_many_files_are_refused(client, scene, settings):
    settings.EVIDENCE_PER_ENTRY = 1
    order = scene.order("working")
    client.force_login(scene.filer)
    files = [upload(), upload("二.txt", b"two")]
    assert "一次反馈最多附 1 个文件。" in post(client, order, *files).content.decode()
    with pytest.raises(Refused, match="一次反馈最多附 1 个文件"):
        orders.report(
            order=order, feedback="一", proofs=[file(), text("二.txt", "two")], by=scene.filer, at=NOON
        )


def test_whoever_loses_a_race_leaves_no_file_behind(scene):
    order, stale = scene.order("working"), scene.plan.orders.get()
    orders.report(order=order, feedback="一", by=scene.filer, at=NOON)
    before = EvidenceFile.objects.count()
    with pytest.raises(Refused):
        orders.report(order=stale, feedback="二", proofs=[text("晚.txt", "late")], by=scene.approver, at=NOON)
    assert EvidenceFile.objects.count() == before


def test_what_was_written_is_removed_when_the_rows_cannot_be_kept(scene, monkeypatch):
    order = scene.order("working")
    deleted = []
    monkeypatch.setattr(default_storage, "delete", deleted.append)

    def broken(**_):
        raise RuntimeError("no room")

    monkeypatch.setattr(OrderProof.objects, "create", broken)
    with pytest.raises(RuntimeError):
        orders.report(order=order, feedback="一", proofs=[text("孤.txt", "alone")], by=scene.filer, at=NOON)
    assert len(deleted) == 1
    order.refresh_from_db()
    assert order.status == "working"
