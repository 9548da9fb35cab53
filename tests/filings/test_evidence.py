"""Evidence over HTTP: uploading with and without a script, reading, taking off, attaching again; and who may."""

from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from filings.models import Attachment, Entry, EvidenceFile
from filings.services.evidence import attach, detach
from filings.services.moves import submit
from tests import factories as f
from tests.filings.samples import file, pdf, png, upload
from tests.filings.scene import Scene

FETCH = {"X-Requested-With": "fetch"}
PEOPLE = ("approver", "reviewer", "leader")


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    client.force_login(scene.filer)
    return client


@pytest.fixture
def attachment(scene: Scene) -> Attachment:
    """A file on the progress entry, as a draft."""
    return attach(entry=scene.progress, file=file(), by=scene.filer, at=scene.at).attachment


def post_to(entry: Entry) -> str:
    return reverse("filings:attach", args=[entry.pk])


def desk(entry: Entry) -> str:
    return f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}#evidence"


def names(entry: Entry) -> list[str]:
    return [each.evidence.name for each in entry.files]


# Uploading


def test_several_at_once_and_a_bad_one_keeps_no_other_out(scene: Scene, filer: Client) -> None:
    entry = scene.progress
    sent = [upload("一.pdf"), upload("二.exe", b"MZ"), upload("三.png", png())]
    response = filer.post(post_to(entry), {"files": sent}, follow=True)
    assertRedirects(response, desk(entry))
    assertContains(response, "“一.pdf”已添加。")
    assertContains(response, "没有添加：不能上传“二.exe”：可上传的类型：pdf、")
    assert names(scene.progress) == ["一.pdf", "三.png"]
    for said in (
        "一.pdf",
        "1 KB",
        "沈晓岚",
        reverse("filings:evidence", args=[EvidenceFile.objects.get(name="一.pdf").pk]),
    ):
        assertContains(response, said)


def test_a_script_is_told_file_by_file_and_gets_the_parts(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=100, self_light="done")
    said = filer.post(post_to(scene.progress), {"files": [upload("一.pdf")]}, headers=FETCH)
    assert said.status_code == 200
    answer = said.json()
    assert answer["files"] == [{"name": "一.pdf", "ok": True, "sentence": ""}]
    assert "version" not in answer
    assert "一.pdf" in answer["parts"]["desk_evidence"]
    assert "已填 1/5 项" in answer["parts"]["bar"]
    assert answer["odd"].strip() == ""
    again = filer.post(post_to(scene.progress), {"files": [upload("又.pdf")]}, headers=FETCH)
    assert again.status_code == 422
    assert again.json()["files"] == [
        {"name": "又.pdf", "ok": False, "sentence": "“一.pdf”已在本项佐证材料中，无须重复添加。"}
    ]


def test_a_path_in_the_name_is_cut_and_no_part_of_where_it_lies(scene: Scene, filer: Client) -> None:
    filer.post(post_to(scene.progress), {"files": [upload("../../etc/一.pdf")]})
    kept = EvidenceFile.objects.get()
    assert kept.name == "一.pdf"
    assert kept.file.name.count("/") == 2
    assert default_storage.exists(kept.file.name)


def test_no_file_is_said_so(scene: Scene, filer: Client) -> None:
    assertContains(filer.post(post_to(scene.progress), follow=True), "请先选择文件，再按“上传”。")


def test_a_filing_on_its_way_refuses_in_words(scene: Scene, filer: Client) -> None:
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    said = filer.post(post_to(scene.progress), {"files": [upload()]}, headers=FETCH).json()
    assert said["files"][0]["sentence"] == "牵头局 2020年第2季度报送正在等待签发，需要修改请先撤回。"
    assert EvidenceFile.objects.count() == 0


