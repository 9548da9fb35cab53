"""Freezing figures: versions that never change, corrections that make the next one."""

import sqlite3
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from filings.errors import Refused
from filings.models import Filing
from filings.services.windows import extend
from filings.terms import Decision
from reports import freezing
from reports.models import Publication, PublishedFigure, Subject, Summary
from reports.services import correct, publish, repair
from targets.models import Plan
from targets.terms import Standing
from tests.factories import make_filer
from tests.reports.scene import Scene, closing_time, figures, summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene.make(size=2)


# Publishing


def test_version_1_closes_the_quarter_and_freezes_its_figures(scene):
    period = scene.filed(2020, 1)
    publication = scene.publish(period)
    period.refresh_from_db()
    assert (publication.version, publication.by, publication.reason) == (1, scene.reviewer, "")
    assert publication.at == period.closed_at == closing_time(period)
    assert publication.rule == {"behind_above": "0.00", "late_above": "10.00"}
    assert figures(publication.figures.all()) == figures(Summary.objects.filter(period=period))
    assert figures(publication.figures.all()) != {}


def test_publishing_freezes_timeliness_returns_and_completeness(scene):
    period = scene.opened(2020, 1)
    scene.accept(scene.send(period, scene.departments[0]))
    publication = scene.publish(period)
    frozen = {
        f.subject_id: (f.timeliness, f.returns, f.reported, f.owed)
        for f in publication.figures.filter(subject=Subject.DEPARTMENT)
    }
    filed, silent, helper = scene.departments
    assert frozen == {
        filed.pk: ("on_time", 0, 4, 4),
        silent.pk: ("missing", 0, 0, 3),
        helper.pk: ("missing", 0, 0, 2),
    }


def test_publishing_is_audited(scene):
    publication = scene.quarter(2020, 1)
    event = Event.objects.get(verb="publication.create")
    assert event.subject_id == str(publication.pk)
    assert event.after == {"version": 1}


def test_only_the_office_publishes(scene):
    period = scene.filed(2020, 1)
    with pytest.raises(Refused, match=r"发布由.*办理"):
        publish(period=period, by=make_filer(scene.departments[0]), at=closing_time(period))
    assert not Publication.objects.exists()


def test_nothing_is_published_before_the_reports_are_due(scene):
    period = scene.filed(2020, 1)
    with pytest.raises(Refused, match="尚未到报送截止时间"):
        publish(period=period, by=scene.reviewer, at=period.due_at)
    period.refresh_from_db()
    assert period.closed_at is None


