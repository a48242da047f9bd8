"""Bar codes: check digits worked out by hand, in-store codes with their item and price."""

import duckdb
import pytest
from jinja2 import Environment

from pipelines.settings import PROJECT_ROOT

TEXT = (PROJECT_ROOT / "dbt_project" / "macros" / "gtin.sql").read_text(encoding="utf-8")
MACROS = Environment().from_string(TEXT).module  # noqa: S701 - SQL, no HTML


def ask(macro, code, **options):
    expression = getattr(MACROS, macro)("code", **options)
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
    ("gtin", "item", "price"),
    [
        ("02112345006998", "12345", "6.9900"),  # 21: item 12345, 06.99 -> digits 00699
        ("00212345012340", "12345", "12.3400"),  # UPC-A 2: item 12345
        ("00412345678903", "00412345678903", None),  # UPC-A 4: the company's own item
        ("04006381333931", None, None),
        ("12112345006995", None, None),  # a case of in-store goods is no piece
    ],
)
def test_an_in_store_code_names_item_and_price(gtin, item, price):
    assert ask("in_store_item", gtin) == item
    found = ask("in_store_value", gtin)
    assert (str(found) if found is not None else None) == price


def test_the_layout_of_in_store_codes_can_be_declared():
    gtin = "02312345706994"  # 7 is the check digit of the price 06.99
    assert str(ask("in_store_value", gtin, value_digits=4)) == "6.9900"
    assert str(ask("in_store_value", gtin, value_digits=4, decimals=3)) == "0.6990"
    assert ask("in_store_item", gtin, item_digits=4) == "1234"


@pytest.mark.parametrize(
    ("gtin", "is_coupon"),
    [("09912345678901", True), ("09812345678901", True), ("00512345678900", True),
     ("04006381333931", False), ("19912345678901", False)],
)  # fmt: skip
def test_coupons_are_no_items(gtin, is_coupon):
    assert ask("is_coupon_code", gtin) is is_coupon
