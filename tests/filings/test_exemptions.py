"""Exemption (免报): not asked, not reminded, not overdue, not counted; with trace, and taken back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from filings.models import Exemption, Filing, Move
from filings.services.access import extensions_of, timeliness_of
from filings.services.exemptions import exempt, withdraw_exemption
from filings.services.moves import recall, sign, submit
from filings.services.windows import extend
from filings.terms import Timeliness
from reports.models import Subject, Summary
from reports.services import publish, refresh_period
from supervision.models import Notice
from supervision.queries import matrix
from supervision.services import mark_overdue, remind
from tests import factories as f
from tests.filings.joint_scene import DAY, Joint

pytestmark = pytest.mark.django_db


@pytest.fixture
def joint():
    return Joint()


def give(joint, department=None, **changes):
    values = {"reason": "机构改革", "approver": "高为民", "by": joint.office, "at": joint.at} | changes
    return exempt(period=joint.period, department=department or joint.lead, **values)


def timeliness(joint, at, department=None):
    filing = f.filing_of(joint.period, department or joint.lead)
    return timeliness_of(filing, extensions_of(joint.period).get(filing.department_id), at)


def test_it_is_recorded_with_reason_and_approver(joint):
    exemption = give(joint, reason=" 机构改革 ")
    filing = f.filing_of(joint.period, joint.lead)
    assert (filing.exemption, exemption.reason, exemption.approver) == (exemption, "机构改革", "高为民")
    move = Move.objects.get(verb="exempt")
    assert (move.filing, move.note, move.by) == (filing, "批准人 高为民：机构改革", joint.office)
    assert Event.objects.get(verb="period.exempt").note == "批准人 高为民：机构改革"


def test_every_verb_of_writing_is_refused_by_the_window(joint):
    filer, approver = joint.filers[joint.lead], joint.approvers[joint.lead]
    f.fill(f.filing_of(joint.period, joint.lead), by=filer, at=joint.at)
    entry = joint.entry()
    sentence = "2020年第2季度贵单位免报（高为民批准，理由：机构改革），不需要填报。确需填报的，请联系推进办撤销免报。"
    give(joint)
    filing = f.filing_of(joint.period, joint.lead)
    for verb in (
        lambda: f.fill_entry(entry, by=filer, at=joint.at),
        lambda: submit(filing=filing, by=filer, at=joint.at),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert (refused.value.axis, refused.value.sentence) == ("window", sentence)
    withdraw_exemption(exemption=Exemption.objects.get(), reason="恢复", by=joint.office, at=joint.at)
    stale = f.filing_of(joint.period, joint.lead)
    submit(filing=stale, by=filer, at=joint.at)
    give(joint)
    for verb in (
        lambda: sign(filing=stale, by=approver, at=joint.at),
        lambda: recall(filing=stale, by=filer, at=joint.at),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert (refused.value.axis, refused.value.sentence) == ("window", sentence)


def test_what_was_sent_is_not_exempt_and_the_database_holds_it(joint):
    joint.send()
    with pytest.raises(Refused, match=r"牵头局已于 .* 报送2020年第2季度，不能再登记免报") as refused:
        give(joint)
    assert refused.value.axis == "status"
    exemption = give(joint, joint.first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Filing.objects.filter(department=joint.lead).update(exemption=exemption)


def test_refusals(joint):
    for changes, axis, sentence in (
        ({"reason": " "}, "content", "请写明免报理由和批准人"),
        ({"approver": ""}, "content", "请写明免报理由和批准人"),
        ({"department": f.make_department("局外")}, "content", "局外在2020年第2季度没有应报事项，无须免报"),
        ({"by": joint.filers[joint.lead]}, "permission", "免报由推进办登记"),
    ):
        with pytest.raises(Refused, match=sentence) as refused:
            give(joint, **changes)
        assert refused.value.axis == axis
    give(joint)
    with pytest.raises(AlreadyMoved, match="顾明远已为牵头局登记免报，不必重复登记"):
        give(joint)
    with pytest.raises(Refused, match="牵头局在2020年第2季度免报，无须延期") as refused:
        extend(
            period=joint.period, department=joint.lead, until=joint.at + 30 * DAY, reason="x", approver="y",
            by=joint.office, at=joint.at,
        )  # fmt: skip
    assert refused.value.axis == "status"
    f.close_quarter(joint.period, at=joint.at)
    with pytest.raises(Refused, match="已关账，应报单位不能再变动") as refused:
        give(joint, joint.first)
    assert refused.value.axis == "window"
    with pytest.raises(Refused, match="已关账，应报单位不能再变动"):
        withdraw_exemption(exemption=Exemption.objects.get(), reason="x", by=joint.office, at=joint.at)


def test_taken_back_the_department_owes_again_with_its_deadline(joint):
    exemption = give(joint)
    late = joint.period.due_at + timedelta(seconds=1)
    assert timeliness(joint, late) == Timeliness.EXEMPT
    withdraw_exemption(exemption=exemption, reason="改革推迟", by=joint.office, at=late)
    assert timeliness(joint, late) == Timeliness.MISSING
    exemption.refresh_from_db()
    assert (exemption.withdrawn_by, exemption.withdrawn_at) == (joint.office, late)
    assert Move.objects.get(verb="withdraw_exemption").note == "改革推迟"
    with pytest.raises(AlreadyMoved, match="这次免报已经撤销"):
        withdraw_exemption(exemption=exemption, reason="再撤", by=joint.office, at=late)
    assert give(joint, at=late) != exemption
    joint_events = (
        Event.objects.filter(verb__startswith="period.").order_by("id").values_list("verb", flat=True)
    )
    assert list(joint_events)[-3:] == ["period.exempt", "period.withdraw_exemption", "period.exempt"]


def test_it_is_not_reminded_and_not_overdue(joint):
    give(joint)
    late = joint.period.due_at + DAY
    with pytest.raises(Refused):
        remind(period=joint.period, departments=[joint.lead], by=joint.office, at=joint.at)
    mark_overdue(at=late)
    marked = Notice.objects.filter(kind="overdue").values_list("department__name", flat=True)
    assert sorted(marked) == sorted(["住建局", "港务局", "推进办"])


def test_it_is_left_out_of_every_count(joint):
    give(joint)
    joint.send(joint.first)
    totals = matrix(joint.period, at=joint.at).totals
    assert (totals.units, totals.sent, totals.missing, totals.exempt) == (3, 1, 2, 1)
    assert (totals.entries, totals.entries_sent) == (3, 1)
    refresh_period(period=joint.period, at=joint.at)
    figures = {
        s.subject_id: s for s in Summary.objects.filter(period=joint.period, subject=Subject.DEPARTMENT)
    }
    figure = figures[joint.lead.pk]
    assert (figure.owed, figure.reported, figure.timeliness, figure.reason) == (0, 0, "exempt", "本季免报")
    plan = Summary.objects.get(period=joint.period, subject=Subject.PLAN)
    assert plan.owed == 3
    filings = plan.detail["filings"]
    assert (filings["exempt"], filings["not_due"], filings["on_time"]) == (1, 2, 1)
    task = Summary.objects.get(period=joint.period, subject=Subject.TASK)
    assert (task.owed, task.reason) == (2, "牵头单位本季免报")


def test_figures_equal_a_rebuild_after_exempting_and_taking_back(joint):
    def figures():
        rows = Summary.objects.filter(period=joint.period).order_by("subject", "subject_id")
        return [(s.subject, s.subject_id, s.owed, s.reported, s.timeliness, s.reason, s.detail) for s in rows]

    refresh_period(period=joint.period, at=joint.at)
    before = figures()
    exemption = give(joint, joint.first)
    refresh_period(period=joint.period, at=joint.at)
    assert figures() != before
    withdraw_exemption(exemption=exemption, reason="撤销", by=joint.office, at=joint.at)
    refresh_period(period=joint.period, at=joint.at)
    assert figures() == before
    Summary.objects.filter(period=joint.period).delete()
    refresh_period(period=joint.period, at=joint.at)
    assert figures() == before


def test_the_publication_names_it(joint, client):
    give(joint)
    for department in (joint.first, joint.second, joint.plan.office):
        joint.send(department)
        f.accept(f.filing_of(joint.period, department), by=f.make_reviewer(), at=joint.at)
    publication = publish(period=joint.period, by=joint.office, at=joint.period.closes_at + DAY)
    figure = publication.figures.get(subject=Subject.DEPARTMENT, subject_id=joint.lead.pk)
    assert figure.get_timeliness_display() == "免报"
    client.force_login(joint.office)
    assert "免报" in client.get(reverse("reports:department", args=[joint.lead.pk])).content.decode()
    assert "免报" in client.get(reverse("reports:departments")).content.decode()


def test_the_filer_sees_why_and_the_lists_say_so(joint, client):
    give(joint)
    client.force_login(joint.filers[joint.lead])
    home = client.get(reverse("filings:mine")).content.decode()
    assert "本单位2020年第2季度免报：机构改革（高为民批准" in home
    assert "已过报送截止时间" not in home
    filing = f.filing_of(joint.period, joint.lead)
    assert "本季免报：机构改革" in client.get(reverse("filings:detail", args=[filing.pk])).content.decode()
    client.force_login(joint.office)
    assert "免报 1 家" in client.get(reverse("filings:periods")).content.decode()
    assert "免报" in client.get(reverse("supervision:desk")).content.decode()


def test_the_office_records_and_withdraws_on_the_page(joint, client):
    client.force_login(joint.office)
    url = reverse("filings:exempt", args=[joint.period.pk])
    data = {"department": joint.lead.pk, "reason": "机构改革", "approver": "高为民"}
    assert "请写明免报理由。" in client.post(url, data | {"reason": ""}).content.decode()
    page = client.post(url, data, follow=True).content.decode()
    assert "已登记牵头局免报，不再催报，也不计入应报。" in page
    again = client.post(url, data)
    assert again.status_code == 409
    assert "顾明远已为牵头局登记免报" in again.content.decode()
    withdraw = reverse("filings:withdraw_exemption", args=[Exemption.objects.get().pk])
    assert "请写明撤销免报的理由" in client.post(withdraw, {"reason": ""}, follow=True).content.decode()
    page = client.post(withdraw, {"reason": "推迟"}, follow=True).content.decode()
    assert "已撤销牵头局的免报，该单位恢复应报。" in page
    assert "已撤销</span>" in page
    client.force_login(joint.filers[joint.lead])
    assert client.post(url, data).status_code == 403
    assert client.post(withdraw, {"reason": "x"}).status_code == 403
