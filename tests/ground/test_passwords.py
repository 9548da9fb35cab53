"""What a password must be, and changing one's own."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from audit.models import Event

URL = reverse("password_change")
OLD = "Harbour-2017"


@pytest.fixture
def person(db):
    return get_user_model().objects.create_user("shen.xl", password=OLD, name="沈晓岚")


def change(client, old=OLD, new="Gangqu#2020", again=None):
    sent = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post(URL, sent)


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        ("Ab1#", ["口令至少 8 位，现有 4 位。"]),
        ("gangquhuanbao", ["口令须含大写字母、小写字母、数字、符号中的至少三类。"]),
        ("环保局填报环保局填报", ["口令须含大写字母、小写字母、数字、符号中的至少三类。"]),
        ("X9-SHEN.XL-9x", ["口令不能含有用户名或姓名。"]),
        ("Gq7沈晓岚8qG", ["口令不能含有用户名或姓名。"]),
        (
            "password1",
            [
                "口令须含大写字母、小写字母、数字、符号中的至少三类。",
                "这个口令太常见，容易被猜到，请换一个。",
            ],
        ),
    ],
)
def test_a_weak_password_is_refused_in_our_words(client, person, new, sentences):
    client.force_login(person)
    assert change(client, new=new).context["form"].errors == {"new_password2": sentences}
    person.refresh_from_db()
    assert person.check_password(OLD)


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"old": "falsch"}, {"old_password": ["现用口令不正确，请重新输入。"]}),
        ({"again": "Gangqu#2021"}, {"new_password2": ["两次输入的新口令不一致，请重新输入。"]}),
        ({"new": OLD}, {"new_password1": ["新口令不能与现用口令相同。"]}),
        (
            {"old": "", "new": ""},
            {
                "old_password": ["请填写现用口令。"],
                "new_password1": ["请填写新口令。"],
                "new_password2": ["请再输一遍新口令。"],
            },
        ),
    ],
)
def test_a_wrong_form_says_what_is_wrong(client, person, sent, errors):
    client.force_login(person)
    assert change(client, **sent).context["form"].errors == errors
    assert not Event.objects.filter(verb="account.password_own").exists()


def test_a_change_keeps_this_session_ends_the_others_and_is_recorded(client, person):
    client.force_login(person)
    elsewhere = type(client)()
    elsewhere.force_login(person)
    assert change(client).status_code == 302
    assert client.get(URL).status_code == 200
    assert elsewhere.get(URL).status_code == 302
    event = Event.objects.get(verb="account.password_own")
    assert (event.actor_id, event.subject_id, event.after) == (person.pk, str(person.pk), {})


def test_the_page_says_the_rules_and_knows_one_word_for_a_password(client, person):
    client.force_login(person)
    page = client.get(URL).content.decode()
    for rule in (
        "至少 8 位。",
        "大写字母、小写字母、数字、符号至少含三类。",
        "不含用户名和姓名。",
        "不是常见口令。",
    ):
        assert f"<li>{rule}</li>" in page
    assert "密码" not in page


def test_the_administration_has_no_second_page_for_it(client, person):
    person.is_superuser = True
    person.save()
    client.force_login(person)
    response = client.post(reverse("admin:password_change"), {"old_password": OLD})
    assert (response.status_code, response.headers["Location"]) == (302, URL)
