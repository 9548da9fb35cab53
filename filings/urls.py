"""Addresses of this app."""

from django.urls import path

from filings.views import approver, filer, periods, review

app_name = "filings"
urlpatterns = [
    path("", filer.mine, name="mine"),
    path("signing/", approver.signing, name="signing"),
    path("past/", filer.past, name="past"),
    path("<int:pk>/", approver.detail, name="detail"),
    path("<int:pk>/edit/", filer.edit, name="edit"),
    path("entries/<int:pk>/save/", filer.save_entry, name="save_entry"),
    path("<int:pk>/submit/", filer.submit, name="submit"),
    path("<int:pk>/recall/", filer.recall, name="recall"),
    path("<int:pk>/sign/", approver.sign, name="sign"),
    path("<int:pk>/send-back/", approver.send_back, name="send_back"),
    path("queue/", review.queue, name="queue"),
    path("<int:pk>/review/", review.review, name="review"),
    path("entries/<int:pk>/decide/", review.decide, name="decide"),
    path("<int:pk>/accept-rest/", review.accept_rest, name="accept_rest"),
    path("<int:pk>/complete/", review.complete, name="complete"),
    path("<int:pk>/reopen/", review.reopen, name="reopen"),
    path("<int:pk>/substitute/", review.substitute, name="substitute"),
    path("periods/", periods.periods, name="periods"),
    path("periods/create/", periods.create_period, name="create_period"),
    path("periods/<int:pk>/open/", periods.open_period, name="open_period"),
    path("periods/<int:pk>/extend/", periods.extend, name="extend"),
]
