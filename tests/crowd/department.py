"""One department's quarter as its people live it: every entry typed and saved, submitted, signed, mended."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from filings.models import Filing
from tests.crowd.office import Office
from tests.crowd.visitor import Answer, Form, Visitor
from tests.filings.samples import pdf

T = TypeVar("T")
CHECKER = "周立群"


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
    returned: int  # so many entries the office returns at its first review

    @classmethod
    def of(cls, no: int, size: int) -> Script:
        """The script of the department with this number, which owes `size` entries."""
        return cls(
            two_windows=no % 3 != 1,
            takes_theirs=no % 3 == 2,
            recalled=no % 4 == 2,
            sent_back=no % 4 == 1,
            twice=no % 5 == 0,
            evidence=no % 4 == 3,
            extended=no % 6 == 0,
            returned=min(size, 3) if no % 3 == 0 else 0,
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
    """A filing and its people. `typed` is what each input of each entry held when the server last said “saved”."""

    filing: Filing
    entries: Sequence[int]
    script: Script
    clerk: Visitor
    approver: Visitor
    office: Office
    typed: dict[int, dict[str, str]] = field(default_factory=dict)
    saves: Counter[int] = field(default_factory=Counter)
    files: int = 0

    def run(self) -> None:
        """From the first page to the last acceptance."""
        self.fill()
        if self.script.recalled:
            self.submit()
            self.said(self.press(self.clerk, "recall"), "已撤回，可以继续修改")
            self.save(self.entries[0], "撤回后修改")
        if self.script.sent_back:
            self.submit()
            self.send_back(self.entries[0])
            self.save(self.entries[0], "签发退回后修改")
        self.hand_in()
        if self.script.returned:
            assert self.office.decided(self.filing) == "returned"
            self.mend()
            self.hand_in()
        assert self.office.decided(self.filing) == "accepted"

    # Typing

    def fill(self) -> None:
        """Every entry from its own page; the first one perhaps in two windows."""
        first, *others = self.entries
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
        targets = [self.entries[0], self.entries[-1]]
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

    def press(self, visitor: Visitor, verb: str, **fields: str) -> Answer:
        """Press a button of the filing, and come to the page it leads to."""
        return visitor.press(f"/filings/{self.filing.pk}/{verb}/", **fields)

    def said(self, answer: Answer, sentence: str) -> None:
        """The page says so."""
        assert answer.status == 200, answer.request
        assert sentence in answer.words, f"{answer.request}: {answer.words[:3000]}"

    def submit(self) -> None:
        answer = self.press(self.clerk, "submit", checked_by=CHECKER)
        self.said(answer, "已提交签发")

    def hand_in(self) -> None:
        """Submit and sign, perhaps with two clicks each, of which one counts; then it is the office's."""
        if self.script.twice:
            windows = [self.clerk, self.clerk.another_window()]
            self.counts_once(windows, "submit", "已提交签发", checked_by=CHECKER)
        else:
            self.submit()
        assert str(self.filing.department) in self.approver.get("/filings/signing/").words
        assert self.approver.get(f"/filings/{self.filing.pk}/").status == 200
        if self.script.twice:
            windows = [self.approver, self.approver.another_window()]
            self.counts_once(windows, "sign", "已签发，报")
        else:
            self.said(self.press(self.approver, "sign"), "已签发，报")
        self.office.take_in(self.filing)

    def counts_once(self, windows: Sequence[Visitor], verb: str, done: str, **fields: str) -> None:
        """Of two clicks in the same moment one is done and the other is told who was faster."""
        answers = at_once(
            *(lambda window=window: self.press(window, verb, **fields) for window in windows)
        )
        told = sum("请刷新页面" in answer.words for answer in answers)
        assert (sum(done in answer.words for answer in answers), told) == (1, 1), [
            answer.words[:1500] for answer in answers
        ]

    def send_back(self, entry: int) -> None:
        """The approver has one entry mended."""
        self.approver.get("/filings/signing/")
        note = {f"code_{entry}": "R01", f"note_{entry}": "请写明数量"}
        self.said(self.press(self.approver, "send-back", **note), "已退回 1 项")

    def mend(self) -> None:
        """Change what the office returned, as its page shows."""
        for entry in self.entries[: self.script.returned]:
            page = self.clerk.get(f"/filings/{self.filing.pk}/edit/?entry={entry}")
            assert "与台账不一致" in page.words
            self.save(entry, "审核退回后修改")


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
