"""The arithmetic of a year's work: means by weight, rounded half up to two places."""

from decimal import ROUND_HALF_UP
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.progress import EVEN, PlannedItem, completion, expected


def item(pk: int, weight: str = "1", *shares: str) -> PlannedItem:
    return PlannedItem(pk, f"措施{pk}", D(weight), tuple(map(D, shares)) or EVEN)


@pytest.mark.parametrize(
    ("weights", "percents", "result"),
    [
        (["3", "4", "2", "1"], ["100", "90.5", "77.8", "100"], "91.76"),
        (["1"], ["37.5"], "37.50"),
        (["1", "1", "1"], ["100", "0", "0"], "33.33"),
        (["1", "1", "1"], ["100", "100", "0"], "66.67"),
        (["0.01", "9999.99"], ["100", "0"], "0.00"),
        (["1", "7"], ["0.04", "0"], "0.01"),  # 0.005 is rounded up
        (["2", "2"], ["0", "0"], "0.00"),
        (["2", "5"], ["100", "100"], "100.00"),
    ],
)
def test_percent_is_the_mean_by_weight(weights: list[str], percents: list[str], result: str) -> None:
    items = [item(no, weight) for no, weight in enumerate(weights)]
    done = {no: D(percent) for no, percent in enumerate(percents)}
    assert str(completion(items, done)) == result


def test_without_items_or_with_one_missing_there_is_no_percent() -> None:
    assert completion([], {}) is None
    assert completion([item(1), item(2)], {1: D(50)}) is None
    assert completion([item(1)], {1: D(50), 9: D(100)}) == D("50.00")
    assert expected([], 1) is None


def test_time_progress_is_the_mean_of_the_shares() -> None:
    items = [item(1, "3", "20", "40", "80", "100"), item(2, "1", "0", "0", "50", "90")]
    assert [str(expected(items, quarter)) for quarter in (1, 2, 3, 4)] == ["15.00", "30.00", "72.50", "97.50"]


percents = st.decimals(0, 100, places=2)
weights = st.decimals("0.01", "9999.99", places=2)
rows = st.lists(
    st.tuples(weights, st.lists(percents, min_size=4, max_size=4).map(sorted)), min_size=1, max_size=12
)


def made(given_rows: list[tuple[D, list[D]]]) -> list[PlannedItem]:
    return [PlannedItem(no, "", weight, tuple(shares)) for no, (weight, shares) in enumerate(given_rows)]


@given(rows)
def test_time_progress_lies_between_its_shares_and_never_falls(given_rows: list[tuple[D, list[D]]]) -> None:
    items = made(given_rows)
    found = [expected(items, quarter) for quarter in (1, 2, 3, 4)]
    assert found == sorted(found)
    for quarter, value in enumerate(found, 1):
        shares = [item.share(quarter) for item in items]
        assert D(0) <= min(shares) <= value <= max(shares) <= D(100)


@given(rows, st.data())
def test_whoever_keeps_to_the_shares_is_never_behind(
    given_rows: list[tuple[D, list[D]]], data: st.DataObject
) -> None:
    items, quarter = made(given_rows), data.draw(st.integers(1, 4))
    done = {item.id: data.draw(st.decimals(item.share(quarter), 100, places=2)) for item in items}
    assert completion(items, done) >= expected(items, quarter)
    exactly = {item.id: item.share(quarter) for item in items}
    assert completion(items, exactly) == expected(items, quarter)


@given(rows, st.data())
def test_more_of_one_item_is_never_less_of_the_whole(
    given_rows: list[tuple[D, list[D]]], data: st.DataObject
) -> None:
    items = made(given_rows)
    done = {item.id: data.draw(percents) for item in items}
    one = data.draw(st.sampled_from(items)).id
    more = done | {one: data.draw(st.decimals(done[one], 100, places=2))}
    assert completion(items, more) >= completion(items, done)


@given(st.lists(st.tuples(st.integers(1, 50), percents), min_size=1, max_size=8), st.integers(1, 20))
def test_only_the_ratio_of_weights_counts(pairs: list[tuple[int, D]], factor: int) -> None:
    done = {no: percent for no, (_, percent) in enumerate(pairs)}
    light = [item(no, str(weight)) for no, (weight, _) in enumerate(pairs)]
    heavy = [item(no, str(weight * factor)) for no, (weight, _) in enumerate(pairs)]
    assert completion(light, done) == completion(heavy, done)
    total = sum(weight for weight, _ in pairs)
    exact = sum(weight * percent for weight, percent in pairs) / D(total)
    assert completion(light, done) == exact.quantize(D("0.01"), ROUND_HALF_UP)
