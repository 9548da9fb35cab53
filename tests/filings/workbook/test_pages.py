"""The pages around the workbook: taking it, bringing it back, looking, writing the chosen rows."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from filings.models import WorkbookUpload
from filings.services.moves import submit
from harbor_plan.lib.download import XLSX
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    """A browser in which the filer is signed in."""
    client.force_login(scene.filer)
    return client


def page(scene: Scene) -> str:
    return reverse("filings:workbook", args=[scene.filing.pk])


def send(client: Client, scene: Scene, content: bytes, name: str = b.NAME, **more: Any) -> Any:
    """Upload a file through the page."""
    file = SimpleUploadedFile(name, content, content_type=more.pop("content_type", XLSX))
    return client.post(reverse("filings:upload_workbook", args=[scene.filing.pk]), {"file": file}, **more)


def uploaded(client: Client, scene: Scene, content: bytes) -> WorkbookUpload:
    """Upload a file that is taken in."""
    response = send(client, scene, content)
    upload = WorkbookUpload.objects.get()
    assertRedirects(response, reverse("filings:workbook_upload", args=[upload.pk]))
    return upload


def apply(client: Client, upload: WorkbookUpload, data: dict[str, Any]) -> HttpResponse:
    url = reverse("filings:apply_workbook", args=[upload.pk])
    response: Any = client.post(url, data, follow=True)
    assertRedirects(response, reverse("filings:workbook_upload", args=[upload.pk]))
    return response  # type: ignore[no-any-return]


def test_home_leads_to_it_and_it_offers_the_download(scene: Scene, filer: Client) -> None:
    assertContains(filer.get(reverse("filings:mine")), page(scene))
    response = filer.get(page(scene))
    assertContains(response, reverse("filings:workbook_download", args=[scene.filing.pk]))
    assertContains(response, "上传并核对差异")


def test_the_download_is_a_file_to_save(scene: Scene, filer: Client) -> None:
    response = filer.get(reverse("filings:workbook_download", args=[scene.filing.pk]))
    assert response.headers["Content-Type"] == XLSX
    name = quote("牵头局2020年第2季度填报.xlsx")
    assert response.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    assert b.opened(response.content).sheetnames[0] == "牵头任务进展"


def test_the_preview_shows_three_ways_and_writes_nothing(scene: Scene, filer: Client) -> None:
    scene.fill()
    content = b.with_values(b.taken(scene), scene.progress, text="表里写的<b>", problems="只在表里")
    f.fill_entry(scene.progress, by=scene.colleague, at=scene.at, text="网页写的")
    before = b.stored(scene.filing)
    upload = uploaded(filer, scene, content)
    response = filer.get(reverse("filings:workbook_upload", args=[upload.pk]))
    assertContains(response, "可写入 <b>1</b> 项，其中 <b>1</b> 项与系统现在的内容冲突")
    for text in ("2020年第2季度 治理废气 已按计划推进。", "网页写的", "表里写的&lt;b&gt;", "只在表里"):
        assertContains(response, text)
    assertContains(response, f'name="side_{scene.progress.pk}" value="theirs"')
    assertContains(response, f'name="version_{scene.progress.pk}" value="2"')
    assertNotContains(response, f'name="version_{scene.reading.pk}"')
    assert b.stored(scene.filing) == before


def test_the_chosen_rows_are_written(scene: Scene, filer: Client) -> None:
    content = b.with_values(b.taken(scene), scene.progress, text="写")
    content = b.with_values(content, scene.reading, value=3)
    upload = uploaded(filer, scene, content)
    offered = {f"version_{scene.progress.pk}": 0, f"version_{scene.reading.pk}": 0}
    response = apply(filer, upload, offered | {"row": [scene.reading.pk]})
    assertContains(response, f"“{b.NAME}”已写入 1 项。写入的是草稿，填齐后请提交签发。")
    assert (scene.progress.version, scene.reading.version) == (0, 1)
    assertContains(response, "写入 1 项。没有写入的，请改好工作簿后重新上传。")
    assertNotContains(response, "写入选中的项")


def test_all_rows_are_written_by_one_button(scene: Scene, filer: Client) -> None:
    content = b.with_values(b.taken(scene), scene.progress, text="写")
    content = b.with_values(content, scene.reading, value=3)
    upload = uploaded(filer, scene, content)
    offered = {f"version_{scene.progress.pk}": 0, f"version_{scene.reading.pk}": 0}
    apply(filer, upload, offered | {"all": "1"})
    assert (scene.progress.version, scene.reading.version) == (1, 1)


def test_a_refusal_says_why_and_writes_nothing(scene: Scene, filer: Client) -> None:
    upload = uploaded(filer, scene, b.with_values(b.taken(scene), scene.progress, text="写"))
    assertContains(apply(filer, upload, {}), "没有选中要写入的项，请先勾选。")
    assertContains(
        apply(filer, upload, {"row": [scene.progress.pk]}), "在您预览之后又有人保存过，本次没有写入任何内容。"
    )
    assertContains(apply(filer, upload, {"row": ["x", "9" * 30]}), "没有选中要写入的项，请先勾选。")
    assert scene.progress.version == 0


def test_errors_stand_on_the_page_and_in_the_returned_workbook(scene: Scene, filer: Client) -> None:
    upload = uploaded(filer, scene, b.with_values(b.taken(scene), scene.reading, value="约三十"))
    response = filer.get(reverse("filings:workbook_upload", args=[upload.pk]))
    assertContains(response, "“约三十”不是数。请只填数字，例如 85 或 85.5。")
    assertContains(response, "没有可以写入的项。")
    url = reverse("filings:marked_workbook", args=[upload.pk])
    assertContains(response, url)
    book = b.opened(filer.get(url).content)
    assert b.cell_of(book, scene.reading, "value").comment is not None


def test_a_file_that_is_none_is_refused_on_the_page(scene: Scene, filer: Client) -> None:
    response = send(filer, scene, b"x", name="随便.txt")
    assertContains(response, "不能上传“随便.txt”：可上传的类型：xlsx。", status_code=422)
    response = send(filer, scene, b"")
    assertContains(response, f"“{b.NAME}”是空文件，请核对后重新选择。", status_code=422)
    response = filer.post(reverse("filings:upload_workbook", args=[scene.filing.pk]))
    assertContains(response, "请选择要上传的工作簿。", status_code=422)
    assert WorkbookUpload.objects.count() == 0


def test_the_type_a_browser_claims_does_not_matter(scene: Scene, filer: Client) -> None:
    assert send(filer, scene, b.taken(scene), content_type="text/plain").status_code == 302


def test_an_unchanged_workbook_says_so(scene: Scene, filer: Client) -> None:
    upload = uploaded(filer, scene, b.taken(scene))
    response = filer.get(reverse("filings:workbook_upload", args=[upload.pk]))
    assertContains(response, "工作簿与系统现在的内容一致，没有要写入的。")


def test_while_it_waits_for_its_signature_the_page_says_why_not(scene: Scene, filer: Client) -> None:
    upload = uploaded(filer, scene, b.with_values(b.taken(scene), scene.progress, text="写"))
    scene.fill()
    submit(filing=scene.filing, checked_by="", by=scene.filer, at=scene.at)
    for url in (page(scene), reverse("filings:workbook_upload", args=[upload.pk])):
        assertContains(filer.get(url), "正在等待签发，需要修改请先撤回。")
    assertContains(send(filer, scene, b.taken(scene)), "正在等待签发", status_code=409)


def test_a_workbook_that_can_no_longer_be_read_leads_back(scene: Scene, filer: Client, settings: Any) -> None:
    """The installation's key was changed: what was signed before counts as foreign."""
    upload = uploaded(filer, scene, b.taken(scene))
    settings.SECRET_KEY = "another key that is long enough for the settings to be content with"
    filer.force_login(scene.filer)
    for name in ("workbook_upload", "marked_workbook"):
        response = filer.get(reverse(f"filings:{name}", args=[upload.pk]), follow=True)
        assertRedirects(response, page(scene))
        assertContains(response, "的校验信息不对：不是本系统下载的工作簿")


