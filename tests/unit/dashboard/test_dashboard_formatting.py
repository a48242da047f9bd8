"""Numbers and dates as a reader sees them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pipelines.dashboard import formatting
from pipelines.dashboard.formatting import NumberFormat
from pipelines.dashboard.layout import Cell
from pipelines.dashboard.wording import ENGLISH, Wording

PLAIN = NumberFormat()


def test_money_has_thousands_and_no_symbol_unless_one_is_set() -> None:
    assert PLAIN.money(Decimal("4596039.5800")) == "4,596,040"
    assert PLAIN.money(Decimal("1234.5"), 2) == "1,234.50"
    assert NumberFormat(currency_symbol="€").money(1234) == "€1,234"


def test_negative_money_carries_a_minus_before_the_symbol_and_zero_carries_none() -> None:
    assert NumberFormat(currency_symbol="€").money(Decimal("-1234")) == "−€1,234"
    assert PLAIN.money(Decimal("-0.3")) == "0"


def test_a_missing_value_is_never_written_as_zero() -> None:
    shown = (
        PLAIN.money(None),
        PLAIN.short_money(None),
        formatting.count(None),
        formatting.rate(None),
        formatting.factor(None),
        formatting.day(None),
    )
    assert set(shown) == {formatting.MISSING}


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (999, "999"), (999.6, "1.0k"), (8_140, "8.1k"), (93_400, "93k"), (1.2e6, "1.2M")],
)
def test_short_money_fits_a_cell(amount: float, text: str) -> None:
    assert PLAIN.short_money(amount) == text


def test_rates_say_their_direction_where_they_are_changes() -> None:
    assert formatting.rate(0.256) == "25.6 %"
    assert formatting.signed_rate(0.25) == "+25.0 %"
    assert formatting.signed_rate(-0.25) == "−25.0 %"


def test_dates_do_not_depend_on_the_reader() -> None:
    assert formatting.day(date(2017, 1, 5)) == "5 Jan 2017"
    assert formatting.day_range(date(2017, 1, 5), date(2017, 1, 5)) == "5 Jan 2017"
    assert formatting.moment(datetime(2017, 1, 5, 2, 7, tzinfo=UTC)) == "2017-01-05 02:07 UTC"


def test_a_share_of_nothing_is_no_share() -> None:
    assert formatting.share(1, 0) is None
    assert formatting.share(None, 5) is None
    assert formatting.share(Decimal(1), 4) == 0.25


def test_a_small_line_stays_in_its_box_even_where_sales_are_negative() -> None:
    points = Cell(text="", spark=(-5.0, 0.0, 10.0)).spark_points.split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(points) == 3
    assert heights == [18.0, pytest.approx(12.7, abs=0.1), 2.0]


def test_a_count_of_one_takes_its_own_sentence() -> None:
    wording = Wording(ENGLISH)
    assert wording.say("night.gaps", count="1") == "1 date between without sales"
    assert wording.say("night.gaps", count="12") == "12 dates between without sales"
