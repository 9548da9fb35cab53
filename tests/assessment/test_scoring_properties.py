"""What holds for every score."""

from decimal import Decimal as D
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessment.scoring import (
    GRADES,
    Counting,
    Criterion,
    LineState,
    Missing,
    NotApplicable,
    Pending,
    apportioned,
    deduct,
    efficacy,
    grade_of,
    interval,
    ranked,
    ratio_high,
    ratio_low,
    report_quality,
    score,
    zero_target,
)
from assessment.scoring import QualityPoints as Quality

numbers = st.decimals(min_value=-10_000, max_value=10_000, places=4)
weights = st.decimals(min_value=0, max_value=100, places=2)
shares = st.decimals(min_value=0, max_value=1, places=2)

rated = st.one_of(
    st.builds(ratio_high, numbers, numbers),
    st.builds(ratio_low, numbers, numbers),
    st.builds(zero_target, numbers, per_case=st.one_of(st.none(), weights), of=weights),
    st.builds(
        deduct,
        numbers,
        numbers,
        per_unit=weights,
        of=weights,
        higher_is_better=st.booleans(),
        counting=st.sampled_from(Counting),
    ),
    st.builds(efficacy, numbers, unacceptable=numbers, satisfactory=numbers, when_equal=weights),
    st.builds(interval, numbers, low=numbers, high=numbers, reach=numbers),
)
outcomes = st.one_of(
    st.none(),
    rated,
    st.builds(Missing, st.just("未填报"), shares),
    st.just(NotApplicable("不涉及")),
    st.just(Pending("待下达")),
)
leaves = st.builds(Criterion, st.just("leaf"), st.just("项"), weights, outcomes)
trees = st.lists(
    st.recursive(
        leaves,
        lambda inner: st.builds(
            Criterion,
            st.just("group"),
            st.just("类"),
            weights,
            st.none(),
            st.lists(inner, min_size=1, max_size=4).map(tuple),
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None)
@given(tree=trees, places=st.integers(0, 4))
def test_the_lines_are_the_score_exactly(tree, places):
    result = score(tree, places=places)
    earned = [line.points for line in result.leaves if line.points is not None]
    assert result.total == (sum(earned, D(0)) if earned else None)
    for line in result.leaves:
        assert line.words or line.state == LineState.GROUP
        assert (line.points is None) == (line.state in (LineState.NOT_APPLICABLE, LineState.PENDING))
        if line.points is not None:
            assert 0 <= line.points <= line.full


@settings(deadline=None)
@given(tree=trees)
def test_redistribution_keeps_the_total_weight(tree):
    result = score(tree)
    total = sum((line.full for line in result.leaves), D(0))
    live = [line for line in result.leaves if line.points is not None]
    assert total == sum((line.full for line in result.lines), D(0))
    if any(line.full for line in live):
        assert total == D(100)
    else:
        assert total == 0


@settings(deadline=None)
@given(tree=trees, target=numbers, one=numbers, other=numbers)
def test_a_better_value_never_scores_worse(tree, target, one, other):
    low, high = sorted([one, other])

    def total(outcome):
        return score([*tree, Criterion("x", "项", D(50), outcome)]).total

    assert total(ratio_high(low, target)) <= total(ratio_high(high, target))
    assert total(ratio_low(low, target)) >= total(ratio_low(high, target))


@given(target=numbers, actual=numbers)
def test_control_mirrors_ratio(target, actual):
    assume(target != 0)

    def points(outcome):
        return score([Criterion("x", "项", D(1), outcome)]).total

    assert points(ratio_low(actual, target)) == points(ratio_high(-actual, -target))


@given(
    on_time=st.integers(0, 8),
    late=st.integers(0, 8),
    missing=st.integers(0, 8),
    returns=st.integers(0, 20),
    per_return=weights,
)
def test_one_return_more_never_helps(on_time, late, missing, returns, per_return):
    def points(count):
        outcome = report_quality(
            on_time=on_time, late=late, missing=missing, returns=count, points=Quality(per_return=per_return)
        )
        return score([Criterion("x", "项", D(1), outcome)]).total

    before, after = points(returns), points(returns + 1)
    assert (before is None) == (after is None) == (on_time + late + missing == 0)
    if before is not None:
        assert after <= before


@given(units=st.integers(0, 10_000), parts=st.lists(st.fractions(min_value=0, max_value=10), max_size=8))
def test_splitting_loses_nothing_and_stays_near(units, parts):
    total = D(units) / 100
    split = apportioned(total, parts, 2)
    assert len(split) == len(parts)
    whole = sum(parts, Fraction(0))
    if whole:
        assert sum(split, D(0)) == total
        assert all(
            abs(Fraction(got) - Fraction(total) * part / whole) < Fraction(1, 100)
            for got, part in zip(split, parts, strict=True)
        )


@given(total=st.decimals(min_value=-10, max_value=110, places=4))
def test_every_score_has_exactly_one_grade(total):
    found = grade_of(total)
    assert found in GRADES
    above = [g for g in GRADES if g.at_least is not None and g.at_least > total]
    assert found not in above
    assert len(above) == GRADES.index(found)


@given(totals=st.dictionaries(st.text(max_size=2), st.one_of(st.none(), weights), max_size=8))
def test_ranks_agree_with_their_definition_and_ignore_the_order(totals):
    ranks = ranked(totals)
    assert ranks == ranked(dict(reversed(totals.items())))
    scored = {key: total for key, total in totals.items() if total is not None}
    assert set(ranks) == set(scored)
    for key, total in scored.items():
        assert ranks[key] == 1 + sum(other > total for other in scored.values())
