"""Addresses of annual work plans and programmes."""

from django.urls import path

from tasks.views import items, plans, programmes, revisions

app_name = "tasks"
urlpatterns = [
    path("", plans.plans, name="plans"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/versions/<int:no>/", plans.version, name="version"),
    path("actions/<int:pk>/create/", plans.create, name="create"),
    path("plans/<int:pk>/submit/", plans.submit, name="submit"),
    path("plans/<int:pk>/recall/", plans.recall, name="recall"),
    path("plans/<int:pk>/approve/", plans.approve, name="approve"),
    path("plans/<int:pk>/return/", plans.give_back, name="return"),
    path("plans/<int:pk>/change/", plans.change, name="change"),
    path("plans/<int:pk>/abandon/", plans.abandon, name="abandon"),
    path("plans/<int:pk>/items/add/", items.add, name="add_item"),
    path("items/<int:pk>/edit/", items.edit, name="edit_item"),
    path("items/<int:pk>/drop/", items.drop, name="drop_item"),
    path("items/<int:pk>/take-in/", items.take_in, name="take_in"),
    path("items/<int:pk>/decline/", items.decline, name="decline"),
    path("actions/<int:pk>/programmes/", programmes.programmes, name="programmes"),
    path("actions/<int:pk>/programmes/add/", programmes.add, name="add_programme"),
    path("programmes/<int:pk>/file/", programmes.file, name="programme_file"),
    path("upkeep/", revisions.upkeep, name="upkeep"),
    path("upkeep/blank.xlsx", revisions.blank, name="plan_template"),
    path("upkeep/upload/", revisions.upload, name="upload_plan"),
    path("upkeep/uploads/<int:pk>/", revisions.preview, name="plan_upload"),
    path("upkeep/uploads/<int:pk>/apply/", revisions.apply, name="apply_plan"),
    path("upkeep/uploads/<int:pk>/returned.xlsx", revisions.returned, name="returned_plan"),
    path("upkeep/<slug:code>/plan.xlsx", revisions.workbook, name="plan_workbook"),
    path("upkeep/<slug:code>/revisions/", revisions.revisions, name="plan_revisions"),
    path("upkeep/<slug:code>/revisions/<int:no>/", revisions.revision, name="plan_revision"),
]
