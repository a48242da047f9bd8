"""Rows of the marts of prices: some that break no rule, and what breaks each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]

WEEK = date(2017, 2, 26)

GOOD: Mapping[str, Sequence[Row]] = {
    "marts.price_point_store": [
        {
            "product_id": "p1",
            "store_id": "s1",
            "price_band_code": "1.00",
            "fiscal_week_start_date": WEEK,
            "unit_count": 2,
            "quantity": 2,
            "shelf_amount": 5,
            "net_amount": 4,
            "on_offer_days": 4,
            "weeks_on_offer": 4 / 7,
            "units_per_store_week": 3.5,
        }
    ],
    "marts.price_elasticity": [
        {
            "product_id": "p1",
            "price_week_count": 20,
            "store_count": 2,
            "week_count": 10,
            "elasticity": -2,
            "elasticity_standard_error": 0.5,
            "lower_elasticity": -3.2,
            "upper_elasticity": -0.8,
        }
    ],
    "marts.price_index": [
        {
            "index_level": "item",
            "member_code": "p1",
            "competitor_name": "Rival",
            "fiscal_week_start_date": WEEK,
            "compared_item_count": 1,
            "own_basket_amount": 11,
            "competitor_basket_amount": 10,
            "price_index": 1.1,
        }
    ],
    "marts.promo_lift": [
        # More came back than was sold.
        {
            "promotion_id": "a1",
            "product_id": "p2",
            "store_id": "s1",
            "from_date": WEEK,
            "to_date": date(2017, 3, 4),
            "unit_count": -2,
            "baseline_week_count": 8,
            "baseline_quantity": 0.5,
            "lift_quantity": -2.5,
            "lift_rate": -5,
            "discount_amount": 0,
        },
        {
            "promotion_id": "a1",
            "product_id": "p1",
            "store_id": "s1",
            "from_date": WEEK,
            "to_date": date(2017, 3, 4),
            "unit_count": 20,
            "baseline_week_count": 6,
            "baseline_quantity": 5,
            "lift_quantity": 15,
            "lift_rate": 3,
            "discount_amount": 10,
            "incremental_margin_amount": 8,
            "pull_forward_margin_amount": 2,
            "cannibalised_margin_amount": 3,
            "halo_margin_amount": 1,
            "margin_return_rate": 0.4,
        },
    ],
}
"""Rows that break no rule. Columns that are left out are NULL."""

BAD: Mapping[str, Sequence[Row]] = {
    "marts.price_point_store": [
        {},
        {"price_band_code": "2.30", "on_offer_days": 8, "net_amount": 6},
    ],
    "marts.price_elasticity": [
        {},
        {"product_id": "p2", "price_week_count": 14, "lower_elasticity": 1, "elasticity": 2},
    ],
    "marts.price_index": [{}, {"index_level": "shelf"}, {"price_index": 11}],
    "marts.promo_lift": [
        {},
        {
            "to_date": date(2017, 2, 1),
            "lift_quantity": 4,
            "lift_rate": 1,
            "margin_return_rate": 0.8,
        },
    ],
}
"""Rows that break rules, written as differences from the first good row of their table."""
