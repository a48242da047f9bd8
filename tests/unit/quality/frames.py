"""Tiny databases with the columns of the real contracts and models: one good, one where all breaks.

Columns come from ``pipelines/feeds/contracts`` and from the model descriptions of dbt, so a suite
that names a column which a model lost fails here, without a build.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import bridge_frames
import duckdb
import fact_frames
import feed_frames
import price_frames
import value_frames
import yaml

PROJECT = Path(__file__).parents[3]
EXPECTATIONS = PROJECT / "expectations"

Row = Mapping[str, Any]

DAY = date(2017, 3, 1)
FUTURE = date(2035, 1, 1)
_DIM = {"is_inferred": False}
_WHOLE = {
    "valid_from_date": date(1900, 1, 1),
    "valid_to_date": date(9999, 12, 31),
    "is_current": True,
}
"""The dates of a member's only version."""
_SALE = {
    "receipt_id": "s1-t1-2017-03-01-1",
    "line_number": 1,
    "business_date": DAY,
    "store_key": 11,
    "product_key": 21,
    "customer_key": 31,
    "promotion_key": 0,
    "line_type": "sale",
    "quantity": 2,
    "unit_count": 2,
    "gross_amount": 10,
    "line_discount_amount": 1,
    "store_coupon_amount": 1,
    "basket_discount_amount": 0,
    "employee_key": -1,
    "transaction_profile_key": 71,
    "net_amount": 8,
    "cost_amount": 5,
    "margin_amount": 3,
}
_RETURN = {
    **_SALE,
    "receipt_id": "s1-t1-2017-03-01-9",
    "line_type": "return",
    "quantity": -1,
    "unit_count": -1,
    "gross_amount": 0,
    "line_discount_amount": 0,
    "store_coupon_amount": 0,
    "net_amount": 0,
    "cost_amount": 0,
    "margin_amount": 0,
}
_BASKET = {
    "receipt_id": "s1-t1-2017-03-01-1",
    "business_date": DAY,
    "store_key": 11,
    "customer_key": 31,
    "customer_id": "c1",
    "line_count": 1,
    "sale_line_count": 1,
    "promoted_line_count": 0,
    "distinct_product_count": 1,
    "gross_amount": 10,
    "discount_amount": 2,
    "returns_amount": 0,
    "net_amount": 8,
    "cost_amount": 5,
    "margin_amount": 3,
    "is_transaction": True,
    "is_new_customer": True,
}
_RETURN_BASKET = {
    **_BASKET,
    "receipt_id": "s1-t1-2017-03-01-9",
    "sale_line_count": 0,
    "distinct_product_count": 0,
    "gross_amount": 0,
    "discount_amount": 0,
    "returns_amount": 0,
    "net_amount": 0,
    "cost_amount": 0,
    "margin_amount": 0,
    "is_transaction": False,
    "is_new_customer": False,
}
_STORE_DAY = {
    "period_grain": "day",
    "period_start_date": DAY,
    "store_key": 11,
    "store_id": "s1",
    "net_amount": 8,
    "gross_amount": 10,
    "discount_amount": 2,
    "returns_amount": 0,
    "transaction_count": 1,
    "identified_transaction_count": 1,
    "margin_status": "ok",
    "margin_amount": 3,
    "is_comparable": False,
    "comparable_exclusion_reason": "no sales last year",
    "cluster_code": "city",
    "peer_rank": 1,
    "peer_count": 2,
    "visitor_count": 4,
    "conversion_rate": 0.25,
    "traffic_status": "ok",
    "void_count": 0,
    "void_rate": 0,
    "exception_status": "ok",
    "ranged_item_day_count": 5,
    "stock_out_item_day_count": 1,
}
_RFM = {
    "as_of_date": DAY,
    "customer_key": 31,
    "customer_id": "c1",
    "recency_days": 0,
    "frequency_days": 1,
    "monetary_amount": 8,
    "recency_score": 5,
    "frequency_score": 5,
    "monetary_score": 4,
    "margin_score": 3,
    "rfm_code": "554",
    "segment_code": "champions",
}
_CYCLE = {
    "customer_key": 31,
    "customer_id": "c1",
    "first_purchase_date": DAY,
    "last_purchase_date": DAY,
    "purchase_day_count": 1,
    "cycle_days": 7,
    "cycle_source_code": "house",
}
_STAGE = {
    "customer_key": 31,
    "customer_id": "c1",
    "lifecycle_stage_code": "new",
    "previous_stage_code": "prospect",
    "valid_from_date": DAY,
    "valid_to_date": date(9999, 12, 31),
    "is_current": True,
    "last_purchase_date": DAY,
    "next_change_date": date(2017, 3, 22),
}
_QUADRANT = {
    "fiscal_quarter_start_date": DAY,
    "customer_key": 31,
    "customer_id": "c1",
    "answer_count": 1,
    "average_satisfaction_score": 4,
    "frequency_days": 1,
    "frequency_score": 1,
    "net_amount": 8,
    "is_satisfied": True,
    "is_loyal": False,
    "quadrant_code": "mercenary",
}
_FILE = {"_file_id": 1, "_line_number": 1}