# The office


def collect(client: Client, *files: tuple[str, bytes]) -> Any:
    posted = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("filings:collect_workbooks"), {"workbooks": posted})


@pytest.fixture
def office(scene: Scene) -> Client:
    """Another browser, in which the office is signed in."""
    client = Client()
    client.force_login(scene.reviewer)
    return client


def helpers(scene: Scene) -> bytes:
    return b.taken(scene, f.filing_of(scene.period, scene.helper), scene.stranger)


def test_the_office_hands_in_many_and_each_filer_applies(scene: Scene, office: Client, filer: Client) -> None:
    mine = b.with_values(b.taken(scene), scene.progress, text="交给办公室的")
    response = collect(office, ("甲.xlsx", mine), ("乙.xlsx", helpers(scene)), ("丙.xlsx", b"x"))
    assertContains(response, "共 <b>3</b> 个文件，收下 <b>2</b> 个。")
    assertContains(response, "已转牵头局填报人")
    assertContains(response, "已转配合局填报人")
    assertContains(response, "“丙.xlsx”的内容不是 xlsx 文件")
    assert [(u.filing.department.name, u.by) for u in WorkbookUpload.objects.order_by("id")] == [
        ("牵头局", scene.reviewer), ("配合局", scene.reviewer)
    ]  # fmt: skip
    assert scene.progress.version == 0

    assertContains(filer.get(reverse("filings:mine")), "推进办收到本单位的工作簿 1 份，内容还没有写入。")
    assertContains(filer.get(page(scene)), "推进办收到的本单位工作簿")
    upload = WorkbookUpload.objects.get(filing=scene.filing)
    apply(filer, upload, {"all": "1", f"version_{scene.progress.pk}": 0})
    assert (scene.progress.text, scene.progress.edited_by) == ("交给办公室的", scene.filer)
    assertNotContains(filer.get(reverse("filings:mine")), "收到本单位的工作簿")
    assertContains(office.get(reverse("filings:workbook_collection")), "沈晓岚于")


