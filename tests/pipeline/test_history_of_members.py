"""Versions of members over whole nights: whatever comes when, the same facts have the same keys."""

from datetime import date

import pytest

from .conftest import Retailer

pytestmark = pytest.mark.pipeline

HEADER = ("item", "name", "department", "category", "brand")


def item_extract(retailer: Retailer, day: str, **brands: str) -> None:
    """The item master of a day: as on the first one, but for the brands of some items."""
    retailer.write(
        f"items/items_{day}.csv",
        [HEADER]
        + [
            (f"I{n}", f"Item {n}", f"D{n % 2}", f"K{n % 4}", brands.get(f"I{n}", f"B{n % 3}"))
            for n in range(12)
        ],
    )


def keys(retailer: Retailer) -> dict[tuple[str, int], tuple[date, str, int]]:
    """Date, item and key of the item's version, by line."""
    rows = retailer.query(
        "select receipt_id, line_number, business_date, product_id, product_key from core.fct_sales"
    )
    return {(row[0], row[1]): row[2:] for row in rows}


def changed(
    before: dict[tuple[str, int], tuple[date, str, int]],
    after: dict[tuple[str, int], tuple[date, str, int]],
) -> set[tuple[date, str]]:
    """Dates and items of lines that have another key now."""
    return {after[line][:2] for line in after if after[line] != before[line]}


def test_a_back_dated_extract_gives_new_keys_to_the_days_of_which_it_speaks(retailer, start_over):
    """Brand of I3: B0 in January, Z from 1 February; then we hear that it was Y from 20 January."""
    at_first = keys(retailer)
    sold = {(day, item) for day, item, _ in at_first.values()}

    item_extract(retailer, "2026-02-01", I3="Z")
    assert retailer.run().exit_code == 0
    dated = keys(retailer)
    since_february = {(d, i) for d, i in sold if i == "I3" and d >= date(2026, 2, 1)}
    assert since_february
    assert changed(at_first, dated) == since_february

    item_extract(retailer, "2026-01-20", I3="Y")
    assert retailer.run().exit_code == 0
    back_dated = keys(retailer)
    corrected = {(d, i) for d, i in sold if i == "I3" and date(2026, 1, 20) <= d < date(2026, 2, 1)}
    assert corrected
    assert changed(dated, back_dated) == corrected
    assert retailer.query(
        """
        select distinct product.brand_name, product.is_current
        from core.fct_sales as sale inner join core.dim_product as product using (product_key)
        where sale.product_id = 'I3' order by 1
        """
    ) == [("B0", False), ("Y", False), ("Z", True)]

    night_by_night = retailer.table_hashes()
    start_over(retailer)
    assert retailer.run().exit_code == 0
    assert retailer.table_hashes() == night_by_night
