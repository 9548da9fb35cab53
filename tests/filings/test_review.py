"""The review desk: one filing beside its last quarter."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from filings.models import Entry
from filings.services.review import complete_review, decide_entry
from filings.terms import Decision
from targets.terms import Standing
from tests.factories import (
    accept,
    entry_of,
    file,
    filing_of,
    fill_entry,
    make_approver,
    make_filer,
    make_leader,
    make_sysadmin,
    make_task,
    open_quarter,
)
from tests.filings.review_scene import Scene, decide, progress_of, review_url


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def sent(scene):
    return scene.send()


# Reading


def test_the_desk_shows_the_first_undecided_entry(client, scene, sent):
    client.force_login(scene.reviewer)
    response = client.get(review_url(sent))
    desk = response.context["desk"]
    assert desk.chosen.entry == progress_of(sent)
    assert [(group.label, len(group.entries), group.decided) for group in desk.groups] == [
        ("牵头任务进展", 1, 0),
        ("配合任务情况", 1, 0),
        ("专项行动小结", 1, 0),
    ]
    assert (desk.decided, desk.left, desk.may_decide) == (0, 3, True)
    page = response.content.decode()
    assert "填报 莫晓菁，签发 方国梁。" in page
    assert "还有 3 项未审" in page


def test_the_desk_shows_the_entry_asked_for_and_ignores_one_of_another_filing(client, scene, sent):
    client.force_login(scene.reviewer)
    summary = entry_of(sent, kind="summary")
    assert client.get(review_url(sent, summary)).context["desk"].chosen.entry == summary
    foreign = entry_of(filing_of(sent.period, scene.helper), kind="progress")
    assert client.get(review_url(sent, foreign)).context["desk"].chosen.entry == progress_of(sent)
    for nonsense in ("x", "²", "9" * 30, "-1"):
        response = client.get(
            reverse("filings:review", args=[sent.pk]), {"entry": nonsense, "against": nonsense}
        )
        assert response.context["desk"].chosen.entry == progress_of(sent)


def test_last_quarter_stands_beside_this_one_with_every_difference_marked(client, scene):
    before = scene.send(scene.open(3))
    accept(before, by=scene.reviewer)
    filing = scene.open(4)
    text = "累计建成绿道29.2公里，部分路段征地协调难度较大"
    Entry.objects.filter(pk=progress_of(before).pk).update(text=text)
    version = progress_of(before).versions.get()
    version.content["text"] = text
    version.save()
    entry = progress_of(filing)
    fill_entry(
        entry, by=scene.filer, text="累计建成绿道32.0公里，部分路段征地协调难度较大<b>", percent=Decimal(100)
    )
    filing = scene.send(filing)
    client.force_login(scene.reviewer)
    response = client.get(review_url(filing, entry))
    comparison = response.context["desk"].chosen.comparison
    assert (comparison.old_head, comparison.new_head) == ("三季度（已采纳，第 1 版）", "四季度（本次报送）")
    page = response.content.decode()
    assert '累计建成绿道<del class="d">29.2</del>公里' in page
    assert '累计建成绿道<ins class="d">32.0</ins>' in page
    assert '<mark class="same">公里，部分路段征地协调难度较大</mark>' in page
    assert '<ins class="d">&lt;b&gt;</ins>' in page
    percent = next(field for field in comparison.fields if field.name == "percent")
    assert percent.note == "变动 +25 个百分点"


def test_what_last_quarter_was_is_said(client, scene):
    client.force_login(scene.reviewer)
    filing = scene.send()
    assert client.get(review_url(filing)).context["desk"].chosen.comparison.old_head == "上季没有同一填报项"
    scene.open(3)
    assert client.get(review_url(filing)).context["desk"].chosen.comparison.old_head == "三季度未报"
    scene.send(filing_of(filing.period.plan.periods.get(quarter=3), scene.department))
    old_head = client.get(review_url(filing)).context["desk"].chosen.comparison.old_head
    assert old_head == "三季度（已报，未采纳，第 1 版）"


@pytest.mark.parametrize(
    ("percent", "rated", "measured", "sentence", "is_optimistic"),
    [
        (100, "on_track", "on_track", "本年完成 100%，序时进度 100%，与序时一致", False),
        (100, "done", "on_track", "本年完成 100%，序时进度 100%，与序时一致", False),
        (90, "on_track", "behind", "本年完成 90%，序时进度 100%，落后 10 个百分点", True),
        (90, "behind", "behind", "本年完成 90%，序时进度 100%，落后 10 个百分点", False),
        (80, "behind", "late", "本年完成 80%，序时进度 100%，落后 20 个百分点", True),
        (80, "late", "late", "本年完成 80%，序时进度 100%，落后 20 个百分点", False),
    ],
)
def test_the_self_rating_stands_beside_the_measured_light(
    client, scene, percent, rated, measured, sentence, is_optimistic
):
    filing = scene.open()
    why = {"problems": "征地", "cause": "审批", "next_steps": "赶工", "next_on": timezone.now().date()}
    fill_entry(
        progress_of(filing),
        by=scene.filer,
        percent=Decimal(percent),
        self_light=Standing(rated),
        explanation="佐证另送",
        **why,
    )
    client.force_login(scene.reviewer)
    lights = client.get(review_url(scene.send(filing))).context["desk"].chosen.lights
    assert (lights.rated, lights.measured, lights.sentence) == (rated, measured, sentence)
    assert lights.is_optimistic is is_optimistic


def test_warnings_are_shown_with_the_departments_explanation(client, scene):
    before = scene.send(scene.open(3))
    accept(before, by=scene.reviewer)
    filing = scene.open(4)
    same = progress_of(before).text
    fill_entry(progress_of(filing), by=scene.filer, text=same, explanation="工作确无变化")
    filing = scene.send(filing)
    client.force_login(scene.reviewer)
    response = client.get(review_url(filing))
    chosen = response.context["desk"].chosen
    assert [warning.field for warning in chosen.warnings] == ["text"]
    assert "1 处提醒" in response.content.decode()
    assert "工作确无变化" in response.content.decode()
    assert response.context["desk"].explained == 1


def test_a_resubmission_is_compared_with_what_was_sent_before(client, scene, sent):
    entry = progress_of(sent)
    at = timezone.now()
    returned = {"decision": Decision.RETURNED, "seen": Decision.OPEN, "code": "R01", "note": "请写明里程"}
    decide_entry(entry=entry, by=scene.reviewer, at=at, **returned)
    for other in sent.entries.exclude(pk=entry.pk):
        decide_entry(entry=other, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=at)
    sent.refresh_from_db()
    complete_review(filing=sent, by=scene.reviewer, at=at)
    filing = scene.resend(sent, entry, text=f"{entry.text}完成3公里")
    client.force_login(scene.reviewer)
    response = client.get(review_url(filing))
    chosen = response.context["desk"].chosen
    assert chosen.entry == entry
    assert chosen.choices == ("quarter", "sent")
    assert chosen.comparison.key == "sent"
    assert chosen.comparison.old_head == "上次报送（第 1 版）"
    assert chosen.last_return == "R01 内容空洞：请写明里程"
    page = response.content.decode()
    assert '<ins class="d">完成3公里</ins>' in page
    assert 'class="same"' not in page
    other = client.get(review_url(filing) + f"?entry={entry.pk}&against=quarter")
    assert other.context["desk"].chosen.comparison.key == "quarter"


def test_a_draft_that_is_being_mended_is_not_shown(client, scene, sent):
    entry = progress_of(sent)
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="改", by=scene.reviewer,
        at=timezone.now(),
    )  # fmt: skip
    for other in sent.entries.exclude(pk=entry.pk):
        decide_entry(
            entry=other, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=timezone.now()
        )
    sent.refresh_from_db()
    complete_review(filing=sent, by=scene.reviewer, at=timezone.now())
    fill_entry(entry, by=scene.filer, text="还在写的草稿")
    client.force_login(scene.reviewer)
    page = client.get(review_url(sent, entry)).content.decode()
    assert "还在写的草稿" not in page
    assert "已按计划推进。" in page


def test_a_filing_never_sent_shows_no_content(client, scene):
    filing = scene.open()
    fill_entry(progress_of(filing), by=scene.filer, text="还在写的草稿")
    client.force_login(scene.reviewer)
    response = client.get(review_url(filing))
    assert response.context["desk"].chosen is None
    assert "还在写的草稿" not in response.content.decode()
    assert "报送后才能审核" in response.content.decode()


def test_what_the_cooperating_departments_filed_is_at_hand(client, scene, sent):
    client.force_login(scene.reviewer)
    chosen = client.get(review_url(sent, progress_of(sent))).context["desk"].chosen
    assert [other.name for other in chosen.contributions] == [scene.helper.name]
    assert chosen.contributions_sent == 0
    helper, filer = filing_of(sent.period, scene.helper), make_filer(scene.helper)
    helper = file(helper, by=filer, signed_by=make_approver(scene.helper))
    chosen = client.get(review_url(sent, progress_of(sent))).context["desk"].chosen
    assert chosen.contributions_sent == 1
    words = chosen.contributions[0].words
    for entry in helper.entries.all():
        decide_entry(
            entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="写实",
            by=scene.reviewer, at=timezone.now(),
        )  # fmt: skip
    complete_review(filing=helper, by=scene.reviewer, at=timezone.now())
    fill_entry(entry_of(helper, kind="contribution"), by=filer, text="还在改的文字")
    page = client.get(review_url(sent, progress_of(sent)))
    chosen = page.context["desk"].chosen
    assert (chosen.contributions_sent, chosen.contributions[0].words) == (1, words)
    assert "正在修改，所示为最近一次报送的内容" in page.content.decode()


def test_a_cooperating_department_without_work_says_why(client, scene, sent):
    helper, filer = filing_of(sent.period, scene.helper), make_filer(scene.helper)
    fill_entry(entry_of(helper, kind="contribution"), by=filer, text="", nothing_reason="本季未安排")
    file(helper, by=filer, signed_by=make_approver(scene.helper))
    client.force_login(scene.reviewer)
    chosen = client.get(review_url(sent, progress_of(sent))).context["desk"].chosen
    assert [other.words for other in chosen.contributions] == ["本季无工作：本季未安排"]


def test_the_history_is_shown_newest_first(client, scene, sent):
    client.force_login(scene.reviewer)
    decide(client, progress_of(sent), "accepted")
    chosen = client.get(review_url(sent, progress_of(sent))).context["desk"].chosen
    assert [step.label for step in chosen.history] == ["采纳本项", "签发报送", "提交签发", "建立应报事项"]
    summary = client.get(review_url(sent, entry_of(sent, kind="summary"))).context["desk"].chosen
    assert [step.label for step in summary.history] == ["签发报送", "提交签发", "建立应报事项"]


def test_a_leader_reads_and_cannot_decide_while_reviewers_are_left(client, scene, sent):
    client.force_login(make_leader())
    response = client.get(review_url(sent))
    assert response.status_code == 200
    assert response.context["form"] is None
    assert "尚有审核人可审" in response.content.decode()


def test_the_department_itself_is_refused_and_others_find_nothing(client, scene, sent):
    client.force_login(scene.filer)
    assert client.get(review_url(sent)).status_code == 403
    client.force_login(make_filer(scene.helper))
    assert client.get(review_url(sent)).status_code == 404
    client.force_login(make_sysadmin())
    assert client.get(review_url(sent)).status_code == 404


def test_posting_to_the_desk_is_refused(client, scene, sent):
    client.force_login(scene.reviewer)
    assert client.post(review_url(sent)).status_code == 405


def test_history_and_entries_add_no_queries(client, scene):
    client.force_login(scene.reviewer)
    accept(scene.send(scene.open(3)), by=scene.reviewer)
    filing = scene.send(scene.open(4))
    url = review_url(filing, progress_of(filing))
    with CaptureQueriesContext(connection) as three_entries:
        client.get(url)
    accept(scene.send(scene.open(2)), by=scene.reviewer)
    accept(scene.send(scene.open(1)), by=scene.reviewer)
    for _ in range(3):
        make_task(scene.action, lead=scene.department)
    scene.send(filing_of(open_quarter(scene.plan, 2019, 3), scene.department))
    bigger = filing_of(open_quarter(scene.plan, 2019, 4), scene.department)
    bigger = scene.send(bigger)
    assert bigger.entries.count() == 6
    with CaptureQueriesContext(connection) as longer_history:
        client.get(url)
    assert len(longer_history) == len(three_entries)
    url = review_url(bigger, progress_of_task(bigger, scene.task))
    with CaptureQueriesContext(connection) as six_entries:
        client.get(url)
    assert len(six_entries) == len(three_entries)


def progress_of_task(filing, task):
    return entry_of(filing, kind="progress", responsibility__task=task)
