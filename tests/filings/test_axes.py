"""A refused edit says which of permission, status or window refuses: every combination of the three axes.

Permission is asked first, then status, then window; an edit that none of them refuses happens.
"""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction

from filings.errors import Refused
from filings.models import Entry, Filing, Period
from filings.services.exemptions import exempt
from filings.services.moves import recall, send_back, sign, submit
from filings.services.windows import extend
from filings.terms import Decision, Status
from tests import factories as f
from tests.filings.joint_scene import DAY, Joint

pytestmark = pytest.mark.django_db

#: From which statuses each verb goes, and whose verb it is: the table of moves, written out once more.
VERBS = {
    "save": ({"draft", "returned"}, "filer"),
    "submit": ({"draft", "returned"}, "filer"),
    "recall": ({"awaiting_signoff"}, "filer"),
    "send_back": ({"awaiting_signoff"}, "approver"),
    "sign": ({"awaiting_signoff"}, "approver"),
}

#: Whether a filing can be written, by window; hours are those of `moment`.
WINDOWS = {
    "not open": False,
    "open": True,
    "after the deadline": True,
    "closed": False,
    "extended after it closed": True,
    "extension over": False,
    "extended after the quarter was closed": True,
    "exempt": False,
}


@pytest.fixture
def joint():
    joint = Joint(countersigned=False)
    f.fill(f.filing_of(joint.period, joint.lead), by=joint.filers[joint.lead], at=joint.at)
    return joint


def moment(joint, window):
    """Bring the period into a window and return the moment to act at."""
    period = joint.period
    after = period.closes_at + DAY
    if window == "exempt":
        exempt(
            period=period,
            department=joint.lead,
            reason="停业",
            approver="高为民",
            by=joint.office,
            at=joint.at,
        )
    if window == "extended after the quarter was closed":
        f.close_quarter(period, at=after)
        after += DAY
    if window in ("extended after it closed", "extension over", "extended after the quarter was closed"):
        extend(
            period=period, department=joint.lead, until=after + DAY, reason="台风", approver="高为民",
            by=joint.office, at=after,
        )  # fmt: skip
    return {
        "not open": period.opens_at - timedelta(seconds=1),
        "open": joint.at,
        "after the deadline": period.due_at + timedelta(seconds=1),
        "closed": period.closes_at + timedelta(seconds=1),
        "extended after it closed": after + DAY,
        "extension over": after + DAY + timedelta(seconds=1),
        "extended after the quarter was closed": after + DAY,
        "exempt": joint.at,
    }[window]


def put(joint, status):
    """The filing as it stands in a status, without living through it."""
    sent = status in ("submitted", "returned", "accepted")
    Filing.objects.filter(department=joint.lead).update(
        status=status,
        first_submitted_at=joint.at if sent else None,
        signed_by=joint.approvers[joint.lead] if sent else None,
    )


def act(joint, verb, by, at):
    filing = f.filing_of(joint.period, joint.lead)
    if verb == "save":
        f.fill_entry(joint.entry(), by=by, at=at)
    elif verb == "submit":
        submit(filing=filing, by=by, at=at)
    elif verb == "recall":
        recall(filing=filing, by=by, at=at)
    elif verb == "send_back":
        send_back(filing=filing, notes={joint.entry().pk: ("R01", "再写")}, by=by, at=at)
    else:
        sign(filing=filing, by=by, at=at)


def refusing(verb, status, window, is_right):
    """Which axis must refuse, or nothing."""
    sources, _ = VERBS[verb]
    if not is_right:
        return "permission"
    if status not in sources:
        return "status"
    return "" if WINDOWS[window] else "window"


def test_every_combination_names_the_axis_that_refuses(joint):
    tried = 0
    for window in WINDOWS:
        with transaction.atomic():
            at = moment(joint, window)
            for status in Status.values:
                if window == "exempt" and status in ("submitted", "returned", "accepted"):
                    continue  # what was sent is never exempt
                put(joint, status)
                for verb, is_right in product(VERBS, (True, False)):
                    found = axis_of(joint, verb, is_right=is_right, at=at)
                    assert found == refusing(verb, status, window, is_right), (window, status, verb, is_right)
                    tried += 1
            transaction.set_rollback(True)
    assert tried == (7 * 5 + 2) * 10


def axis_of(joint, verb, *, is_right, at):
    """Which axis refuses a verb, or nothing; what it wrote is taken back."""
    people = {"filer": joint.filers, "approver": joint.approvers}[VERBS[verb][1]]
    by = people[joint.lead if is_right else joint.first]
    with transaction.atomic():
        try:
            with transaction.atomic():
                act(joint, verb, by, at)
        except Refused as refused:
            return refused.axis
        transaction.set_rollback(True)
    return ""


@pytest.mark.parametrize("window", ["closed", "exempt"])
def test_a_refused_edit_changes_nothing(joint, window):
    at = moment(joint, window)
    before = stored(joint)
    for verb, is_right in product(VERBS, (True, False)):
        assert axis_of(joint, verb, is_right=is_right, at=at) != ""
        assert stored(joint) == before


def stored(joint):
    """Everything a refused edit must leave alone."""
    filing = Filing.objects.filter(department=joint.lead).values().get()
    entries = list(Entry.objects.filter(filing=filing["id"]).order_by("id").values())
    return filing, entries, f.filing_of(joint.period, joint.lead).moves.count()


def test_an_accepted_entry_is_closed_while_others_are_mended(joint):
    f.make_milestone(joint.task)
    joint.period = f.open_quarter(joint.plan, 2020, 3, at=joint.at)
    joint.send()
    Filing.objects.filter(department=joint.lead, period=joint.period).update(status=Status.RETURNED)
    Entry.objects.filter(pk=joint.entry().pk).update(
        decision=Decision.ACCEPTED, decided_by=joint.office, decided_at=joint.at
    )
    with pytest.raises(Refused, match="已被采纳，不能再改") as refused:
        f.fill_entry(joint.entry(), by=joint.filers[joint.lead], at=joint.at)
    assert refused.value.axis == "status"


def test_an_old_quarter_is_filed_late_from_end_to_end(joint, client):
    """补录 of a quarter before the plan was issued: opened now, filed, signed, accepted, without timeliness."""
    period = f.open_quarter(joint.plan, 2016, 3, at=joint.at)
    assert period.is_late_entry
    joint.period = period
    client.force_login(joint.filers[joint.lead])
    home = client.get("/filings/", {"period": "2016Q3"}).content.decode()
    assert "牵头局 2016年第3季度报送" in home
    assert "本季为补录，不计时效" in home
    joint.send(at=period.closes_at)
    filing = f.accept(f.filing_of(period, joint.lead), by=joint.office, at=period.closes_at)
    assert filing.status == "accepted"
    assert Period.objects.get(pk=period.pk).filings.filter(exemption=None).count() == 4
    client.force_login(joint.office)
    assert "补录" in client.get("/filings/periods/").content.decode()
