"""The project: settings, entry points and the pages that join the apps."""

from harbor_plan.celery import app as celery_app

__all__ = ["celery_app"]
