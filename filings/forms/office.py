"""Input of the office's review: deciding entries, claiming, reopening, a substitute, remarks, rules, the queue's filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import READS_PLAN
from actions.models import SpecialAction
from filings.forms.entry import NOTE_LONGEST, LineField, WordsField
from filings.models import Entry, Filing
from filings.queries.waiting import Waiting
from filings.services.access import excluded_each
from filings.services.moves import Note
from filings.services.remarks import LONGEST
from filings.terms import Decision, ReturnCode

_CODES = [("", "请选择"), *ReturnCode.choices]
_CODE_MESSAGES = {"invalid_choice": "没有这个退回原因，请重新选择。"}
REASON_LONGEST = 300


class QueueFilter(forms.Form):
    """Which waiting filings to show, and in which order. Anything unknown shows all, longest waiting first."""

    SHOWS = (
        ("", "全部"),
        ("mine", "我可审的"),
        ("slow", "超过48小时"),
        ("late", "迟报"),
        ("second", "待复审"),
        ("again", "重新报送"),
        ("asked", "待我方答复"),
    )
    SORTS = (("", "等待最久"), ("due", "截止最早"), ("late", "迟报最久"))
    CLAIMED = (("", "全部"), ("mine", "我认领的"), ("free", "无人认领"), ("others", "他人认领的"))

    show = forms.ChoiceField(required=False, choices=SHOWS)
    sort = forms.ChoiceField(label="排序", required=False, choices=SORTS)
    claimed = forms.ChoiceField(label="认领", required=False, choices=CLAIMED)
    department = forms.TypedChoiceField(label="单位", required=False, coerce=int, empty_value=None)
    action = forms.TypedChoiceField(label="专项行动", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, rows: Sequence[Waiting], actions: Sequence[SpecialAction]) -> None:
        super().__init__(data)
        self.rows = rows
        departments = {row.filing.department_id: row.filing.department for row in rows}
        in_order = sorted(departments.values(), key=lambda d: (d.order, d.pk))
        self._choose("department", [(d.pk, str(d)) for d in in_order])
        waiting = {pk for row in rows for pk in row.actions}
        self._choose("action", [(a.pk, f"{a.no} {a.name}") for a in actions if a.pk in waiting])
        for name in ("sort", "claimed", "department", "action"):
            self.fields[name].widget.attrs["data-autosubmit"] = True

    def _choose(self, name: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *choices]

    def chosen(self) -> str:
        """The filter in force of SHOWS, empty for all."""
        return str(self._asked("show") or "")

    def _asked(self, name: str) -> Any:
        """What was asked for by one field; nothing when it was no choice, whatever the others are."""
        self.is_valid()
        return self.cleaned_data.get(name)

    def filter(self) -> list[Waiting]:
        """The rows that are wanted, in the order asked for."""
        wanted = (_SHOWN[self.chosen()], _CLAIMED[str(self._asked("claimed") or "")])
        department, action = self._asked("department"), self._asked("action")
        rows = [
            row
            for row in self.rows
            if all(want(row) for want in wanted)
            and department in (None, row.filing.department_id)
            and (action is None or action in row.actions)
        ]
        order = _SORTED.get(str(self._asked("sort") or ""))
        return sorted(rows, key=order) if order else rows

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order was asked for."""
        return any(self._asked(name) for name in ("show", "claimed", "department", "action"))


_SHOWN: dict[str, Callable[[Waiting], bool]] = {
    "": lambda row: True,
    "mine": lambda row: row.panel.may,
    "slow": lambda row: row.is_slow,
    "late": lambda row: row.is_late,
    "second": lambda row: row.is_second,
    "again": lambda row: row.is_resubmitted,
    "asked": lambda row: bool(row.asked),
}
_CLAIMED: dict[str, Callable[[Waiting], bool]] = {
    "": lambda row: True,
    "mine": lambda row: row.is_mine,
    "free": lambda row: row.is_free,
    "others": lambda row: not row.is_mine and not row.is_free,
}
_SORTED: dict[str, Callable[[Waiting], Any]] = {
    "due": lambda row: (row.due_at, row.filing.submitted_at, row.filing.pk),
    "late": lambda row: (-row.lateness, row.filing.submitted_at, row.filing.pk),
}


class DecisionForm(forms.Form):
    """Accept one entry, or return it with code and note. `seen` is the decision the reviewer had on screen."""

    seen = forms.ChoiceField(required=False, choices=Decision.choices, widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        choices=[(Decision.ACCEPTED, "采纳"), (Decision.RETURNED, "退回")],
        error_messages={"required": "请选择采纳或退回。", "invalid_choice": "请选择采纳或退回。"},
    )
    code = forms.ChoiceField(label="退回原因", required=False, choices=_CODES, error_messages=_CODE_MESSAGES)
    note = WordsField(label="退回意见", rows=4, longest=NOTE_LONGEST)

    def clean(self) -> dict[str, Any]:
        """A return needs its code and its words."""
        if self.cleaned_data.get("decision") == Decision.RETURNED:
            _need_code_and_note(self)
        return self.cleaned_data


class ReasonForm(forms.Form):
    """A reason that may be left out where the service does not ask for one: taking a claimed filing over."""

    prefix = "take"
    holder = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = LineField(label="接手理由", max_length=REASON_LONGEST, required=False)


