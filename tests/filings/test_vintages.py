"""Values that come later than the one filed: which counts, who records them, and what they leave as it was."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from filings.errors import Refused
from filings.models import Entry, Period, Vintage
from filings.services.access import timeliness_of
from filings.services.vintages import in_force, record_vintage
from filings.terms import Decision, Timeliness, VintageKind
from reports.editions import choose
from reports.models import Subject
from reports.services import publish, refresh_period
from tests import factories
from tests.reports.conftest import browser_of
from tests.reports.scene import Scene, closing_time, filing_time, summary

pytestmark = pytest.mark.django_db

VERIFIED, SUPERIOR = VintageKind.VERIFIED, VintageKind.SUPERIOR
LETTER = {"doc_no": "嘉统〔2021〕3号", "doc_on": date(2021, 3, 2)}


@pytest.fixture
def scene() -> Scene:
    return Scene.make()


@pytest.fixture
def closed(scene) -> Period:
    """2020Q4, filed with 80 for the indicator and published."""
    period = scene.filed(2020, 4)
    scene.publish(period)
    return period


def reading(scene: Scene, period: Period) -> Entry:
    return scene.entry(period, indicator=scene.indicators[0])


def later(
    scene: Scene,
    period: Period,
    value: str,
    kind: VintageKind = VERIFIED,
    at: datetime | None = None,
    **changes,
) -> Vintage:
    """Record a value two months after the quarter was closed."""
    given = {"entry": reading(scene, period), "kind": kind, "values": {"value": Decimal(value)}, **LETTER}
    moment = at or closing_time(period) + timedelta(days=60)
    return record_vintage(**(given | {"by": scene.reviewer, "at": moment} | changes))


def used(scene: Scene, period: Period, at: datetime | None = None) -> tuple[Decimal | None, str]:
    """The indicator's value as the figures have it after a refresh, and the vintage it is of."""
    refresh_period(period=period, at=at or closing_time(period) + timedelta(days=90))
    figure = summary(period, Subject.INDICATOR, scene.indicators[0].pk)
    return figure.value, figure.detail.get("vintage", "")


def test_the_flash_value_counts_until_there_is_a_later_one(scene, closed):
    assert used(scene, closed) == (Decimal(80), "")
    later(scene, closed, "76.5")
    assert used(scene, closed) == (Decimal("76.5"), "核定（嘉统〔2021〕3号）")


def test_the_higher_kind_counts_and_of_one_kind_the_newest(scene, closed):
    later(scene, closed, "76.5")
    later(scene, closed, "70", SUPERIOR, doc_no="浙环〔2021〕9号")
    later(scene, closed, "77")
    assert used(scene, closed) == (Decimal(70), "上级反馈（浙环〔2021〕9号）")
    later(scene, closed, "71", SUPERIOR, doc_no="浙环〔2021〕12号")
    assert used(scene, closed) == (Decimal(71), "上级反馈（浙环〔2021〕12号）")
    assert [vintage.value for vintage in reading(scene, closed).vintages.all()] == [
        Decimal("76.5"), Decimal(70), Decimal(77), Decimal(71)
    ]  # fmt: skip


def test_nothing_is_in_force_without_one():
    assert in_force([]) is None


def test_a_verified_zero_is_a_value(scene, closed):
    later(scene, closed, "0")
    assert used(scene, closed)[0] == 0


def test_the_filing_stays_as_it_was(scene, closed):
    before = Entry.objects.filter(filing__period=closed).order_by("pk").values()
    filings = closed.filings.order_by("pk").values()
    stood = list(before), list(filings)
    later(scene, closed, "76.5")
    assert (list(before.all()), list(filings.all())) == stood


def test_a_verified_value_is_no_filing_of_who_never_filed(scene):
    period = scene.opened(2020, 4)
    scene.publish(period)
    later(scene, period, "76.5")
    assert used(scene, period)[0] == Decimal("76.5")
    filing = scene.filing(period, scene.departments[0])
    assert timeliness_of(filing, None, closing_time(period) + timedelta(days=99)) == Timeliness.MISSING
    figure = summary(period, Subject.INDICATOR, scene.indicators[0].pk)
    assert (figure.reported, figure.owed) == (0, 1)


