"""Addresses of this app."""

from django.urls import path

from harbor_plan.lib.placeholder import missing

app_name = "supervision"
urlpatterns = [
    path("", missing, name="desk"),
    path("remind/", missing, name="remind"),
    path("notices/", missing, name="notices"),
    path("notices/<int:pk>/read/", missing, name="read_notice"),
]