class RemarkForm(forms.Form):
    """One message in the thread on an entry. `back` says from which page, to go on there."""

    prefix = "remark"
    text = WordsField(label="意见", rows=3, longest=LONGEST)
    back = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ("review", "edit", "detail")],
        widget=forms.HiddenInput,
    )

    def clean_text(self) -> str:
        """Something must be said."""
        text = str(self.cleaned_data["text"]).strip()
        if not text:
            raise forms.ValidationError("请写明意见。")
        return text


class RuleForm(forms.Form):
    """Whether a changed light asks for a second reviewer, and why that changes. `seen` is the rule on screen."""

    seen = forms.BooleanField(required=False, widget=forms.HiddenInput)
    second_level = forms.TypedChoiceField(
        label="亮灯变化的填报项",
        choices=[("0", "一人审核即可"), ("1", "须由第二人复审")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择审核方式。", "invalid_choice": "请选择审核方式。"},
    )
    reason = LineField(
        label="修改理由",
        max_length=REASON_LONGEST,
        error_messages={"required": "请写明修改审核规则的理由。"},
    )


class EntriesField(forms.ModelMultipleChoiceField):
    """Entries by number, title and kind."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.title}（{obj.get_kind_display()}）".strip()


_ENTRY_MESSAGES = {
    "invalid_choice": "所选填报项已有变动，请刷新页面后重选。",
    "invalid_pk_value": "所选填报项不存在，请刷新页面后重选。",
}


class ManyForm(forms.Form):
    """Several entries of one filing to accept, or to return with one code and note."""

    entries = EntriesField(
        queryset=Entry.objects.none(),
        error_messages={"required": "请勾选要办理的填报项。", **_ENTRY_MESSAGES},
    )
    decision = forms.ChoiceField(
        choices=[(Decision.ACCEPTED, "采纳所选"), (Decision.RETURNED, "退回所选")],
        error_messages={"required": "请选择采纳或退回。", "invalid_choice": "请选择采纳或退回。"},
    )
    many_code = forms.ChoiceField(
        label="退回原因", required=False, choices=_CODES, error_messages=_CODE_MESSAGES
    )
    many_note = WordsField(label="退回意见", rows=2, longest=NOTE_LONGEST)

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["entries"]
        assert isinstance(field, EntriesField)
        field.queryset = Entry.objects.filter(filing=filing)

    def clean(self) -> dict[str, Any]:
        """A return needs its code and its words."""
        if self.cleaned_data.get("decision") == Decision.RETURNED:
            _need_code_and_note(self, "many_")
        return self.cleaned_data

    @property
    def ticked(self) -> set[str]:
        """Ids as they were sent, to show the ticks again."""
        return {str(pk) for pk in self["entries"].value() or ()}


class RoutineForm(forms.Form):
    """Entries of any filings to accept."""

    entries = forms.ModelMultipleChoiceField(
        queryset=Entry.objects.none(),
        error_messages={"required": "请勾选要采纳的填报项。", **_ENTRY_MESSAGES},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["entries"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Entry.objects.visible_to(user)

    @property
    def sentence(self) -> str:
        """Why it cannot be accepted."""
        return str(self.errors["entries"][0])


class ReopenForm(forms.Form):
    """Entries of an accepted filing to return, with one code and note for all of them."""

    entries = EntriesField(
        label="要退回的填报项",
        queryset=Entry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请勾选要退回的填报项。",
            **_ENTRY_MESSAGES,
        },
    )
    code = forms.ChoiceField(label="退回原因", required=False, choices=_CODES, error_messages=_CODE_MESSAGES)
    note = WordsField(label="退回意见", rows=3, longest=NOTE_LONGEST)

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["entries"]
        assert isinstance(field, EntriesField)
        field.queryset = Entry.objects.filter(filing=filing, decision=Decision.ACCEPTED).for_page()

    def clean(self) -> dict[str, Any]:
        """Code and note go with every return."""
        _need_code_and_note(self)
        return self.cleaned_data

    def notes(self) -> dict[int, Note]:
        """Code and note by entry id."""
        data = self.cleaned_data
        return {entry.pk: (data["code"], data["note"]) for entry in data["entries"]}


def _need_code_and_note(form: forms.Form, prefix: str = "") -> None:
    if form.cleaned_data.get(f"{prefix}code") == "":
        form.add_error(f"{prefix}code", "请选择退回原因。")
    if form.cleaned_data.get(f"{prefix}note") == "":
        form.add_error(f"{prefix}note", "请写明退回意见，填报人才知道改什么。")


class PersonField(forms.ModelChoiceField):
    """People by name, with the departments that tell two of one name apart."""

    def label_from_instance(self, obj: Any) -> str:
        departments = dict.fromkeys(str(held.department) for held in obj.memberships.all() if held.department)
        return f"{obj}（{'、'.join(departments)}）" if departments else str(obj)


class SubstituteForm(forms.Form):
    """Who decides a filing that no reviewer may decide, and why."""

    user = PersonField(
        label="代审人",
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择代审人。", "invalid_choice": "此人不能代审，请另选一人。"},
    )
    reason = LineField(
        label="理由", max_length=REASON_LONGEST, error_messages={"required": "请写明指定代审的理由。"}
    )

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, PersonField)
        field.queryset = possible_substitutes(filing)


def possible_substitutes(filing: Filing) -> QuerySet[User]:
    """Active people with a part in the plan, not of the filing's department, no hand in it, not its first reviewers."""
    people = User.objects.filter(is_active=True, memberships__role__in=sorted(READS_PLAN))
    excluded = excluded_each([filing])[filing.pk]
    people = people.exclude(memberships__department=filing.department_id).exclude(pk__in=excluded)
    return people.order_by("name", "id").distinct().prefetch_related("memberships__department")
