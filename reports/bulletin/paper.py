"""The bulletin laid out as an official paper."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from harbor_plan.lib import zh
from harbor_plan.lib.docx import Paper
from reports.bulletin.compose import Bulletin, compose
from reports.bulletin.sections import Subheading
from reports.exports.parts import File
from reports.models import Publication


@transaction.atomic
def bulletin_file(*, publication: Publication, by: User, at: datetime) -> File:
    """Draft the bulletin of a publication as a .docx file, and record that it was taken."""
    bulletin = compose(publication)
    record(verb="bulletin.export", subject=publication, by=by, at=at)
    return File(f"{bulletin.title}.docx", _laid_out(bulletin, at))


def _laid_out(bulletin: Bulletin, at: datetime) -> bytes:
    paper = Paper(subject=bulletin.title, author=bulletin.office, at=at, mark=bulletin.mark)
    paper.number(bulletin.number)
    paper.title(bulletin.title)
    paper.addressee(bulletin.addressee)
    for text in bulletin.opening:
        paper.text(text)
    for number, section in enumerate(bulletin.sections, 1):
        paper.heading(f"{zh.numeral(number)}、{section.heading}")
        for text in section.paragraphs:
            if isinstance(text, Subheading):
                paper.subheading(text)
            else:
                paper.text(text)
    if bulletin.annexes:
        paper.attachments([annex.title for annex in bulletin.annexes])
    paper.signature(bulletin.office, bulletin.dated)
    for number, annex in enumerate(bulletin.annexes, 1):
        paper.attachment(number, annex.title)
        paper.table(annex.columns, annex.rows)
        if annex.note:
            paper.note(annex.note)
    return paper.content()
