"""Addresses of the assessment. All take ?plan=CODE; without it the newest plan is meant."""

from django.urls import path

from assessment import views

app_name = "assessment"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("<int:year>/", views.year, name="year"),
    path("<int:year>/compute/", views.compute, name="compute"),
    path("<int:year>/finalise/", views.finalise, name="finalise"),
    path("<int:year>/<int:department>/", views.sheet, name="sheet"),
    path("lines/<int:pk>/adjust/", views.adjust, name="adjust"),
]
