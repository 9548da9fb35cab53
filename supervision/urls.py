"""Addresses of this app."""

from django.urls import path

from supervision import views

app_name = "supervision"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("remind/", views.remind, name="remind"),
    path("notices/", views.notices, name="notices"),
    path("notices/<int:pk>/read/", views.read_notice, name="read_notice"),
]