def _member(entity: str, key: int, name: str, **more: Any) -> Row:
    return {f"{entity}_key": key, f"{entity}_id": name, **_DIM, **more}


def _special(entity: str) -> list[Row]:
    return [_member(entity, -1, "unknown"), _member(entity, -2, "not applicable")]


def _days(count: int) -> list[Row]:
    days = [DAY + timedelta(days=number) for number in range(count)]
    return [
        {
            "date_day": day,
            "fiscal_period": 1,
            "fiscal_week": 4,
            "is_53rd_week": False,
            "date_ly_aligned": day - timedelta(days=364),
        }
        for day in days
    ]


_LABELS = {"department_name": "Unknown", "category_name": "Unknown"}

GOOD: Mapping[str, Sequence[Row]] = {
    "ledger.file": [{"file_id": 1, "load_id": 7}],
    "feeds.pos_line": [
        {
            **_FILE,
            "store_id": "s1",
            "workstation_id": "t1",
            "transaction_seq": 1,
            "business_date": DAY,
            "line_seq": 1,
            "line_type": "sale",
            "qty": 2,
            "extended_amount": 8,
            # an in-store code: item 12345 for 8.00
            "gtin": "2112345008004",
        }
    ],
    "feeds.item": [
        {**_FILE, "item_id": "p1", "extract_date": DAY, "gtin": "4006381333931"},
    ],
    "feeds.store": [{**_FILE, "store_id": "s1", "extract_date": DAY, "selling_area_m2": 900}],
    "feeds.crm_customer": [
        {
            **_FILE,
            "source_system": "crm",
            "source_customer_id": "c1",
            "extract_ts": DAY,
            "birth_date": date(1970, 1, 1),
        }
    ],
    "feeds.promotion": [{**_FILE, "promotion_id": "o1", "extract_date": DAY}],
    "feeds.promo_coverage": [
        {
            **_FILE,
            "promotion_id": "o1",
            "item_id": "p1",
            "store_id": "s1",
            "from_date": DAY,
            "to_date": DAY,
        }
    ],
    "feeds.campaign": [
        {**_FILE, "campaign_id": "m1", "extract_date": DAY, "start_date": DAY, "end_date": DAY}
    ],
    "feeds.campaign_touch": [
        {
            **_FILE,
            "campaign_id": "m1",
            "customer_ref": "c1",
            "event": "sent",
            "event_date": DAY,
        }
    ],
    "feeds.coupon_redemption": [
        {**_FILE, "coupon_code": "k1", "customer_ref": "c1", "redeemed_date": DAY}
    ],
    "core.dim_date": _days(3),
    "core.dim_store": [
        *(dict(row, **_WHOLE) for row in _special("store")),
        _member("store", 11, "s1", **_WHOLE),
    ],
    "core.dim_product": [
        *(dict(row, **_LABELS, **_WHOLE) for row in _special("product")),
        _member("product", 21, "p1", **_LABELS, **_WHOLE),
    ],
    "core.dim_customer": [
        *(
            dict(row, household_id="unknown", **_WHOLE)
            for row in [*_special("customer"), _member("customer", -3, "erased")]
        ),
        _member(
            "customer",
            31,
            "c1",
            household_id="c1",
            birth_year=1970,
            name_token="0a" * 32,
            postal_region="US-6",
            postal_area="US-60",
            **_WHOLE,
        ),
    ],
    "core.xref_customer_identity": [
        {
            "source_system": "crm",
            "source_id": "c1",
            "customer_id": "P1",
            "linked_at": datetime(2017, 3, 1),
        }
    ],
    "core.dim_promotion": [*_special("promotion"), _member("promotion", 0, "no promotion")],
    "core.dim_campaign": [*_special("campaign"), _member("campaign", 41, "m1", cost_amount=5)],
    "core.fct_sales": [_RETURN, _SALE],
    "core.fct_basket": [_RETURN_BASKET, _BASKET],
    "core.fct_sales_week": [
        {
            "store_id": "s1",
            "product_id": "p1",
            "promotion_id": "no promotion",
            "fiscal_week_start_date": DAY,
            "line_count": 2,
            "gross_amount": 10,
            "discount_amount": 2,
            "returns_amount": 0,
            "net_amount": 8,
            "is_rolled": False,
        }
    ],
    "core.fct_sales_day": [
        {
            "store_id": "s1",
            "business_date": DAY,
            "receipt_count": 2,
            "costed_receipt_count": 2,
            "transaction_count": 1,
            "identified_transaction_count": 1,
            "line_count": 2,
            "gross_amount": 10,
            "discount_amount": 2,
            "returns_amount": 0,
            "net_amount": 8,
            "is_rolled": False,
        }
    ],
    "core.fct_acquisition": [{"customer_id": "c1", "acquired_date": DAY, "is_rolled": False}],
    "core.fct_promo_coverage": [
        {"promotion_key": 0, "product_key": 21, "store_key": 11, "from_date": DAY, "to_date": DAY}
    ],
    "core.fct_campaign_response": [
        {"campaign_key": 41, "cell_id": "a", "customer_key": 31, "redemption_count": 0}
    ],
    "marts.sales_trend": [
        {
            "fiscal_week_code": "FY2017-W04",
            "department_name": "Unknown",
            "fiscal_week": 4,
            "net_amount": 8,
            "gross_amount": 10,
            "discount_amount": 2,
            "returns_amount": 0,
            "transaction_count": 1,
        }
    ],
    "marts.store_performance": [
        _STORE_DAY,
        {**_STORE_DAY, "period_grain": "week"},
        {**_STORE_DAY, "period_grain": "period"},
    ],
    "marts.store_stock_week": [
        {
            "store_id": "s1",
            "fiscal_week_start_date": DAY,
            "as_of_date": DAY,
            "out_item_count": 0,
            "low_item_count": 0,
            "ok_item_count": 1,
            "over_item_count": 0,
            "dead_item_count": 0,
            "lost_quantity": 0,
            "lost_net_amount": 0,
        }
    ],
    "marts.store_mix": [
        {"store_id": "s1", "department_name": "a", "net_amount": 3, "net_share_rate": 0.75},
        {"store_id": "s1", "department_name": "b", "net_amount": 1, "net_share_rate": 0.25},
    ],
    "marts.store_cluster": [
        {
            "store_id": "s1",
            "cluster_code": "like s1",
            "cluster_source_code": "computed",
            "computed_cluster_code": "like s1",
            "centre_distance": 0.1,
            "silhouette": 0.5,
        }
    ],
    "marts.transfer_suggestion": [
        {
            "product_id": "p1",
            "from_store_id": "s1",
            "to_store_id": "unknown",
            "transfer_quantity": 5,
            "margin_gain_amount": 9,
            "transfer_cost_amount": 4,
            "giver_loss_amount": 1,
            "benefit_amount": 4,
            "from_position_quantity": 5,
        }
    ],
    "marts.climate_mismatch": [
        {
            "store_id": "s1",
            "product_id": "p1",
            "climate_tag": "cold",
            "climate_zone": "hot",
            "on_hand_quantity": 4,
            "transfer_quantity": 3,
        }
    ],
    "marts.comparable_store_day": [
        {
            "store_key": 11,
            "store_id": "s1",
            "business_date": DAY,
            "net_amount": 8,
            "is_comparable": False,
            "exclusion_reason": "no sales last year",
        }
    ],
    "marts.department_week": [
        {
            "fiscal_week_start_date": DAY,
            "department_name": "Unknown",
            "net_amount": 8,
            "gross_amount": 10,
            "discount_amount": 2,
            "returns_amount": 0,
            "transaction_count": 1,
        }
    ],
    "marts.store_item": [
        {
            "store_id": "s1",
            "product_id": "i1",
            "fiscal_week_start_date": DAY,
            "known_day_count": 7,
            "in_stock_day_count": 6,
            "ranged_day_count": 7,
            "out_day_count": 1,
            "receipt_quantity": 0,
            "transfer_in_quantity": 0,
            "item_rank_in_store": 1,
        }
    ],
    "marts.store_item_rate": [
        {
            "store_id": "s1",
            "product_id": "i1",
            "fiscal_week_start_date": DAY,
            "average_daily_units": 0.5,
            "rate_source_code": "item",
            "in_stock_day_count": 14,
            "in_stock_sold_day_count": 4,
            "in_stock_sale_quantity": 7,
        }
    ],
    "marts.weekday_index": [
        {
            "store_id": "s1",
            "category_name": "Unknown",
            "fiscal_week_start_date": DAY,
            "day_of_week_number": 7,
            "line_count": 3,
            "weekday_index": 1.5,
        }
    ],
    "marts.inventory_health": [
        {
            "store_id": "s1",
            "product_id": "i1",
            "fiscal_week_start_date": DAY,
            "from_date": DAY,
            "to_date": DAY,
            "on_hand_quantity": 0,
            "stock_state_code": "out",
            "lost_units": 2,
            "lost_net_amount": 2,
        }
    ],
    "marts.stock_ageing": [
        {
            "store_id": "s1",
            "as_of_date": DAY,
            "department_name": "Unknown",
            "category_name": "Unknown",
            "age_basis_code": basis,
            "age_band_code": "older",
            "item_count": 1,
            "on_hand_quantity": 1,
        }
        for basis in ("delivery", "sale")
    ],
    "marts.rfm": [_RFM],
    "marts.customer_cycle": [_CYCLE],
    "marts.customer_lifecycle": [_STAGE],
    "marts.satisfaction_loyalty": [_QUADRANT],
    "marts.complaint_outcome": [
        {
            "case_id": "k1",
            "customer_key": 31,
            "window_days": 90,
            "is_ripe": True,
            "net_before_amount": 8,
            "net_after_amount": 9,
            "net_change_amount": 1,
            "is_stopped": False,
            "is_reduced": False,
            "control_customer_count": 5,
            "excess_net_change_amount": 1,
        }
    ],
    "marts.revenue_tree": [
        {
            "fiscal_quarter_start_date": DAY,
            "basis_code": "last_year",
            "base_quarter_start_date": date(2016, 3, 1),
            "customer_count": 2,
            "trips_per_customer": 2,
            "units_per_trip": 2,
            "net_per_unit": 10,
            "net_amount": 80,
            "base_net_amount": 70,
            "customer_effect_amount": 5,
            "trip_effect_amount": 6,
            "unit_effect_amount": -2,
            "price_effect_amount": 1,
            "unidentified_change_amount": 3,
            "net_change_amount": 13,
        }
    ],
    "marts.gain_loss": [
        {
            "fiscal_quarter_start_date": DAY,
            "basis_code": "last_year",
            "base_quarter_start_date": date(2016, 3, 1),
            "dimension_code": dimension,
            "dimension_id": member,
            "movement_code": "up",
            "customer_count": customers,
            "household_count": households,
            "net_amount": 9,
            "base_net_amount": 8,
            "net_change_amount": 1,
        }
        for dimension, member, customers, households in (
            ("store", "s1", 1, None),
            ("category", "Bread", None, 1),
            ("all", "all", 1, None),
        )
    ],
    "marts.credit_grade": [
        {
            "customer_key": 31,
            "customer_id": "c1",
            "open_amount": 10,
            "credit_sales_amount": 20,
            "outstanding_days": 45.0,
            "overdue_rate": 0.5,
            "overdue_point_count": 30,
            "lateness_point_count": 5,
            "credit_score": 65,
            "grade_code": "B",
            "grade_reasons": "overdue; late",
        }
    ],
    "marts.complaint_effect": [
        {
            "resolution_level_code": level,
            "complaint_count": 1,
            "judged_count": 1,
            "stopped_count": 0,
            "reduced_count": 0,
            "compared_count": 1,
            "excess_net_change_mean": 1,
        }
        for level in ("full", "all")
    ],
    "marts.lifecycle_transition": [
        {
            "month_start_date": DAY,
            "from_stage_code": "new",
            "to_stage_code": "active",
            "customer_count": 1,
            "transition_rate": 1,
        },
        {
            "month_start_date": date(2017, 4, 1),
            "from_stage_code": "active",
            "to_stage_code": "active",
            "customer_count": 1,
            "transition_rate": 1,
        },
    ],
    "marts.cohort_retention": [
        {
            "cohort_month": date(2017, 3, 1),
            "tenure_month": 0,
            "entry_store_id": "s1",
            "entry_channel": "store",
            "cohort_customer_count": 1,
            "active_customer_count": 1,
            "retention_rate": 1,
            "is_ripe": True,
        }
    ],
    "marts.basket_affinity": [
        {
            "affinity_level": "item",
            "fiscal_period_code": "FY2017-P01",
            "cluster_code": "unclustered",
            "left_code": "p1",
            "right_code": "p2",
            "basket_count": 100,
            "left_basket_count": 40,
            "right_basket_count": 30,
            "pair_basket_count": 25,
            "support_rate": 0.25,
            "confidence_left_to_right_rate": 0.625,
            "confidence_right_to_left_rate": 0.8,
            "lift": 2.1,
            "leverage": 0.13,
        }
    ],
    "marts.shelf_group": [
        {
            "affinity_level": "item",
            "fiscal_period_code": "FY2017-P01",
            "cluster_code": "unclustered",
            "community_code": "p1",
            "community_member_count": 2,
            "member_code": code,
            "neighbour_count": 1,
            "neighbour_codes": neighbour,
            "strength": 0.6,
            "community_strength": 0.6,
            "modularity": 0,
        }
        for code, neighbour in (("p1", "p2"), ("p2", "p1"))
    ],
    "marts.household_habit": [
        {
            "household_id": "c1",
            "category_name": "Unknown",
            "fiscal_quarter_code": "FY2017-Q1",
            "trip_count": 1,
        }
    ],
    "meta.feed_status": [
        {
            "feed_code": "pos_line",
            "status": "ok",
            "is_required": True,
            "row_count": 3,
            "loaded_count": 1,
            "quarantined_count": 1,
            "duplicate_count": 1,
        }
    ],
    "meta.reconciliation": [
        {"check_name": "raw", "left_amount": 8, "right_amount": 8, "is_equal": True},
        {"check_name": "basket", "left_amount": 8, "right_amount": 8, "is_equal": True},
    ],
    "meta.business_day": [{"business_date": DAY, "source_version": "v1"}],
    **feed_frames.GOOD,
    **fact_frames.GOOD,
    **bridge_frames.GOOD,
    **value_frames.GOOD,
    **price_frames.GOOD,
}
"""Rows that break no rule. Columns that are left out are NULL."""

