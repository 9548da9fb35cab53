"""What people do on the filing pages, as the journeys say it."""

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from tests.filings.samples import pdf

SAVED = re.compile(r"^已保存 \d\d:\d\d$")


def main(page: Page) -> Locator:
    """The content of the page."""
    return page.locator("#main")


def says(page: Page, *sentences: str) -> None:
    """The page shows each of these, word for word."""
    for sentence in sentences:
        expect(main(page)).to_contain_text(sentence)


def choose_entry(page: Page, title: str) -> None:
    """Go to one entry by the list at the side of the desk."""
    page.get_by_role("navigation", name="填报项").get_by_role("link", name=title).click()
    expect(main(page).get_by_role("heading", level=2, name=title)).to_be_visible()


def write(page: Page, values: Mapping[str, str]) -> None:
    """Fill in fields of the entry shown, by their labels."""
    for label, text in values.items():
        field = page.locator("#entry-form .pair").filter(
            has=page.locator("label.form-label, legend.form-label").filter(
                has_text=re.compile(f"^{label}(?!时限)")
            )
        )
        if field.locator("fieldset").count():
            field.locator("label").filter(has_text=re.compile(f"^{text}$")).click()
        elif field.locator("select").count():
            field.locator("select").select_option(label=text)
        else:
            field.locator("input, textarea").fill(text)


def write_items(page: Page, percents: Mapping[str, str]) -> None:
    """Fill in how far work items are, by what they say."""
    for measure, percent in percents.items():
        page.get_by_label(measure).fill(percent)


def kept(page: Page) -> None:
    """What was typed has been saved without asking."""
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)


def attach(page: Page, name: str) -> None:
    """Put a PDF on the entry shown."""
    page.locator("#files").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": pdf(name)})
    expect(page.locator("[data-part=desk_evidence]")).to_contain_text(name)


def confirm(page: Page, question: str, button: str) -> None:
    """Press a button that asks first, and say yes."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog", name="请确认")
    expect(dialog).to_contain_text(question)
    dialog.get_by_role("button", name=button, exact=True).click()
