"""One word per idea also where Django speaks: a password is 口令 on every page."""

import gettext
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from tests import factories as f

OURS = Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES"


def catalogue(path):
    """Messages of a compiled catalogue and what they are said as; plural messages by their singular."""
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def installed():
    """The Chinese catalogues of everything that is installed."""
    folders = [Path(config.path) / "locale/zh_Hans/LC_MESSAGES" for config in apps.get_app_configs()]
    return [path for folder in folders for path in folder.glob("*.mo")]


def test_no_message_of_an_installed_app_has_another_word_for_a_password():
    others = [key for path in installed() for key, said in catalogue(path).items() if "密码" in said]
    assert len(others) > 50
    with translation.override("zh-hans"):
        said = {
            translation.ngettext(key[0], key[0], 1) if isinstance(key, tuple) else translation.gettext(key)
            for key in others
        }
    assert [sentence for sentence in said if "密码" in sentence or "口令" not in sentence] == []


def test_the_compiled_catalogue_is_made_from_the_written_one():
    written = (OURS / "django.po").read_text()
    pairs = re.findall(r'^msgid "(.+)"$(?:\nmsgid_plural ".+"$)?\nmsgstr(?:\[0\])? "(.+)"$', written, re.M)
    compiled = {
        key[0] if isinstance(key, tuple) else key: said
        for key, said in catalogue(OURS / "django.mo").items()
        if key
    }
    assert compiled == dict(pairs)
    assert len(compiled) == written.count("msgid ") - 1


@pytest.mark.parametrize("page", ["add", "change", "auth_user_password_change"])
def test_the_pages_of_an_account_have_one_word_for_it(client, db, page):
    filer = f.make_filer(f.make_department())
    client.force_login(f.make_sysadmin())
    name = page if page.startswith("auth") else f"accounts_user_{page}"
    shown = client.get(reverse(f"admin:{name}", args=[] if page == "add" else [filer.pk])).content.decode()
    assert "口令" in shown
    assert "密码" not in shown
    assert "assword-based" not in shown