_NO_MEMBER = dict.fromkeys(
    (
        *("store_key", "product_key", "customer_key", "promotion_key", "employee_key"),
        "transaction_profile_key",
    ),
    99,
)
_DIM_FAULTS: Sequence[Row] = ({}, {"is_inferred": None})

BAD: Mapping[str, Sequence[Row]] = {
    "feeds.pos_line": [
        {"business_date": FUTURE, "qty": -2, "gtin": "4006381333932"},
        {"qty": 5000, "extended_amount": -880, "line_discount": 900},
    ],
    "feeds.item": [
        {"launch_date": DAY, "delist_date": date(2016, 1, 1), "gtin": "4006381333932"},
    ],
    "feeds.store": [
        {"open_date": DAY, "close_date": date(2016, 1, 1), "selling_area_m2": 0},
    ],
    "feeds.crm_customer": [{"birth_date": date(1800, 1, 1), "op": "X", "customer_type": "robot"}],
    "feeds.promotion": [{"start_date": DAY, "end_date": date(2016, 1, 1)}],
    "feeds.promo_coverage": [{"to_date": date(2016, 1, 1)}],
    "feeds.campaign": [{"end_date": date(2016, 1, 1)}],
    "feeds.campaign_touch": [{"event": "ignored", "event_date": FUTURE}],
    "feeds.coupon_redemption": [{"redeemed_date": FUTURE}],
    "core.dim_date": [
        {},
        {"date_day": date(2017, 9, 9), "fiscal_period": 13, "fiscal_week": 54},
    ],
    "core.dim_store": [
        *_DIM_FAULTS,
        {"open_date": DAY, "close_date": date(2016, 1, 1), "territory_id": "Nowhere"},
    ],
    "core.dim_product": [
        *_DIM_FAULTS,
        {"product_key": 22, "product_id": "p9", "is_inferred": True},
    ],
    "core.dim_customer": [
        *_DIM_FAULTS,
        {"birth_year": 1066},
        {"name_token": "Kim"},
        {"postal_area": "US-60606"},
    ],
    "core.xref_customer_identity": [{}, {"customer_id": None, "unlinked_at": datetime(2016, 1, 1)}],
    "core.dim_promotion": [*_DIM_FAULTS, {"start_date": DAY, "end_date": date(2016, 1, 1)}],
    "core.dim_campaign": [*_DIM_FAULTS, {"budget_amount": -1}],
    "core.fct_sales": [
        {"line_type": "deposit", **_NO_MEMBER, "net_amount": 7},
        {"line_type": "return", "margin_amount": 0},
        {"store_key": -1},
    ],
    "core.fct_basket": [
        {"store_key": 99, "customer_key": 99, "net_amount": 7, "sale_line_count": 9},
        {"cost_amount": None, "customer_id": "c8"},
        {"customer_key": -1},
    ],
    "core.fct_sales_week": [{"store_id": "s9", "net_amount": 7}, {"net_amount": None}],
    "core.fct_sales_day": [
        {},
        {"transaction_count": 9},
        {"store_id": "s9", "net_amount": 90},
    ],
    "core.fct_acquisition": [{"customer_id": "c9"}, {"acquired_date": date(2018, 1, 1)}],
    "core.fct_promo_coverage": [{"store_key": 99, "product_key": 99, "promotion_key": 99}],
    "core.fct_campaign_response": [{}, {"campaign_key": 99}, {"redemption_count": 1}],
    "marts.sales_trend": [
        {},
        {"fiscal_week": 0, "net_amount": 7, "transaction_count": -1, "net_growth_ly_rate": 0.1},
    ],
    "marts.store_performance": [
        {},
        {"period_grain": "year", "margin_status": "fine", "net_amount": 7, "is_comparable": True},
        {"margin_status": "no feed", "identified_transaction_count": 2},
        {"traffic_status": "no feed", "stock_out_item_day_count": 9, "peer_rank": 3},
    ],
    "marts.store_stock_week": [{}, {"store_id": "s9", "as_of_date": FUTURE}],
    "marts.store_mix": [{}, {"store_id": "s9"}],
    "marts.store_cluster": [
        {},
        {"store_id": "s9", "cluster_source_code": "none", "centre_distance": -1},
        {"cluster_source_code": "guess"},
    ],
    "marts.transfer_suggestion": [
        {},
        {"product_id": "p9", "to_store_id": "s9", "from_store_id": "s8", "benefit_amount": 0},
        {"to_store_id": "s1", "transfer_quantity": 9},
    ],
    "marts.climate_mismatch": [
        {},
        {"store_id": "s9", "product_id": "p9", "suggested_store_id": "s9"},
        {"transfer_quantity": 5},
    ],
    "marts.comparable_store_day": [{}, {"is_comparable": True}],
    "marts.department_week": [{}, {"net_amount": 7}],
    "marts.store_item": [
        {"known_day_count": 6},
        {"out_day_count": 0, "item_rank_in_store": None},
    ],
    "marts.store_item_rate": [
        {"in_stock_sold_day_count": 15},
        {"average_daily_units": 0.6},
    ],
    "marts.weekday_index": [{"line_count": 0}],
    "marts.inventory_health": [{"to_date": FUTURE}],
    "marts.stock_ageing": [{"item_count": 0}],
    "marts.rfm": [
        {},
        {"customer_key": -1, "recency_days": -1, "frequency_days": 400, "rfm_code": "660"},
        {"recency_score": 6, "frequency_score": 0, "monetary_score": 9, "margin_score": 0},
    ],
    "marts.customer_cycle": [
        {},
        {"customer_key": -1, "cycle_source_code": "own"},
        {"customer_key": 99, "purchase_day_count": 3},
        {"customer_key": 98, "cycle_days": None, "purchase_day_count": 0},
    ],
    "marts.customer_lifecycle": [
        {},
        {"customer_key": -1, "previous_stage_code": "new", "last_purchase_date": None},
        {"lifecycle_stage_code": "gone", "valid_from_date": FUTURE, "next_change_date": None},
    ],
    "marts.lifecycle_transition": [
        {},
        {"to_stage_code": "prospect", "customer_count": 0},
        {"month_start_date": DAY, "customer_count": 5},
    ],
    "marts.revenue_tree": [
        {},
        {"net_change_amount": 14, "net_per_unit": 11},
        {"trip_effect_amount": None, "base_quarter_start_date": DAY},
    ],
    "marts.gain_loss": [
        {},
        {"movement_code": "new", "customer_count": 0, "net_change_amount": 2},
        {"dimension_code": "category", "dimension_id": "Tea", "net_amount": 19},
        {"base_quarter_start_date": DAY},
    ],
    "marts.credit_grade": [
        {},
        {"customer_key": -1, "credit_score": 70, "grade_code": "C"},
        {"overdue_rate": None, "returned_payment_count": 1},
        {"credit_sales_amount": None},
        {"outstanding_days": 0.0},
    ],
    "marts.complaint_outcome": [
        {},
        {"case_id": "k9", "net_change_amount": 2, "is_stopped": True, "is_reduced": True},
        {"customer_key": -1, "control_customer_count": 4, "window_days": 91},
    ],
    "marts.complaint_effect": [
        {},
        {"resolution_level_code": "none", "compared_count": 3, "stopped_count": 2},
        {"lower_excess_net_change_mean": 2, "upper_excess_net_change_mean": 3},
    ],
    "marts.satisfaction_loyalty": [
        {},
        {"customer_key": -1, "average_satisfaction_score": 9, "frequency_days": 400},
        {"is_satisfied": False, "frequency_score": 6, "quadrant_code": "happy"},
        {"share_of_wallet_rate": 0.2, "answer_count": 0},
    ],
    "marts.cohort_retention": [
        {},
        {"is_ripe": False, "tenure_month": -1, "retention_rate": 2},
        {"cohort_customer_count": 0},
    ],
    "marts.basket_affinity": [
        {},
        {
            "affinity_level": "shelf",
            "left_code": "p3",
            "pair_basket_count": 50,
            "support_rate": 2,
            "confidence_left_to_right_rate": 2,
            "confidence_right_to_left_rate": 2,
            "lift": -1,
            "leverage": 1,
        },
    ],
    "marts.shelf_group": [
        {},
        {
            "affinity_level": "shelf",
            "community_code": "p3",
            "neighbour_count": 2,
            "community_strength": 2,
        },
    ],
    "marts.household_habit": [{}, {"trip_count": -1, "cycle_days": 0, "promoted_share_rate": 1}],
    "meta.feed_status": [
        {},
        {"status": "late", "row_count": 9000, "quarantined_count": 8000},
        {"loaded_count": 0, "row_count": 2},
    ],
    "meta.reconciliation": [{}, {"is_equal": False}],
    "meta.business_day": [{}, {"business_date": date(2016, 1, 1), "source_version": None}],
    **feed_frames.BAD,
    **fact_frames.BAD,
    **bridge_frames.BAD,
    **value_frames.BAD,
    **price_frames.BAD,
}
"""Rows that break rules, written as differences from the first good row of their table that is not
a special member. A row with all columns NULL is added to each table as well."""


