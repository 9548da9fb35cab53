"""Sending digests outside, each at most once.

A delivery is queued with its digest, in one transaction. Whoever sends it first takes it by a conditional update that
is committed before a byte leaves (queued → sending); only that one sends. What the other side refused goes back to the
queue with growing pauses and is given up after the last. What may have arrived, because the connection broke after
the message was handed over or the worker died in between, is doubtful: it is shown to the system administrator, who
may send it again; the system never does. So nothing is sent twice, and nothing is lost unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from celery import current_app
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from harbor_plan.lib import outgoing
from harbor_plan.lib.outgoing import Doubtful, NotSent
from supervision import robots
from supervision.models import Delivery, Digest, Preference
from supervision.rules import LEFT_AFTER, next_attempt
from supervision.terms import DeliveryState, Via

logger = logging.getLogger(__name__)


def queue(digest: Digest, *, at: datetime) -> Delivery | None:
    """The delivery of a new digest; None for a person who has no address, wants no mail, or when there is no mail."""
    if digest.channel:
        return Delivery.objects.create(
            digest=digest, via=Via.WEBHOOK, address=digest.channel.masked[:120], next_at=at
        )
    assert digest.user is not None
    if not digest.user.email or not outgoing.mail_is_configured() or not wants_mail(digest.user):
        return None
    address = outgoing.masked_email(digest.user.email)[:120]
    return Delivery.objects.create(digest=digest, via=Via.EMAIL, address=address, next_at=at)


def wants_mail(user: User) -> bool:
    """Whether the person did not switch mail off."""
    return not Preference.objects.filter(user=user, by_mail=False).exists()


def send_soon(digests: Iterable[Digest]) -> None:
    """Queue a job for each delivery of these digests once the transaction is committed.

    Without Redis jobs run in the calling process: then the timer sends, so that nobody's click waits for another
    server. A queue that is down loses nothing either: the periodic job finds what is queued here.
    """
    if current_app.conf.task_always_eager:
        return
    ids = list(Delivery.objects.filter(digest__in=list(digests)).values_list("pk", flat=True))
    transaction.on_commit(lambda: queue_jobs(ids))


def queue_jobs(ids: Iterable[int]) -> None:
    """One job for each of these deliveries."""
    from supervision.jobs import send_delivery

    try:
        for pk in ids:
            send_delivery.delay(delivery_id=pk)
    except OperationalError:
        logger.exception("no sending queued; the periodic job will catch up")


def send(*, delivery_id: int, at: datetime) -> DeliveryState | None:
    """One attempt at one delivery, if it is queued and its time has come; returns where it stands now, else None.

    Never within a transaction: the claim must be visible to everybody before the message leaves.
    """
    with transaction.atomic(durable=True):
        claimed = (
            Delivery.objects.to_send(at)
            .filter(pk=delivery_id)
            .order_by()
            .update(state=DeliveryState.SENDING, claimed_at=at, attempts=F("attempts") + 1)
        )
    if not claimed:
        return None
    delivery = Delivery.objects.select_related("digest__user", "digest__channel").get(pk=delivery_id)
    try:
        _hand_over(delivery, at)
    except NotSent as problem:
        return _refused(delivery, str(problem), at)
    except Doubtful as problem:
        return _settle(delivery, DeliveryState.DOUBTFUL, last_error=str(problem)[:300])
    return _settle(delivery, DeliveryState.SENT, sent_at=at, last_error="")


def _refused(delivery: Delivery, problem: str, at: datetime) -> DeliveryState:
    again = next_attempt(delivery.attempts, at)
    if again is None:
        return _settle(delivery, DeliveryState.FAILED, last_error=problem[:300])
    return _settle(delivery, DeliveryState.QUEUED, last_error=problem[:300], next_at=again)


def _settle(delivery: Delivery, state: DeliveryState, **changes: object) -> DeliveryState:
    """Write the outcome of the attempt that this process claimed; one that was taken for lost meanwhile keeps its mark."""
    mine = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, claimed_at=delivery.claimed_at
    )
    mine.update(state=state, **changes)
    return state


def _hand_over(delivery: Delivery, at: datetime) -> None:
    """Send it the way it goes, to the address that is configured now. Raises NotSent or Doubtful."""
    digest = delivery.digest
    if digest.user:
        if not digest.user.is_active or not digest.user.email:
            raise NotSent("账号已停用或没有邮箱")
        outgoing.send_mail(digest.user.email, digest.subject, digest.text)
        return
    channel = digest.channel
    assert channel is not None
    if not channel.is_active:
        raise NotSent("群机器人已停用")
    request = robots.request(
        channel.kind,
        channel.webhook_url,
        channel.webhook_secret,
        subject=digest.subject,
        text=digest.text,
        key=f"digest-{digest.pk}",
        at=at,
    )
    answer = outgoing.post(request.url, request.body, request.headers)
    if problem := robots.refusal(channel.kind, answer):
        raise NotSent(problem)


def mark_left(*, at: datetime) -> int:
    """Mark as doubtful what somebody began to send and never finished. Returns how many there were."""
    left = Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=at - LEFT_AFTER)
    return left.update(state=DeliveryState.DOUBTFUL, last_error="发送过程中断，可能已经送达")


@transaction.atomic
def resend(*, delivery: Delivery, by: User, at: datetime) -> None:
    """The system administrator sends a failed or doubtful message again, knowing that it may arrive twice.

    Raises Refused (permission), or AlreadyMoved when somebody was faster or it is on its way.
    """
    if not by.holds(Role.SYSADMIN):
        raise Refused("permission", "重新发送由系统管理员办理。")
    before = delivery.get_state_display()
    again = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.FAILED, DeliveryState.DOUBTFUL])
    if not again.update(state=DeliveryState.QUEUED, attempts=0, next_at=at):
        raise AlreadyMoved(f"{delivery}，只有未送达或结果不明的才能重新发送。")
    record(verb="delivery.resend", subject=delivery, by=by, at=at, before={"state": before})


@transaction.atomic
def set_mail(*, wanted: bool, by: User, at: datetime) -> None:
    """A person switches their own digests by mail on or off."""
    Preference.objects.update_or_create(user=by, defaults={"by_mail": wanted})
    record(verb="notice.by_mail", subject=by, by=by, at=at, after={"by_mail": wanted})
