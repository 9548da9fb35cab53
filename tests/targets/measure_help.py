"""Short ways to write the inputs of the arithmetic in tables."""

from datetime import date
from decimal import Decimal

from targets.measure import IndicatorRule, Quarter, Reading, ReadingState, Requirement
from targets.terms import Accumulation, Comparator, Strength

D = Decimal
END = date(2020, 12, 31)


def q(text: str) -> Quarter:
    """`2020Q3`."""
    year, number = text.split("Q")
    return Quarter(int(year), int(number))


def readings(**values: str | None) -> list[Reading]:
    """`readings(y2020q1="3", y2020q2=None)`: None was asked and never filed."""
    made = []
    for name, value in values.items():
        quarter = Quarter(int(name[1:5]), int(name[6]))
        if value is None:
            made.append(Reading(quarter, ReadingState.NOT_FILED))
        else:
            made.append(Reading(quarter, value=D(value)))
    return made


def parts(quarter: str, numerator: str, denominator: str) -> Reading:
    return Reading(q(quarter), numerator=D(numerator), denominator=D(denominator))


def need(comparator: str, value: str | None = None, due: date = END, **more: object) -> Requirement:
    """`need("≥", "23", date(2017, 12, 31))`."""
    number = None if value is None else D(value)
    return Requirement(due, Comparator(comparator), value=number, **more)  # type: ignore[arg-type]


def stretch(comparator: str, value: str, due: date = END) -> Requirement:
    return need(comparator, value, due, strength=Strength.STRETCH)


#: Kilometres counted from the plan's beginning, as the greenways are.
GREENWAY = IndicatorRule(unit="公里", decimals=1, accumulation=Accumulation.PLAN_TO_DATE)
#: A concentration or rate that stands for itself each quarter.
LEVEL = IndicatorRule(unit="%", decimals=1)