def write_databases(directory: Path, rows: Mapping[str, Sequence[Row]]) -> dict[str, Path]:
    """Create raw.duckdb and warehouse.duckdb with every table of the design, and fill them."""
    directory.mkdir(parents=True)
    databases = {name: directory / f"{name}.duckdb" for name in ("raw", "warehouse")}
    for name, tables in (("raw", raw_tables()), ("warehouse", model_tables())):
        with duckdb.connect(str(databases[name])) as connection:
            for table, columns in tables.items():
                full_name = f"{name}.{table}"
                connection.execute(f"create schema if not exists {full_name.rpartition('.')[0]}")
                definition = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                connection.execute(f"create table {full_name} ({definition})")
                for row in filter(None, rows.get(table, ())):
                    names = ", ".join(f'"{column}"' for column in row)
                    marks = ", ".join("?" for _ in row)
                    connection.execute(
                        f"insert into {full_name} ({names}) values ({marks})", list(row.values())
                    )
    return databases


def broken_rows() -> dict[str, list[Row]]:
    """Return rows under which every rule that looks at rows must fail."""
    broken: dict[str, list[Row]] = {"ledger.file": list(GOOD["ledger.file"])}
    for table, good in GOOD.items():
        if table == "ledger.file":
            continue
        base = good[-1] if good else {}
        key = next((column for column in base if column.endswith("_key")), "")
        kept = [row for row in good if row.get(key, 0) not in (-1, -2, 0)] or [base] * bool(good)
        if table == "core.dim_promotion":
            kept = [dict(base, promotion_key=51, promotion_id="o1")]
        base = kept[-1] if kept else {}
        nulls = {**dict.fromkeys(base), **({"_file_id": 1} if table.startswith("feeds.") else {})}
        broken[table] = [*kept, *({**base, **fault} for fault in BAD[table]), nulls]
    return broken


