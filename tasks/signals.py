"""What the apps above are told of annual work plans.

`plan_approved` is sent on commit with `plan_id` (of the Plan) and `year` whenever a version of an action's year came
into force: the figures of that year's open quarters read it. A lost message is harmless: the periodic repair of the
figures compares everything.
"""

from django.db import transaction
from django.dispatch import Signal

plan_approved = Signal()


def announce(plan_id: int, year: int) -> None:
    """Send `plan_approved` once the current transaction is committed."""
    transaction.on_commit(lambda: plan_approved.send(sender=None, plan_id=plan_id, year=year))
