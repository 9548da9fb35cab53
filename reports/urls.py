"""Addresses of the pages of figures. All take ?period=2020Q3 with version=2 or live=1, and known=2020-11-05."""

from django.urls import path

from reports.views import (
    corrections,
    exports,
    pages,
    plan_values,
    publications,
    requirements,
    statistics,
    thresholds,
)
from targets.services import Step

app_name = "reports"
urlpatterns = [
    path("cockpit/", pages.cockpit, name="cockpit"),
    path("goals/", pages.goals, name="goals"),
    path("goals/<int:pk>/", pages.goal, name="goal"),
    path("indicators/", pages.indicators, name="indicators"),
    path("indicators/<int:pk>/", pages.indicator, name="indicator"),
    path("unjudged/", pages.unjudged, name="unjudged"),
    path("actions/", pages.actions, name="actions"),
    path("actions/<int:pk>/", pages.action, name="action"),
    path("tasks/<int:pk>/", pages.task, name="task"),
    path("milestones/", pages.milestones, name="milestones"),
    path("departments/", pages.departments, name="departments"),
    path("departments/<int:pk>/", pages.department, name="department"),
    path("completeness/", statistics.completeness, name="completeness"),
    path("burden/", statistics.burden, name="burden"),
    path("compare/", pages.compare, name="compare"),
    path("responsibilities/", pages.responsibilities, name="responsibilities"),
    path("responsibilities.xlsx", exports.responsibilities, name="responsibilities_xlsx"),
    path("periods/<int:pk>/state.xlsx", exports.state, name="state_xlsx"),
    path("periods/<int:pk>/publish/", publications.publish, name="publish"),
    path("publications/", publications.publications, name="publications"),
    path("publications/<int:pk>/", publications.publication, name="publication"),
    path("publications/<int:pk>/bulletin.docx", exports.bulletin, name="bulletin"),
    path("entries/<int:pk>/correct/", corrections.correct, name="correct"),
    path("targets/", requirements.targets, name="targets"),
    path("targets/<int:pk>/", requirements.target, name="target"),
    path("targets/<int:pk>/assign/", requirements.step, {"step": Step.ASSIGN}, name="assign_target"),
    path(
        "targets/<int:pk>/provisional/",
        requirements.step,
        {"step": Step.PROVISIONAL},
        name="provisional_target",
    ),
    path("targets/<int:pk>/revise/", requirements.step, {"step": Step.REVISE}, name="revise_target"),
    path("targets/<int:pk>/condition/", requirements.step, {"step": Step.CONDITION}, name="decide_condition"),
    path("targets/<int:pk>/tolerance/", requirements.step, {"step": Step.TOLERANCE}, name="set_tolerance"),
    path("indicators/<int:pk>/baseline/", requirements.baseline, name="baseline"),
    path("papers/<int:pk>/file/", requirements.paper, name="paper"),
    path("thresholds/", thresholds.thresholds, name="thresholds"),
    path("thresholds/change/", thresholds.change, name="change_thresholds"),
    path("plan-values/", plan_values.overview, name="all_plan_values"),
    path("indicators/<int:pk>/plan-values/", plan_values.plan_values, name="plan_values"),
    path("indicators/<int:pk>/plan-values/propose/", plan_values.propose, name="propose_plan_value"),
    path("indicators/<int:pk>/plan-values/confirm/", plan_values.confirm, name="confirm_plan_values"),
    path("plan-values/<int:pk>/withdraw/", plan_values.withdraw, name="withdraw_plan_value"),
    path("plan-values/<int:pk>/return/", plan_values.give_back, name="return_plan_value"),
]