def raw_tables() -> dict[str, dict[str, str]]:
    """Return columns and types of raw.duckdb by table."""
    tables = {
        "ledger.file": {"file_id": "bigint", "load_id": "bigint"},
        "ledger.changed_business_date": {"business_date": "date"},
        "history.basket_date": {"business_date": "date"},
        "history.return_date": {"business_date": "date"},
    }
    kinds = {"text": "varchar", "integer": "bigint"}
    for path in sorted((PROJECT / "pipelines/feeds/contracts").glob("*.yml")):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        columns = {
            column["name"]: kinds.get(column["type"], column["type"])
            for column in contract["columns"]
        }
        columns |= {"_file_id": "bigint", "_line_number": "bigint", "_loaded_at": "timestamptz"}
        tables[f"feeds.{contract['feed']}"] = columns
    return tables


def model_tables() -> dict[str, dict[str, str]]:
    """Return columns and types of the warehouse by table, as dbt's models promise them."""
    tables: dict[str, dict[str, str]] = {}
    for schema in ("core", "marts", "meta"):
        for path in sorted((PROJECT / "dbt_project/models" / schema).rglob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            for model in content.get("models", ()):
                tables[f"{schema}.{model['name']}"] = {
                    column["name"]: column["data_type"] for column in model["columns"]
                }
    return tables
