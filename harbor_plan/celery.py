"""The Celery application. Background work is called a *job* here; a *task* is a row of the plan."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harbor_plan.settings")

app = Celery("harbor_plan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")


def find_jobs() -> None:
    """Import every app's jobs now, as a worker does at its start, so that jobs can be called by name."""
    app.autodiscover_tasks(related_name="jobs", force=True)