def test_a_second_version_needs_a_reason_and_a_difference(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    with pytest.raises(Refused, match="再发布须写明更正理由"):
        publish(period=period, reason=" ", by=scene.reviewer, at=closing_time(period))
    with pytest.raises(Refused, match="没有变化，无须发布新版本"):
        publish(period=period, reason="核实", by=scene.reviewer, at=closing_time(period))
    assert Publication.objects.get().version == 1


# Correcting


def test_a_correction_makes_the_next_version_and_leaves_the_first_as_it_was(scene):
    period = scene.filed(2020, 1)
    first = scene.publish(period)
    as_published = figures(first.figures.all())
    second = scene.correct(period, percent=Decimal(40))
    assert (second.version, second.reason) == (2, "任务1.1：核实后更正")
    assert figures(first.figures.all()) == as_published
    task = scene.tasks[0].pk
    assert [
        PublishedFigure.objects.get(publication=p, subject=Subject.TASK, subject_id=task).completion
        for p in (first, second)
    ] == [25, 40]


def test_a_correction_keeps_what_was_filed_and_says_why(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    scene.correct(period, percent=Decimal(40))
    versions = scene.progress(period, scene.tasks[0]).versions.all()
    assert [(v.no, v.content["percent"], v.correction_reason) for v in versions] == [
        (1, "25", ""),
        (2, "40", "核实后更正"),
    ]


def test_a_long_reason_is_kept_in_full_with_the_entry_and_cut_on_the_version(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    entry, reason = scene.progress(period, scene.tasks[0]), "核" * 300
    at = closing_time(period) + timedelta(days=1)
    second = correct(entry=entry, values={"percent": Decimal(40)}, reason=reason, by=scene.reviewer, at=at)
    assert second.reason == f"任务1.1：{'核' * 293}…"
    assert entry.versions.get(no=2).correction_reason == reason


def test_a_correction_reaches_later_quarters_but_not_their_publications(scene):
    first = scene.filed(2020, 1, percents={0: "20"})
    scene.publish(first)
    second = scene.filed(2020, 2, percents={0: "45"})
    published = scene.publish(second)
    task = scene.tasks[0].pk
    scene.correct(first, percent=Decimal(30))
    assert summary(second, Subject.TASK, task).standing == Standing.BEHIND
    assert published.figures.get(subject=Subject.TASK, subject_id=task).standing == Standing.LATE
    again = publish(period=second, reason="随一季度更正", by=scene.reviewer, at=closing_time(second))
    assert again.figures.get(subject=Subject.TASK, subject_id=task).standing == Standing.BEHIND


def test_a_correction_is_refused_to_whoever_filed_and_before_the_quarter_is_closed(scene):
    period = scene.filed(2020, 1)
    entry = scene.progress(period, scene.tasks[0])
    values = {"percent": Decimal(40)}
    with pytest.raises(Refused, match="关账后"):
        correct(entry=entry, values=values, reason="核实", by=scene.reviewer, at=closing_time(period))
    scene.publish(period)
    filer = scene.filers[scene.departments[0].pk]
    with pytest.raises(Refused, match="您不能审核"):
        correct(entry=entry, values=values, reason="核实", by=filer, at=closing_time(period))
    entry.refresh_from_db()
    assert (entry.percent, entry.decision) == (25, Decision.ACCEPTED)
    assert Publication.objects.get().version == 1


def test_a_correction_that_changes_no_figure_is_refused_whole(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    with pytest.raises(Refused, match="没有变化"):
        scene.correct(period, percent=Decimal(25))
    assert scene.progress(period, scene.tasks[0]).versions.count() == 1


def test_an_edited_target_or_threshold_reaches_the_summaries_and_no_publication(scene):
    indicator, task = scene.indicators[0], scene.tasks[0]
    indicator.targets.update(due_on=date(2020, 3, 31))
    period = scene.filed(2020, 1, percents={0: "20"})
    publication = scene.publish(period)
    as_published = figures(publication.figures.all())
    indicator.targets.update(value=Decimal(80))
    Plan.objects.filter(pk=scene.plan.pk).update(late_above=Decimal(4))
    assert repair(at=closing_time(period)) == [period.pk]
    assert summary(period, Subject.INDICATOR, indicator.pk).attainment == "met"
    assert summary(period, Subject.TASK, task.pk).standing == Standing.LATE
    assert figures(publication.figures.all()) == as_published
    frozen = as_published[Subject.INDICATOR, indicator.pk], as_published[Subject.TASK, task.pk]
    assert (frozen[0]["attainment"], frozen[1]["standing"]) == ("not_met", "behind")


def test_an_extension_after_closing_mends_the_timeliness_of_the_next_version_only(
    scene, django_capture_on_commit_callbacks
):
    period = scene.opened(2020, 1)
    unit = scene.departments[0]
    scene.accept(scene.send(period, unit))
    Filing.objects.filter(period=period, department=unit).update(
        first_submitted_at=period.due_at + timedelta(days=1)
    )
    first = scene.publish(period)
    with django_capture_on_commit_callbacks(execute=True):
        extend(
            period=period,
            department=unit,
            until=period.due_at + timedelta(days=3),
            reason="台风",
            approver="分管领导",
            by=scene.reviewer,
            at=closing_time(period) + timedelta(days=1),
        )
    second = scene.publish(period, reason="补登延期")
    timeliness = [
        version.figures.get(subject=Subject.DEPARTMENT, subject_id=unit.pk).timeliness
        for version in (first, second)
    ]
    assert timeliness == ["late", "on_time"]


def test_an_acceptance_after_closing_waits_for_the_next_version(scene, django_capture_on_commit_callbacks):
    period = scene.opened(2020, 1)
    filing = scene.send(period, scene.departments[0])
    first = scene.publish(period)
    as_published = figures(first.figures.all())
    with django_capture_on_commit_callbacks(execute=True):
        scene.accept(filing)
    assert figures(first.figures.all()) == as_published
    task = scene.tasks[0].pk
    assert first.figures.get(subject=Subject.TASK, subject_id=task).completion is None
    second = scene.publish(period, reason="关账后采纳")
    assert second.figures.get(subject=Subject.TASK, subject_id=task).completion == 25


# Invariants of the database


def test_a_version_exists_once(scene):
    publication = scene.quarter(2020, 1)
    with pytest.raises(IntegrityError, match="publication_once"):
        Publication.objects.create(period=publication.period, version=1, at=publication.at)


def test_a_correction_says_why(scene):
    publication = scene.quarter(2020, 1)
    with pytest.raises(IntegrityError, match="publication_correction_says_why"):
        Publication.objects.create(period=publication.period, version=2, at=publication.at)


def test_the_database_refuses_to_change_or_remove_a_published_figure(scene):
    frozen = scene.quarter(2020, 1).figures.order_by("pk")
    as_published = figures(frozen)
    for attempt in (
        lambda: frozen.update(completion=Decimal(1)),
        lambda: frozen.first().save(),
        lambda: frozen.filter(pk=frozen.first().pk).delete(),
    ):
        with pytest.raises(IntegrityError, match=freezing.MESSAGE), transaction.atomic():
            attempt()
    assert figures(frozen) == as_published != {}


def test_sqlite_refuses_it_too():
    """The statements laid there."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE reports_publishedfigure (id, completion)")
    for statement in freezing.statements("sqlite"):
        database.execute(statement)
    database.execute("INSERT INTO reports_publishedfigure VALUES (1, 25)")
    for statement in (
        "UPDATE reports_publishedfigure SET completion = 26",
        "DELETE FROM reports_publishedfigure",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=freezing.MESSAGE):
            database.execute(statement)
    assert database.execute("SELECT * FROM reports_publishedfigure").fetchall() == [(1, 25)]
    database.close()


def test_a_subject_has_one_figure(scene):
    publication = scene.quarter(2020, 1)
    with pytest.raises(IntegrityError, match="published_figure_once"):
        PublishedFigure.objects.create(
            publication=publication, subject=Subject.TASK, subject_id=scene.tasks[0].pk, name="重复"
        )


def test_a_subject_has_one_summary(scene):
    publication = scene.quarter(2020, 1)
    with pytest.raises(IntegrityError, match="summary_once"):
        Summary.objects.create(
            period=publication.period,
            subject=Subject.TASK,
            subject_id=scene.tasks[0].pk,
            name="重复",
            known_from=publication.at,
        )
