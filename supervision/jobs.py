"""Background work of supervision: envelopes that make one call each."""

from celery import shared_task
from django.utils import timezone

from supervision.models import Delivery
from supervision.services import mark_overdue, tell_exemptions, tell_extensions
from supervision.services.deliveries import mark_left, queue_jobs, send
from supervision.services.schedule import tell


@shared_task(name="supervision.jobs.overdue")
def overdue() -> None:
    """Mark whoever is overdue and tell departments of their extensions and exemptions. Safe to repeat."""
    at = timezone.now()
    mark_overdue(at=at)
    tell_extensions(at=at)
    tell_exemptions(at=at)


@shared_task(name="supervision.jobs.notify")
def notify() -> None:
    """Tell what the schedule says, and queue a job for everything that waits to be sent. Safe to repeat."""
    at = timezone.now()
    tell(at=at)
    mark_left(at=at)
    queue_jobs(list(Delivery.objects.to_send(at).values_list("pk", flat=True)))


@shared_task(name="supervision.jobs.send_delivery")
def send_delivery(*, delivery_id: int) -> None:
    """One attempt at one delivery. Run twice, it is sent once."""
    send(delivery_id=delivery_id, at=timezone.now())