@pytest.mark.parametrize("who", PEOPLE)
def test_a_reader_gets_403(scene: Scene, client: Client, attachment: Attachment, who: str) -> None:
    client.force_login(getattr(scene, who))
    entry = scene.progress.pk
    answers = [
        client.post(reverse("filings:attach", args=[entry]), {"files": [upload("新.pdf", pdf("2"))]}),
        client.post(reverse("filings:reuse_evidence", args=[entry]), {"evidence": attachment.evidence_id}),
        client.get(reverse("filings:earlier_evidence", args=[entry])),
        client.post(reverse("filings:detach", args=[attachment.pk])),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert names(scene.progress) == ["检查记录.pdf"]


def test_a_stranger_gets_404(scene: Scene, client: Client, attachment: Attachment) -> None:
    client.force_login(scene.stranger)
    entry, evidence = scene.progress.pk, attachment.evidence_id
    answers = [
        client.post(reverse("filings:attach", args=[entry]), {"files": [upload()]}),
        client.post(reverse("filings:reuse_evidence", args=[entry]), {"evidence": evidence}),
        client.get(reverse("filings:earlier_evidence", args=[entry])),
        client.post(reverse("filings:detach", args=[attachment.pk])),
        client.get(reverse("filings:evidence", args=[evidence])),
        client.get(reverse("filings:show_evidence", args=[evidence])),
    ]
    assert [answer.status_code for answer in answers] == [404] * 6
    assert names(scene.progress) == ["检查记录.pdf"]


@pytest.mark.parametrize("name", ["attach", "reuse_evidence", "detach"])
def test_verbs_take_only_posts(scene: Scene, filer: Client, attachment: Attachment, name: str) -> None:
    pk = attachment.pk if name == "detach" else scene.progress.pk
    assert filer.get(reverse(f"filings:{name}", args=[pk])).status_code == 405


# Reading


def test_a_file_is_saved_under_its_own_name_and_never_guessed_at(
    filer: Client, attachment: Attachment
) -> None:
    response = filer.get(reverse("filings:evidence", args=[attachment.evidence_id]))
    assert b"".join(response.streaming_content) == pdf()  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('检查记录.pdf')}"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_a_picture_and_a_pdf_are_shown_and_nothing_else(scene: Scene, filer: Client) -> None:
    sent = [upload("图.png", png()), upload("文.pdf"), upload("说明.txt", "文字".encode())]
    filer.post(post_to(scene.progress), {"files": sent})
    shown = {}
    for kept in EvidenceFile.objects.all():
        response = filer.get(reverse("filings:show_evidence", args=[kept.pk]))
        shown[kept.name] = response.status_code, response.get("Content-Disposition", "").partition(";")[0]
    assert shown == {"图.png": (200, "inline"), "文.pdf": (200, "inline"), "说明.txt": (404, "")}


def test_a_draft_is_the_departments_own_and_what_was_sent_is_read(
    scene: Scene, client: Client, attachment: Attachment
) -> None:
    address = reverse("filings:evidence", args=[attachment.evidence_id])

    def answers() -> list[int]:
        found = []
        for who in ("filer", "approver", "reviewer", "leader", "stranger"):
            client.force_login(getattr(scene, who))
            found.append(client.get(address).status_code)
        return found

    assert answers() == [200, 200, 404, 404, 404]
    scene.send()
    assert answers() == [200, 200, 200, 200, 404]


def test_a_file_lost_from_the_disk_is_404(filer: Client, attachment: Attachment) -> None:
    default_storage.delete(attachment.evidence.file.name)
    assert filer.get(reverse("filings:evidence", args=[attachment.evidence_id])).status_code == 404


# Taking off and attaching again


def test_taking_off_leads_back_and_says_how_to_undo(
    scene: Scene, filer: Client, attachment: Attachment
) -> None:
    response = filer.post(reverse("filings:detach", args=[attachment.pk]), follow=True)
    assertRedirects(response, desk(scene.progress))
    assertContains(response, "“检查记录.pdf”已从本项移除，需要时可以重新引用。")
    assert names(scene.progress) == []
    assertContains(filer.post(reverse("filings:detach", args=[attachment.pk]), follow=True), "已被移除")


