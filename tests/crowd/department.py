"""One department's quarter as its people live it: every entry typed and saved, submitted, signed, mended."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from accounts.models import User
from accounts.roles import Role
from filings.forms.entry import EntryForm
from filings.models import Entry, Filing
from tests.crowd.conftest import Site
from tests.crowd.office import Office
from tests.crowd.visitor import Form, Visitor
from tests.filings.samples import pdf

T = TypeVar("T")
CHECKER = "周立群"
RETURNED = 3  # entries at most


def at_once(*acts: Callable[[], T]) -> list[T]:
    """The results of acts begun in the same moment, each in a thread of its own."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        ready.wait(timeout=60)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@dataclass(frozen=True)
class Script:
    """What is out of the ordinary in one department's quarter."""

    two_windows: bool  # its first entry is typed in two windows and saved in both at once
    takes_theirs: bool  # and the slower window takes what the faster one saved, instead of insisting
    recalled: bool  # the filer takes the filing back once, changes its first entry and submits again
    sent_back: bool  # the approver sends the first entry back once
    twice: bool  # submitting and signing are clicked in two windows at once
    evidence: bool  # one file is uploaded in two windows at once
    extended: bool  # the office gives it more time while it fills in
    returned: bool  # the office returns its first entries at the first review

    @classmethod
    def of(cls, no: int) -> Script:
        """The script of the department with this number."""
        return cls(
            two_windows=no % 3 != 1,
            takes_theirs=no % 3 == 2,
            recalled=no % 4 == 2,
            sent_back=no % 4 == 1,
            twice=no % 5 == 0,
            evidence=no % 4 == 3,
            extended=no % 6 == 0,
            returned=no % 3 == 0,
        )

    @property
    def signings(self) -> int:
        return 2 if self.returned else 1

    @property
    def submissions(self) -> int:
        """How often the filer submits: once for each signing, and again for what did not reach one."""
        return self.signings + self.recalled + self.sent_back


