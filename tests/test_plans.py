"""Two plans beside each other: every page shows the one that was chosen, and jobs see to both."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from departments.models import Department
from filings.models import Period
from filings.services.schedule import schedule_next
from targets.models import Plan
from tasks.plan_store import load_plan
from tests import factories
from tests.plan.second import LEAD, SECOND

pytestmark = pytest.mark.django_db

#: Pages of the office that show one plan.
PAGES = [
    "supervision:desk", "supervision:orders", "reports:cockpit", "reports:goals", "reports:indicators",
    "reports:actions", "reports:milestones", "reports:responsibilities", "reports:publications",
    "reports:departments", "reports:completeness", "reports:burden", "tasks:plans", "filings:periods",
    "filings:returns", "filings:review_rule", "assessment:overview",
]  # fmt: skip


@pytest.fixture
def two() -> tuple[Plan, Plan]:
    """An older plan in use, and the invented one, loaded and not opened yet."""
    first = factories.make_plan("first", short_name="甲方案", name="甲行动方案")
    factories.make_task(factories.make_action(first))
    factories.open_quarter(first, 2020, 4)
    load_plan(document=SECOND, by=None, at=datetime(2020, 12, 1, tzinfo=UTC))
    return first, Plan.objects.get(code="bay-2021")


@pytest.fixture
def office(client: Client, two: tuple[Plan, Plan]) -> Client:
    client.force_login(factories.make_reviewer(two[0].office))
    return client


def choose(client: Client, code: str, page: str = "reports:goals") -> str:
    return client.post(reverse("choose_plan"), {"plan": code, "next": reverse(page)}).headers["Location"]


def shown(client: Client, name: str, **query: str) -> str:
    """The code of the plan that the head of a page says it shows; the page itself must be there."""
    response = client.get(reverse(name), query)
    assert response.status_code == 200, name
    return str(response.context["shell"].plan_code)


def test_a_plan_loaded_ahead_waits_until_its_first_quarter_is_opened(office, two):
    assert shown(office, "reports:goals") == "first"
    factories.open_quarter(two[1], 2021, 1)
    assert shown(office, "reports:goals") == "bay-2021"


def test_the_chosen_plan_holds_on_every_page_and_an_address_that_names_one_wins(office, two):
    assert choose(office, "bay-2021") == reverse("reports:goals")
    for name in PAGES:
        page = office.get(reverse(name))
        assert page.status_code == 200, name
        scopes = [scope for context in page.context for scope in getattr(context, "dicts", [])]
        plans = {value.code for scope in scopes for value in scope.values() if isinstance(value, Plan)}
        assert plans <= {"bay-2021"}, name
        assert page.context["shell"].plan == "蓝湾方案"
    assert "近岸海域水质" in office.get(reverse("reports:goals")).content.decode()
    assert shown(office, "reports:goals", plan="first") == "first"
    assert shown(office, "reports:goals") == "bay-2021"


def test_a_switch_stands_on_the_page_only_where_there_is_a_choice(office, two):
    assert reverse("choose_plan") in office.get(reverse("reports:goals")).content.decode()
    stranger = Client()
    stranger.force_login(factories.make_sysadmin())
    assert reverse("choose_plan") not in stranger.get(reverse("password_change")).content.decode()


@pytest.mark.parametrize(
    "address", ["https://example.org/", "//example.org/", "/reports/nothing/", "", "/filings/periods/create/"]
)
def test_a_switch_leads_nowhere_but_to_a_page_of_the_navigation(office, address):
    response = office.post(reverse("choose_plan"), {"plan": "bay-2021", "next": address})
    assert response.headers["Location"] == reverse("home")


def test_a_chosen_plan_that_is_gone_is_forgotten(office):
    session = office.session
    session["plan"] = "gone"
    session.save()
    assert shown(office, "reports:goals") == "first"
    assert office.get(reverse("reports:goals"), {"plan": "gone"}).status_code == 404


def test_a_filer_of_both_plans_sees_the_one_chosen(two):
    first, second = two
    department = Department.objects.get(name=LEAD)
    factories.make_responsibility(first.actions.get().tasks.get(), department)
    factories.open_quarter(first, 2020, 3)
    factories.open_quarter(second, 2021, 1)
    client = Client()
    client.force_login(factories.make_filer(department))
    for code in ("first", "bay-2021"):
        choose(client, code)
        page = client.get(reverse("filings:mine"))
        assert page.context["sheet"].filing.period.plan.code == code


def test_the_running_quarter_of_each_plan_in_force_is_set_up(two):
    Plan.objects.filter(code="first").update(ends_on="2025-12-31")
    schedule_next(at=datetime(2021, 5, 3, 1, tzinfo=UTC))
    made = Period.objects.filter(year=2021, quarter=2).values_list("plan__code", flat=True)
    assert sorted(made) == ["bay-2021", "first"]