def test_earlier_files_are_found_by_name_and_attached_again(
    scene: Scene, filer: Client, attachment: Attachment
) -> None:
    for number in range(3):
        done = attach(
            entry=scene.progress, file=file(f"照片{number}.pdf", f"照片{number}"), by=scene.filer, at=scene.at
        )
    entry = scene.reading
    address = reverse("filings:earlier_evidence", args=[entry.pk])
    page = filer.get(address)
    for name in ("检查记录.pdf", "照片0.pdf", "照片2.pdf", "2020年第2季度"):
        assertContains(page, name)
    found = filer.get(f"{address}?q=照片")
    assertNotContains(found, "检查记录.pdf")
    assertContains(found, "照片1.pdf")
    response = filer.post(
        reverse("filings:reuse_evidence", args=[entry.pk]),
        {"evidence": [attachment.evidence_id, done.attachment.evidence_id]},
        follow=True,
    )
    assertRedirects(response, desk(entry))
    assert names(scene.reading) == ["照片2.pdf", "检查记录.pdf"]
    assertNotContains(filer.get(address), "检查记录.pdf")


def test_a_removed_file_can_be_attached_again_and_another_departments_is_not_offered(
    scene: Scene, filer: Client, attachment: Attachment
) -> None:
    detach(attachment=attachment, by=scene.filer, at=scene.at)
    theirs = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    foreign = attach(entry=theirs, file=file("别家.pdf", "2"), by=scene.stranger, at=scene.at).attachment
    page = filer.get(reverse("filings:earlier_evidence", args=[scene.progress.pk]))
    assertContains(page, "检查记录.pdf")
    assertNotContains(page, "别家.pdf")
    response = filer.post(
        reverse("filings:reuse_evidence", args=[scene.progress.pk]),
        {"evidence": foreign.evidence_id},
        follow=True,
    )
    assertContains(response, "所选文件不存在或已在本项中，请重新选择。")
    assert names(scene.progress) == []


def test_nothing_ticked_is_said_so(scene: Scene, filer: Client, attachment: Attachment) -> None:
    response = filer.post(reverse("filings:reuse_evidence", args=[scene.reading.pk]), follow=True)
    assertContains(response, "请勾选要引用的文件。")


def test_the_picker_asks_as_much_for_three_files_as_for_one(
    scene: Scene, filer: Client, attachment: Attachment
) -> None:
    address = reverse("filings:earlier_evidence", args=[scene.reading.pk])

    def count() -> int:
        filer.get(address)
        with CaptureQueriesContext(connection) as captured:
            filer.get(address)
        return len(captured)

    one = count()
    for number in range(2):
        attach(entry=scene.progress, file=file(f"{number}.pdf", f"又{number}"), by=scene.filer, at=scene.at)
    assert count() == one


# Where it is seen


def test_the_page_of_the_filing_shows_a_reader_what_was_sent(
    scene: Scene, client: Client, attachment: Attachment
) -> None:
    page = reverse("filings:detail", args=[scene.filing.pk])
    client.force_login(scene.approver)
    assertContains(client.get(page), "检查记录.pdf")
    client.force_login(scene.reviewer)
    assertNotContains(client.get(page), "检查记录.pdf")
    scene.send()
    assertContains(client.get(page), "检查记录.pdf")


def test_the_approver_sees_the_checklist(scene: Scene, client: Client) -> None:
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    client.force_login(scene.approver)
    page = client.get(reverse("filings:detail", args=[scene.filing.pk]))
    assertContains(page, "签发前检查")
    assertContains(page, "1 项填了完成比例而没有佐证材料")
    assertContains(page, f'href="#entry-{scene.progress.pk}"')
    client.force_login(scene.filer)
    assertNotContains(client.get(reverse("filings:detail", args=[scene.filing.pk])), "签发前检查")
