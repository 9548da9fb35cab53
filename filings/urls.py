"""Addresses of this app."""

from django.urls import path

from harbor_plan.lib.placeholder import missing

app_name = "filings"
urlpatterns = [
    path("", missing, name="mine"),
    path("signing/", missing, name="signing"),
    path("past/", missing, name="past"),
    path("<int:pk>/", missing, name="detail"),
    path("<int:pk>/edit/", missing, name="edit"),
    path("entries/<int:pk>/save/", missing, name="save_entry"),
    path("<int:pk>/submit/", missing, name="submit"),
    path("<int:pk>/recall/", missing, name="recall"),
    path("<int:pk>/sign/", missing, name="sign"),
    path("<int:pk>/send-back/", missing, name="send_back"),
    path("queue/", missing, name="queue"),
    path("<int:pk>/review/", missing, name="review"),
    path("entries/<int:pk>/decide/", missing, name="decide"),
    path("<int:pk>/accept-rest/", missing, name="accept_rest"),
    path("<int:pk>/complete/", missing, name="complete"),
    path("<int:pk>/reopen/", missing, name="reopen"),
    path("<int:pk>/substitute/", missing, name="substitute"),
    path("periods/", missing, name="periods"),
    path("periods/create/", missing, name="create_period"),
    path("periods/<int:pk>/open/", missing, name="open_period"),
    path("periods/<int:pk>/extend/", missing, name="extend"),
]
