"""Joint work on one task: what its lead reads of the others and takes over, and countersigning what it wrote.

Asked to countersign a lead's progress entry is every department that files a contribution to the same task in the
same period: a group's convenor for the group, no exempt department, never the lead's own. They answer for the words
that were sent last, by `countersign_by` of the period; words sent after that moment are countersigned by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from departments.models import Department
from filings.drafting import merged
from filings.errors import AlreadyMoved, Refused
from filings.models import Countersignature, Entry, EntryVersion, Filing, Period
from filings.services.entries import save_entry
from filings.terms import Consent, Decision, EntryKind, Status
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local

#: With the office or through: what stands in the entry is what was sent.
SENT = frozenset({Status.SUBMITTED, Status.ACCEPTED})
#: Longest text of an entry, as its form takes it.
LONGEST = 5000
#: Longest word of a countersignature.
WORD_LONGEST = 1000

Words = Mapping[str, Any]


# What others may read


def sent_words(entries: Iterable[Entry]) -> dict[int, Words]:
    """What each entry said when it was sent last, by entry id; an entry never sent is absent. At most one query.

    A draft is its department's own, and so is what is being mended: others read what was sent before. Values are
    columns or the texts of a version, as `labels.written` takes both. The filing must be at hand.
    """
    entries = list(entries)
    found: dict[int, Words] = {}
    mending = []
    for entry in entries:
        if entry.filing.status in SENT or entry.decision == Decision.ACCEPTED:
            found[entry.pk] = {name: getattr(entry, name) for name in entry.fields}
        elif entry.filing.first_submitted_at:
            mending.append(entry)
    if mending:
        sent = EntryVersion.objects.filter(entry__in=mending).newest()
        found |= {pk: version.content for pk, version in sent.items()}
    return found


def said(words: Words | None) -> str:
    """The running text of an entry, or that there was nothing to do and why; empty when nothing was sent."""
    if words is None:
        return ""
    if words.get("text"):
        return str(words["text"])
    return f"本季无工作：{words['nothing_reason']}" if words.get("nothing_reason") else ""


# Taking over


def marked(department: object, words: str) -> str:
    """Words of another department as they stand in the lead's text."""
    return f"【{department}】{words}"


def taken_over(text: str, department: object, words: str) -> str:
    """The lead's text with the other's words after it, marked with the department's name.

    Raises Refused (status) when they stand in it already, and (content) when the text would be too long.
    """
    block = marked(department, words)
    if block in text:
        raise Refused("status", f"{department}的配合情况已经取用，不必重复取用。")
    joined = f"{text.rstrip()}\n{block}" if text.strip() else block
    if len(joined) > LONGEST:
        raise Refused(
            "content",
            f"取用后共 {len(joined)} 字，超过 {LONGEST} 字，没有取用；请先压缩已填文字，或只摘录要点。",
        )
    return joined


def contributions_to(entry: Entry) -> QuerySet[Entry]:
    """The contributions of the same quarter to the task of a lead's progress entry, in the order of the table."""
    row = entry.responsibility
    assert row is not None
    return (
        Entry.objects.filter(
            kind=EntryKind.CONTRIBUTION,
            responsibility__task=row.task_id,
            filing__period=entry.filing.period_id,
        )
        .select_related("filing__department", "filing__exemption", "responsibility__department")
        .order_by("responsibility__order", "id")
    )


def take_over(
    *,
    entry: Entry,
    source_id: int | None,
    values: Mapping[str, Any],
    unparsed: Mapping[str, str],
    version: int,
    by: User,
    at: datetime,
) -> Entry:
    """Save the lead's entry as typed with a contribution's words after its text. Raises what `save_entry` raises.

    Refused (status) while the contribution was not sent, (content) when it is not one of the same task and quarter.
    """
    if entry.kind != EntryKind.PROGRESS:
        raise Refused("content", "只有牵头任务进展可以取用配合情况。")
    source = contributions_to(entry).filter(pk=source_id).first() if source_id is not None else None
    if source is None or source.responsibility is None:
        raise Refused("content", "所选配合情况不属于本任务本季，请刷新页面后重选。")
    words = said(sent_words([source]).get(source.pk))
    department = source.responsibility.department
    if not words:
        raise Refused("status", f"{department}的配合情况尚未报送，报送后才能取用。")
    text = taken_over(str(values.get("text") or ""), department, words)
    return save_entry(
        entry=entry, values={**values, "text": text}, unparsed=unparsed, version=version, by=by, at=at
    )


def with_draft(text: str, drafted: str, how: str, *, is_sure: bool) -> str:
    """A typed summary with its draft. Raises Refused: nothing to draft from yet (status), no choice made (content).

    A text that is there is never replaced without `is_sure`.
    """
    if not drafted:
        raise Refused("status", "本行动各任务牵头单位都还没有报送，没有可以草拟的内容。")
    if text.strip() and how not in ("append", "replace"):
        raise Refused("content", "小结已有文字，请选择把草拟内容接在后面，还是替换已填文字。")
    if text.strip() and how == "replace" and not is_sure:
        raise Refused("content", "替换会丢掉已填的小结文字，请先勾选“确认替换”。")
    if drafted in text and how != "replace":
        raise Refused("status", "草拟内容已经在小结中，不必重复填入。")
    joined = merged(text, drafted, how)
    if len(joined) > LONGEST:
        raise Refused(
            "content", f"填入后共 {len(joined)} 字，超过 {LONGEST} 字，没有填入；请先压缩已填文字。"
        )
    return joined


