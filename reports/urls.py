"""Addresses of the pages of figures. All take ?period=2020Q3 with version=2 or live=1, and known=2020-11-05."""

from django.urls import path

from reports.views import corrections, exports, pages, publications, statistics

app_name = "reports"
urlpatterns = [
    path("cockpit/", pages.cockpit, name="cockpit"),
    path("goals/", pages.goals, name="goals"),
    path("goals/<int:pk>/", pages.goal, name="goal"),
    path("indicators/", pages.indicators, name="indicators"),
    path("indicators/<int:pk>/", pages.indicator, name="indicator"),
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
]