def test_what_was_published_stays_until_a_version_says_otherwise(scene, closed):
    later(scene, closed, "76.5")
    used(scene, closed)
    pk = scene.indicators[0].pk
    assert choose(scene.plan, {"period": "2020Q4"}).of(Subject.INDICATOR, pk).value == 80
    second = publish(
        period=closed, reason="按核定数更正", by=scene.reviewer, at=closing_time(closed) + timedelta(days=91)
    )
    assert second.version == 2
    assert choose(scene.plan, {"period": "2020Q4"}).of(Subject.INDICATOR, pk).value == Decimal("76.5")


def test_before_it_was_recorded_nobody_knew_it(scene, closed):
    later(scene, closed, "76.5")
    used(scene, closed)
    url = reverse("reports:indicator", args=[scene.indicators[0].pk])
    leader = browser_of(scene.leader)
    day = timezone.localdate(closing_time(closed) + timedelta(days=60))
    pages = [
        leader.get(url, {"known": f"{known}", "period": "2020Q4", "live": "1"}).context["page"]
        for known in (day - timedelta(days=1), day, day + timedelta(days=30))
    ]
    assert [len(page.rows[0].vintages) for page in pages] == [0, 1, 1]
    assert [page.figure.value for page in pages] == [Decimal(80), Decimal(80), Decimal("76.5")]


def test_a_rate_has_its_parts(scene):
    rate = factories.make_indicator(
        scene.plan, name="达标率", in_parts=True, data_department=scene.departments[0], goal=scene.goal
    )
    factories.make_target(rate)
    period = scene.filed(2020, 1)
    scene.publish(period)
    entry = scene.entry(period, indicator=rate)
    parts = {"numerator": Decimal(7), "denominator": Decimal(10)}
    given = {
        "kind": VERIFIED,
        **LETTER,
        "by": scene.reviewer,
        "at": closing_time(period) + timedelta(days=400),
    }
    made = record_vintage(entry=entry, values=parts, **given)
    assert (made.value, made.numerator, made.denominator) == (Decimal(70), Decimal(7), Decimal(10))
    refresh_period(period=period, at=closing_time(period) + timedelta(days=401))
    assert summary(period, Subject.INDICATOR, rate.pk).value == 70
    with pytest.raises(Refused, match="分母必须大于 0"):
        record_vintage(entry=entry, values=parts | {"denominator": Decimal(0)}, **given)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"doc_no": "  "}, "请填写核定或反馈的文号。"),
        ({"doc_on": date(2021, 9, 1)}, "文件日期不能晚于今天。"),
        ({"values": {"value": None}}, "请填写数值；确为零的填 0。"),
    ],
)
def test_what_is_missing_is_said(scene, closed, changes, sentence):
    with pytest.raises(Refused) as refused:
        later(scene, closed, "76.5", **changes)
    assert (refused.value.axis, refused.value.sentence) == ("content", sentence)
    assert Vintage.objects.count() == 0


def test_the_same_is_not_recorded_twice(scene, closed):
    later(scene, closed, "76.5")
    with pytest.raises(Refused, match="已登记同一数值"):
        later(scene, closed, "76.5")
    later(scene, closed, "76.5", doc_no="嘉统〔2021〕8号")
    assert Vintage.objects.count() == 2


def test_of_a_running_quarter_only_an_accepted_reading_has_one(scene):
    period = scene.opened(2020, 4)
    filing = scene.send(period, scene.departments[0])
    with pytest.raises(Refused, match="尚未采纳") as refused:
        later(scene, period, "76.5", at=filing_time(period) + timedelta(days=60))
    assert refused.value.axis == "status"
    scene.accept(filing)
    later(scene, period, "76.5", at=filing_time(period) + timedelta(days=60))
    assert used(scene, period)[0] == Decimal("76.5")


def test_a_returned_reading_keeps_no_value_but_a_recorded_one(scene, closed):
    Entry.objects.filter(pk=reading(scene, closed).pk).update(
        decision=Decision.RETURNED, return_code="R05", return_note="口径不符"
    )
    assert used(scene, closed)[0] is None
    later(scene, closed, "76.5")
    assert used(scene, closed)[0] == Decimal("76.5")