def test_a_zip_of_workbooks_with_names_from_chinese_windows(scene: Scene, office: Client) -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("XXXXX.xlsx")
        archive.writestr(info, b.taken(scene))
        archive.writestr("__MACOSX/._a.xlsx", b"litter")
        archive.writestr("~$b.xlsx", b"litter")
    content = file.getvalue().replace(b"XXXXX.xlsx", "甲局X".encode("gb18030") + b".xlsx")
    response = collect(office, ("全部.zip", content))
    assertContains(response, "共 <b>1</b> 个文件，收下 <b>1</b> 个。")
    assertContains(response, "甲局X.xlsx")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "“全部.zip”里没有文件，请核对后重新选择。"),
        ({"~$a.xlsx": b"x"}, "“全部.zip”里没有工作簿，请核对后重新选择。"),
        ({"内.zip": b"x"}, "“全部.zip”里还有压缩包“内.zip”，请解开后再上传。"),
        ({"说明.txt": b"x"}, "不能上传“说明.txt”：可上传的类型：xlsx。"),
        ({"大.xlsx": b"\0" * (10 * 1024 * 1024 + 1)}, "解开后有 10 MB，与其大小不相称"),
    ],
)
def test_a_zip_that_cannot_be_taken_is_named(
    office: Client, members: dict[str, bytes], sentence: str
) -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assertContains(collect(office, ("全部.zip", file.getvalue())), sentence)
    assert WorkbookUpload.objects.count() == 0


def test_the_same_file_twice_waits_once(scene: Scene, office: Client) -> None:
    content = b.taken(scene)
    collect(office, ("甲.xlsx", content))
    assertContains(collect(office, ("甲.xlsx", content)), "收下 <b>1</b> 个")
    assert WorkbookUpload.objects.count() == 1


def test_a_filing_that_is_sent_takes_no_workbook(scene: Scene, office: Client) -> None:
    content = b.taken(scene)
    scene.send()
    assertContains(collect(office, ("甲.xlsx", content)), "已报推进办，退回后方可修改。")
    assert WorkbookUpload.objects.count() == 0


def test_the_office_does_not_apply(scene: Scene, office: Client) -> None:
    collect(office, ("甲.xlsx", b.with_values(b.taken(scene), scene.progress, text="写")))
    upload = WorkbookUpload.objects.get()
    for name, method in (("workbook_upload", "get"), ("apply_workbook", "post")):
        url = reverse(f"filings:{name}", args=[upload.pk])
        assert getattr(office, method)(url).status_code == 403
    assert scene.progress.version == 0


def test_too_many_files_at_once(scene: Scene, office: Client) -> None:
    response = collect(office, *((f"{n}.xlsx", b"x") for n in range(61)))
    assertContains(response, "一次最多 60 个文件，选了 61 个，请分次上传。", status_code=422)
    response = office.post(reverse("filings:collect_workbooks"))
    assertContains(response, "请选择要上传的工作簿或压缩包。", status_code=422)