@dataclass
class Department:
    """A filing and its people. `typed` is what each input of each entry held when the server last said “saved”.

    `left` are those of its `entries` that were not typed before.
    """

    filing: Filing
    entries: Sequence[int]
    left: Sequence[int]
    script: Script
    clerk: Visitor
    approver: Visitor
    office: Office
    typed: dict[int, dict[str, str]]
    saves: Counter[int]
    files: int = 0

    @classmethod
    def of(cls, no: int, filing: Filing, office: Office, site: Site) -> Department:
        """The department of a filing as it stands, with its filer and its approver signed in."""
        script = Script.of(no)
        entries = list(Entry.objects.for_page().filter(filing=filing))
        left = [entry.pk for entry in entries if not entry.version]
        office.expect(filing, [entry.pk for entry in entries], left[:RETURNED] if script.returned else [])
        return cls(
            filing=filing,
            entries=[entry.pk for entry in entries],
            left=left,
            script=script,
            clerk=site.visitor(one(Role.FILER, filing)),
            approver=site.visitor(one(Role.APPROVER, filing)),
            office=office,
            typed={entry.pk: EntryForm.of(entry).typed() for entry in entries if entry.version},
            saves=Counter({entry.pk: entry.version for entry in entries if entry.version}),
        )

    @property
    def to_return(self) -> Sequence[int]:
        """What the office returns at its first review."""
        return self.office.to_return[self.filing.pk]

    def run(self) -> None:
        """From the first page to the last acceptance."""
        self.fill()
        if self.script.recalled:
            self.submit()
            self.press(self.clerk, "recall", f"/filings/{self.filing.pk}/edit/")
            self.save(self.left[0], "撤回后修改")
        if self.script.sent_back:
            self.submit()
            self.send_back(self.left[0])
            self.save(self.left[0], "签发退回后修改")
        self.hand_in()
        if self.script.returned:
            assert self.office.decided(self.filing) == "returned"
            self.mend()
            self.hand_in()
        assert self.office.decided(self.filing) == "accepted"

    # Typing

    def fill(self) -> None:
        """Every entry from its own page; the first one perhaps in two windows."""
        first, *others = self.left
        page = self.clerk.get("/filings/")
        assert page.status == 200
        assert f"本季应报 {len(self.entries)} 项" in page.words
        if self.script.extended:
            self.office.extend(self.filing)
        if self.script.two_windows:
            self.save_in_two_windows(first)
        else:
            self.save(first)
        for entry in others:
            self.save(entry)
        if self.script.evidence:
            self.upload_in_two_windows()

    def desk(self, clerk: Visitor, entry: int) -> Form:
        """The form of one entry on the filing desk."""
        page = clerk.get(f"/filings/{self.filing.pk}/edit/?entry={entry}")
        assert page.status == 200
        return page.form(f"/filings/entries/{entry}/save/")

    def save(self, entry: int, remark: str = "首次填报") -> None:
        """Type into the form of an entry, which the page's script saves."""
        form = self.desk(self.clerk, entry)
        typed = words(form, entry, remark)
        answer = self.clerk.fetch(form.action, sent(form, typed))
        assert answer.status == 200, answer
        assert answer.said["ok"] is True
        self.keep(entry, typed)

    def keep(self, entry: int, typed: dict[str, str]) -> None:
        """Note what the server said it has saved."""
        self.typed.setdefault(entry, {}).update(typed)
        self.saves[entry] += 1

    def save_in_two_windows(self, entry: int) -> None:
        """Both opened before either saves: one is saved, the other is shown it and chooses."""
        windows = [self.clerk, self.clerk.another_window()]
        forms = [self.desk(window, entry) for window in windows]
        typed = [words(form, entry, f"窗口{no}") for no, form in enumerate(forms, 1)]
        answers = at_once(
            *(
                lambda window=window, form=form, text=text: window.fetch(form.action, sent(form, text))
                for window, form, text in zip(windows, forms, typed, strict=True)
            )
        )
        assert sorted(answer.status for answer in answers) == [200, 409]
        faster = [answer.status for answer in answers].index(200)
        slower = 1 - faster
        self.keep(entry, typed[faster])
        refusal = answers[slower].said
        assert (refusal["axis"], refusal["version"]) == ("race", 1)
        assert typed[faster]["explanation"] in refusal["panel"]
        choice = "theirs" if self.script.takes_theirs else "mine"
        differing = {f"take_{name}": choice for name in typed[0] if typed[0][name] != typed[1][name]}
        chosen = {"version": "1"} | differing
        settled = windows[slower].fetch(forms[slower].action, sent(forms[slower], typed[slower]) | chosen)
        assert settled.status == 200
        if choice == "mine":
            self.keep(entry, typed[slower])
        assert settled.said["version"] == self.saves[entry]

    def upload_in_two_windows(self) -> None:
        """The same bytes to two entries at once are stored once; to one entry they come once."""
        targets = [self.left[0], self.left[-1]]
        content = pdf(str(self.filing.pk))
        windows = [self.clerk, self.clerk.another_window()]
        tokens = [{"csrfmiddlewaretoken": window.cookies["csrftoken"]} for window in windows]
        answers = at_once(
            *(
                lambda window=window, entry=entry, token=token: window.fetch(
                    f"/filings/entries/{entry}/evidence/", token, {"检查记录.pdf": content}
                )
                for window, entry, token in zip(windows, targets, tokens, strict=True)
            )
        )
        once = len(set(targets)) == 1
        assert sorted(answer.status for answer in answers) == ([200, 422] if once else [200, 200])
        self.files = len(set(targets))

    # Handing in

    def press(self, visitor: Visitor, verb: str, leads_to: str, **fields: str) -> None:
        """Press a button of the filing. What is refused leads elsewhere, or nowhere."""
        answer = visitor.post(f"/filings/{self.filing.pk}/{verb}/", visitor.with_token(fields))
        assert (answer.status, answer.location) == (302, leads_to), answer

    def submit(self) -> None:
        self.press(self.clerk, "submit", "/filings/", checked_by=CHECKER)

    def hand_in(self) -> None:
        """Submit and sign, perhaps with two clicks each, of which one counts; then it is the office's."""
        if self.script.twice:
            self.counts_once(self.clerk, "submit", "/filings/", checked_by=CHECKER)
        else:
            self.submit()
        page = self.approver.get(f"/filings/{self.filing.pk}/")
        assert (page.status, "签发报送" in page.words) == (200, True)
        if self.script.twice:
            self.counts_once(self.approver, "sign", "/filings/signing/")
        else:
            self.press(self.approver, "sign", "/filings/signing/")
        self.office.take_in(self.filing)

    def counts_once(self, visitor: Visitor, verb: str, done: str, **fields: str) -> None:
        """Of two clicks in the same moment one is done; the other is told, on the page that it leads to."""
        windows = [visitor, visitor.another_window()]
        path = f"/filings/{self.filing.pk}/{verb}/"
        answers = at_once(
            *(lambda window=window: window.post(path, window.with_token(fields)) for window in windows)
        )
        assert {answer.status for answer in answers} == {302}
        (told,) = (pair for pair in zip(windows, answers, strict=True) if pair[1].location != done)
        page = told[0].get(told[1].location)
        assert "请刷新页面" in page.words

    def send_back(self, entry: int) -> None:
        """The approver has one entry mended."""
        self.approver.get("/filings/signing/")
        note = {f"code_{entry}": "R01", f"note_{entry}": "请写明数量"}
        self.press(self.approver, "send-back", "/filings/signing/", **note)

    def mend(self) -> None:
        """Change what the office returned, which its pages show."""
        page = self.clerk.get("/filings/")
        assert f"其中 {len(self.to_return)} 项被退回，须改正后再报" in page.words
        for entry in self.to_return:
            self.save(entry, "审核退回后修改")


