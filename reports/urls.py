"""Addresses of this app."""

from django.urls import path

from harbor_plan.lib.placeholder import missing

app_name = "reports"
urlpatterns = [
    path("cockpit/", missing, name="cockpit"),
    path("goals/", missing, name="goals"),
    path("goals/<int:pk>/", missing, name="goal"),
    path("indicators/", missing, name="indicators"),
    path("indicators/<int:pk>/", missing, name="indicator"),
    path("actions/", missing, name="actions"),
    path("actions/<int:pk>/", missing, name="action"),
    path("tasks/<int:pk>/", missing, name="task"),
    path("departments/", missing, name="departments"),
    path("departments/<int:pk>/", missing, name="department"),
    path("milestones/", missing, name="milestones"),
    path("responsibilities/", missing, name="responsibilities"),
    path("responsibilities.xlsx", missing, name="responsibilities_xlsx"),
    path("periods/<int:pk>/state.xlsx", missing, name="state_xlsx"),
    path("publications/", missing, name="publications"),
    path("publications/<int:pk>/", missing, name="publication"),
    path("periods/<int:pk>/publish/", missing, name="publish"),
    path("entries/<int:pk>/correct/", missing, name="correct"),
    path("publications/<int:pk>/bulletin.docx", missing, name="bulletin"),
]