# Countersigning


def versions_asked(entries: Iterable[Entry], before: datetime | None = None) -> dict[int, EntryVersion]:
    """The version of each entry that is to be countersigned, by entry id: the one sent last, now or before a moment;
    corrections are not."""
    sent = EntryVersion.objects.filter(entry__in=list(entries), correction_reason="")
    return (sent.filter(at__lt=before) if before else sent).newest()


def is_asked(entry: Entry, department_id: int) -> bool:
    """Whether a department has a word on a lead's progress entry."""
    if entry.kind != EntryKind.PROGRESS or entry.filing.department_id == department_id:
        return False
    return contributions_to(entry).filter(filing__department=department_id, filing__exemption=None).exists()


def shut_sentence(period: Period, at: datetime) -> str:
    """Why nothing can be countersigned in this period now; empty while it can."""
    if period.countersign_by is None:
        return f"{period}没有设会签时限，不需要会签。"
    if period.closed_at:
        return f"{period}已关账，不能再会签。"
    if at > period.countersign_by:
        return (
            f"{period}会签已于 {local(period.countersign_by):%Y-%m-%d %H:%M} 截止，"
            f"未会签的记为逾期未会签。仍有意见的，请联系{period.plan.office}。"
        )
    return ""


@transaction.atomic
def countersign(
    *,
    entry: Entry,
    department: Department,
    consent: str,
    text: str = "",
    version_no: int,
    by: User,
    at: datetime,
) -> Countersignature:
    """A cooperating department's word on what the lead sent. Its filer or approver gives it, by name.

    `version_no` is the version that was read; if another was sent meanwhile, AlreadyMoved says so. Until the
    deadline a department may change its word: words are appended and the latest holds. Blocks nothing.
    Raises Refused (permission, window, status, content).
    """
    entry = _held(entry)
    filing = entry.filing
    if department.pk not in by.departments_as(Role.FILER, Role.APPROVER):
        raise Refused("permission", f"由{department}的填报人或签发人会签，您可以查看。")
    if not is_asked(entry, department.pk):
        raise Refused("permission", f"{department}本季不是{zh.quoted(entry.title)}的配合单位，不需要会签。")
    if sentence := shut_sentence(filing.period, at):
        raise Refused("window", sentence)
    sent = versions_asked([entry]).get(entry.pk)
    if sent is None:
        raise Refused("status", f"{filing.department}尚未报送{zh.quoted(entry.title)}，报送后才能会签。")
    if sent.no != version_no:
        raise AlreadyMoved(
            f"{filing.department}已于 {local(sent.at):%m-%d %H:%M} 重新报送{zh.quoted(entry.title)}，"
            "内容有改动，请看过新内容再会签。"
        )
    word = _word(consent, text)
    last = entry.countersignatures.filter(department=department, version_no=sent.no).last()
    if last and (last.consent, last.text) == (consent, word):
        raise AlreadyMoved(
            f"{last.by}已于 {local(last.at):%m-%d %H:%M} 对{zh.quoted(entry.title)}会签"
            f"“{last.get_consent_display()}”，不必重复会签。"
        )
    signature = Countersignature.objects.create(
        entry=entry, department=department, consent=consent, text=word, version_no=sent.no, by=by, at=at
    )
    after = {"单位": str(department), "会签": signature.get_consent_display(), "版本": sent.no}
    record(verb="entry.countersign", subject=entry, by=by, at=at, after=after, note=word)
    return signature


def _held(entry: Entry) -> Entry:
    """The entry as it stands; its filing is locked, so that no other words are sent meanwhile."""
    Filing.objects.select_for_update().only("pk").get(pk=entry.filing_id)
    related = Entry.objects.for_page().select_related("filing__period__plan__office")
    return related.get(pk=entry.pk)


def _word(consent: str, text: str) -> str:
    """The words that go with a consent: none with a plain one, some with the others."""
    text = text.strip()
    if consent not in Consent.values:
        raise Refused("content", "请选择同意、补充修改或有异议。")
    if consent == Consent.CONFIRMED:
        return ""
    if not text:
        what = "补充修改的内容" if consent == Consent.AMENDED else "异议的理由"
        raise Refused("content", f"请写明{what}，牵头单位才知道改什么。")
    if len(text) > WORD_LONGEST:
        raise Refused("content", f"会签意见最多 {WORD_LONGEST} 字，现有 {len(text)} 字，请压缩。")
    return text


@transaction.atomic
def confirm_many(*, seen: Mapping[int, int], department: Department, by: User, at: datetime) -> int:
    """Agree to several entries at once, all or none: `seen` gives the version read by entry id. Returns how many.

    Raises what `countersign` raises, naming the entry; filings are locked in the order of their ids.
    """
    if not seen:
        raise Refused("content", "请勾选要同意的任务。")
    entries = list(Entry.objects.filter(pk__in=seen).order_by("filing_id", "id"))
    if len(entries) != len(seen):
        raise Refused("content", "所选任务已有变动，请刷新页面后重选。")
    for entry in entries:
        countersign(
            entry=entry,
            department=department,
            consent=Consent.CONFIRMED,
            version_no=seen[entry.pk],
            by=by,
            at=at,
        )
    return len(entries)


def open_for_signing(at: datetime) -> Q:
    """Condition on an entry: its period can be countersigned at this moment."""
    return Q(filing__period__countersign_by__gte=at, filing__period__closed_at=None)