def one(role: Role, filing: Filing) -> User:
    """The person who has this role in a filing's department."""
    return User.objects.get(memberships__role=role, memberships__department=filing.department_id)


def sent(form: Form, typed: dict[str, str]) -> dict[str, str]:
    """What the page's script sends: all inputs, and which of them were changed here."""
    return form.fields | typed | {"touched": ",".join(typed)}


def words(form: Form, entry: int, remark: str) -> dict[str, str]:
    """Something complete for every kind of entry, and like no other entry's and no other save's."""
    offered = form.fields.keys() | form.choices.keys()
    text = f"第 {entry} 项{remark}：已按计划推进，完成 {entry % 97} 处，正在验收 {entry % 13} 处。"
    typed = {"explanation": f"第 {entry} 项{remark}：已与台账核对。"}
    if "percent" in offered:
        typed |= {
            "percent": f"{40 + entry % 60}.25",
            "self_light": "behind",
            "pace": "delayed",
            "text": text,
            "problems": f"第 {entry} 项用地指标未落实",
            "cause": "审批周期长",
            "next_steps": f"第 {entry} 项倒排工期",
            "next_on": "2021-03-31",
        }
    elif "milestone_state" in offered:
        typed |= {"milestone_state": "under_way", "text": text}
    elif "value_state" in offered:
        typed |= {"value_state": "value"} | reading(form, entry)
    else:
        typed |= {"text": text}
    return typed


def reading(form: Form, entry: int) -> dict[str, str]:
    """A rate's parts, one of the levels offered, or a number."""
    if "numerator" in form.fields:
        return {"numerator": str(entry % 50 + 1), "denominator": str(entry % 50 + 11)}
    levels = form.choices.get("value")
    return {"value": levels[1] if levels else f"{entry % 89 + 1}.5"}
