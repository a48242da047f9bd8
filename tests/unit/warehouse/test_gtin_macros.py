"""Bar codes: check digits worked out by hand, in-store codes with their item."""

import duckdb
import pytest
from jinja2 import Environment

from pipelines.settings import PROJECT_ROOT

TEXT = (PROJECT_ROOT / "dbt_project" / "macros" / "gtin.sql").read_text(encoding="utf-8")
MACROS = Environment().from_string(TEXT).module  # noqa: S701 - SQL, no HTML


def ask(macro, code, **options):
    return evaluate(getattr(MACROS, macro)("code", **options), code)


def evaluate(expression, code):
    with duckdb.connect() as connection:
        (row,) = connection.execute(
            f"select {expression} from (select cast(? as varchar) as code)", [code]
        ).fetchall()
    return row[0]


@pytest.mark.parametrize(
    ("code", "padded"),
    [
        ("4006381333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("10614141000415", "10614141000415"),
        ("4711", None),
        ("40063813339 1", None),
        ("400638133393X", None),
        ("", None),
        (None, None),
    ],
)
def test_a_code_is_padded_to_fourteen_digits_or_is_none(code, padded):
    assert ask("gtin_14", code) == padded


@pytest.mark.parametrize(
    ("gtin", "holds"),
    [
        # 4 + 0*3 + 0 + 6*3 + 3 + 8*3 + 1 + 3*3 + 3 + 3*3 + 9 + 3*3 = 89, so 1 is missing to 90
        ("04006381333931", True),
        ("00036000291452", True),
        ("00000096385074", True),
        ("10614141000415", True),
        ("04006381333932", False),
        ("04006381333913", False),
        ("00036000291542", False),
        (None, None),
    ],
)
def test_the_check_digit_finds_a_wrong_digit_and_most_swaps(gtin, holds):
    assert ask("has_gtin_check_digit", gtin) is holds


@pytest.mark.parametrize(
    ("gtin", "item"),
    [
        ("02112345006994", "12345"),  # 21: item 12345, 06.99
        ("00212345012340", "12345"),  # UPC-A 2: item 12345
        ("00412345678903", "00412345678903"),  # UPC-A 4: the company's own item
        ("04006381333931", None),
        ("12112345006995", None),  # a case of in-store goods is no piece
    ],
)
def test_an_in_store_code_names_an_item(gtin, item):
    assert ask("in_store_item", gtin) == item


def test_the_layout_of_in_store_codes_can_be_declared():
    assert ask("in_store_item", "02312345706994", item_digits=4) == "1234"


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("2112345006994", "12345"),
        ("4006381333931", "04006381333931"),
        ("36000291452", None),  # eleven digits: a zero was lost
        ("9912345678909", None),  # a coupon
        ("4711", None),
        (None, None),
    ],
)
def test_a_code_names_an_item_where_the_till_names_none(code, item):
    assert evaluate(MACROS.coded_item(MACROS.gtin_14("code")), code) == item


@pytest.mark.parametrize(
    ("gtin", "held", "values", "value"),
    [
        ("02112345006994", "price", {}, 699),
        ("02112345006994", "weight", {}, 699),  # either, where nothing is declared
        ("02112345006994", "weight", {"21": "price"}, None),
        ("02112345006994", "price", {"21": "price", "28": "weight"}, 699),
        ("02112345006994", "price", {"21": "nothing"}, None),
        ("00212345012340", "price", {}, 1234),  # UPC-A 2
        ("00412345678903", "price", {}, None),  # UPC-A 4 holds none
        ("04006381333931", "price", {}, None),
        (None, "price", {}, None),
    ],
)
def test_an_in_store_code_holds_a_value(gtin, held, values, value):
    assert ask("in_store_value", gtin, held=held, values=values) == value


def test_a_value_of_four_digits_stands_behind_a_check_digit_of_its_own():
    # 20, item 12345, check digit 8 of the price, 06.99
    assert ask("in_store_value", "02012345806992", held="price", value_digits=4) == 699


@pytest.mark.parametrize(
    ("gtin", "is_coupon"),
    [("09912345678901", True), ("09812345678901", True), ("00512345678900", True),
     ("04006381333931", False), ("19912345678901", False)],
)  # fmt: skip
def test_coupons_are_no_items(gtin, is_coupon):
    assert ask("is_coupon_code", gtin) is is_coupon