def test_only_readings_have_vintages(scene, closed):
    with pytest.raises(Refused, match="只有指标数据"):
        later(scene, closed, "76.5", entry=scene.progress(closed, scene.tasks[0]))


@pytest.mark.parametrize("who", ["filer", "own reviewer"])
def test_nobody_records_for_their_own_department(scene, closed, who):
    own = scene.departments[0]
    by = scene.filers[own.pk] if who == "filer" else factories.make_reviewer(own)
    with pytest.raises(Refused) as refused:
        later(scene, closed, "76.5", by=by)
    assert refused.value.axis == "permission"


def test_it_is_recorded_by_whom_and_what_it_was(scene, closed):
    later(scene, closed, "76.5", note="年报核定")
    event = Event.objects.get(verb="entry.vintage")
    assert (event.actor_name, event.note) == (str(scene.reviewer), "年报核定")
    assert event.before == {"数值": "80"}
    assert event.after == {"数值": "76.5", "数据版次": "核定", "文号": "嘉统〔2021〕3号"}


def test_the_database_wants_a_document_and_whole_parts(scene, closed):
    values = {"entry": reading(scene, closed), "value": 1, "doc_on": date(2021, 3, 2), "by": scene.reviewer}
    values |= {"at": closing_time(closed), "doc_no": "1号", "kind": "verified"}
    for wrong, name in (
        ({"doc_no": ""}, "vintage_names_its_document"),
        ({"kind": "guess"}, "vintage_kind_known"),
        ({"numerator": 1}, "vintage_parts_together"),
        ({"numerator": 1, "denominator": 0}, "vintage_parts_together"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Vintage.objects.create(**(values | wrong))


# Pages


def test_the_office_records_one_on_the_page(scene, closed):
    office, entry = browser_of(scene.reviewer), reading(scene, closed)
    url = reverse("filings:vintages", args=[entry.pk])
    page = office.get(url).content.decode()
    assert "还没有核定数或上级反馈数" in page
    assert "登记核定值" in page
    typed = {"kind": "verified", "value": "76.50", "doc_no": "嘉统〔2021〕3号", "doc_on": "2021-03-02"}
    answer = office.post(reverse("filings:record_vintage", args=[entry.pk]), typed, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert "已登记核定（嘉统〔2021〕3号）" in answer.content.decode()
    row = answer.context["rows"][0]
    assert (row.value, row.doc_on, answer.context["in_force"]) == (Decimal("76.5"), date(2021, 3, 2), row)


def test_what_was_typed_stays(scene, closed):
    office, entry = browser_of(scene.reviewer), reading(scene, closed)
    typed = {"kind": "", "value": "七十六", "doc_no": "嘉统〔2021〕3号", "doc_on": "2021-02-30"}
    answer = office.post(reverse("filings:record_vintage", args=[entry.pk]), typed)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"kind", "value", "doc_on"}
    page = answer.content.decode()
    assert 'value="七十六"' in page
    assert 'value="嘉统〔2021〕3号"' in page
    assert Vintage.objects.count() == 0


def test_a_department_sees_its_vintages_and_records_none(scene, closed):
    later(scene, closed, "76.5")
    entry, filer = reading(scene, closed), browser_of(scene.filers[scene.departments[0].pk])
    answer = filer.get(reverse("filings:vintages", args=[entry.pk]))
    assert answer.context["form"] is None
    assert "嘉统〔2021〕3号" in answer.content.decode()


def test_a_page_of_figures_names_the_vintage(scene, closed):
    later(scene, closed, "76.5")
    used(scene, closed)
    leader = browser_of(scene.leader)
    live = {"period": "2020Q4", "live": "1"}
    page = leader.get(reverse("reports:indicator", args=[scene.indicators[0].pk]), live).content.decode()
    assert "用核定（嘉统〔2021〕3号）" in page
    assert (
        '<span class="note d-block">核定</span>'
        in leader.get(reverse("reports:indicators"), live).content.decode()
    )
