"""A test that cannot fail proves nothing: each of the project's own tests meets rows it must find.

The tables stand empty, with the columns that the models promise; then come a few bad rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from conventions_project import DbtProject
from jinja2 import Environment

from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures, target_path

GENERIC = PROJECT_ROOT / "dbt_project" / "data_tests" / "generic"
MACROS = PROJECT_ROOT / "dbt_project" / "macros" / "history.sql"

DAY = date(2017, 3, 1)

Bad = dict[str, list[dict[str, Any]]]

FIRST = "(1, date '1900-01-01', date '2026-01-31', false)"
SECOND = "(1, date '2026-02-01', date '9999-12-31', true)"
"""Two versions that follow each other."""

COLUMNS = {"whole_history": "a, valid_from_date, valid_to_date, is_current"}
"""Columns of the rows below, where they are not a and b."""

GENERIC_CASES = {
    "no_null_key": ({"columns": ["a", "b"]}, "(1, 1)", ["(null, 1)", "(1, null)"]),
    "unique_combination": (
        {"columns": ["a", "b"]},
        "(1, 1), (1, 2), (2, 1)",
        ["(1, 1), (1, 1)", "(null, 1), (null, 1)"],
    ),
    "whole_history": (
        {"member": "a"},
        f"{FIRST}, {SECOND}, (2, date '1900-01-01', date '9999-12-31', true)",
        [
            SECOND,  # what was before?
            FIRST,  # and what is after?
            f"{FIRST}, (1, date '2026-02-02', date '9999-12-31', true)",  # a day's gap
            f"{FIRST}, (1, date '2026-01-31', date '9999-12-31', true)",  # a day twice
            f"{FIRST}, {FIRST}, {SECOND}",  # all of them twice
            f"{FIRST}, (1, date '2026-02-01', date '9999-12-31', false)",  # none is current
            f"(1, date '1900-01-01', date '2026-01-31', true), {SECOND}",  # two are
            "(1, date '1900-01-01', date '1899-12-31', true)",
        ],
    ),
}
"""Arguments, rows that must pass, and sets of rows each of which must fail."""

RECEIPT = {
    "business_date": DAY,
    "store_key": 1,
    "store_id": "S",
    "customer_key": 7,
    "customer_id": "C",
    "net_amount": 9,
}
BOUGHT = {"business_date": DAY, "customer_key": 7, "customer_id": "C", "net_amount": 9}
SALES_DAY = {"business_date": DAY, "store_id": "S", "net_amount": 9, "is_rolled": False}
SALES_WEEK = {
    "fiscal_week_start_date": date(2017, 2, 26),
    "store_id": "S",
    "net_amount": 9,
    "is_rolled": False,
}
ITEM_WEEK = {"fiscal_week_start_date": date(2017, 2, 26), "store_id": "S", "net_amount": 0}
SPAN = {
    "store_id": "S",
    "product_id": "P",
    "fiscal_period_start_date": date(2017, 2, 26),
    "from_date": DAY,
    "to_date": DAY,
    "on_hand_quantity": 2,
}
HEALTH = {
    "store_id": "S",
    "product_id": "P",
    "fiscal_week_start_date": date(2017, 2, 26),
    "from_date": DAY,
    "to_date": DAY,
    "on_hand_quantity": 2,
}
AGED = {"store_id": "S", "as_of_date": DAY, "age_basis_code": "sale", "on_hand_quantity": 2}
LEAVE = {
    "customer_id": "C",
    "consent_purpose": "marketing",
    "consent_channel": "email",
    "is_granted": True,
    "is_current": True,
}
PAIR = {
    "affinity_level": "item",
    "fiscal_period_start_date": date(2017, 2, 26),
    "cluster_code": "town",
    "left_code": "A",
    "right_code": "B",
    "lift": 2,
}
SHELF = {
    "affinity_level": "item",
    "fiscal_period_start_date": date(2017, 2, 26),
    "cluster_code": "town",
    "member_code": "A",
    "neighbour_count": 1,
}
ACTION = {"customer_id": "C", "contact_channel": "email", "action_rank": 1}
COMPLAINT = {
    "case_id": "K",
    "case_type_code": "complaint",
    "customer_key": 7,
    "customer_id": "C",
    "case_opened_date": date(2017, 3, 2),
}
OCCASION = {
    "customer_id": "C",
    "frequency_count": 1,
    "first_occasion_date": DAY,
    "last_occasion_date": date(2017, 3, 5),
}
CYCLE = {
    "customer_id": "C",
    "purchase_day_count": 3,
    "first_purchase_date": DAY,
    "last_purchase_date": date(2017, 3, 5),
}
STAGE = {"customer_id": "C", "valid_from_date": DAY, "last_purchase_date": date(2017, 3, 5)}
IN_RAW = ("feeds.", "history.", "intermediate.", "ledger.")

RAW_DAY = {"business_date": DAY, "net_amount": 9, "row_count": 1}
LINE = {"business_date": DAY, "product_key": 1, "customer_key": 7, "net_amount": 9}
DATE = {
    "date_day": DAY,
    "fiscal_week_start_date": date(2017, 2, 26),
    "fiscal_period_start_date": date(2017, 2, 26),
    "fiscal_quarter_start_date": date(2017, 1, 29),
    "fiscal_year_start_date": date(2017, 1, 29),
    "fiscal_week": 5,
}
TEA = {
    "fiscal_quarter_start_date": date(2017, 1, 29),
    "dimension_code": "category",
    "dimension_id": "Tea",
}
LOST = {"store_id": "S", "fiscal_week_start_date": DAY, "lost_net_amount": 1}
SENT = {"as_of_date": DAY, "product_id": "P", "from_store_id": "S", "transfer_quantity": 3}
LYING = {"as_of_date": DAY, "product_id": "P", "store_id": "S", "on_hand_quantity": 3}
STORE_WEEK = {"period_grain": "week", "period_start_date": date(2017, 2, 26), "net_amount": 9}

SINGULAR_CASES: dict[str, list[Bad]] = {
    "assert_basket_affinity_reconciles_to_fct_basket": [
        {
            "marts.basket_affinity": [
                {
                    "fiscal_period_start_date": date(2017, 2, 26),
                    "cluster_code": "A",
                    "basket_count": 2,
                }
            ],
            "core.dim_date": [DATE],
            "core.dim_store": [{"store_id": "S", "cluster_code": "A", "is_current": True}],
            "core.fct_basket": [{**RECEIPT, "is_transaction": True}],
        }
    ],
    "assert_btyd_summary_reconciles_to_fct_customer_day": [
        {"core.fct_customer_day": [BOUGHT]},
        {"marts.btyd_summary": [{"customer_key": 7, "frequency_count": 0}]},
        {
            "core.fct_customer_day": [BOUGHT],
            "marts.btyd_summary": [
                {"customer_key": 7, "frequency_count": 0, "holdout_occasion_count": 0}
            ],
        },
    ],
    "assert_climate_mismatch_reconciles_to_fct_inventory_snapshot": [
        {"marts.climate_mismatch": [LYING]},
        {
            "marts.climate_mismatch": [LYING],
            "core.fct_inventory_snapshot": [
                {"store_id": "S", "product_id": "P", "to_date": DAY, "on_hand_quantity": 2}
            ],
        },
    ],
    "assert_clv_curve_reconciles_to_customer_month": [
        {
            "marts.customer_month": [
                {"customer_id": "C", "month_start_date": DAY, "margin_amount": 3}
            ],
            "core.fct_acquisition": [
                {"customer_id": "C", "acquired_date": DAY, "is_rolled": False}
            ],
        },
        {
            "marts.clv_curve": [
                {"cohort_month": DAY, "cohort_customer_count": 1, "contribution_amount": 3}
            ]
        },
    ],
    "assert_cohort_retention_reconciles_to_fct_customer_day": [
        {"core.fct_customer_day": [{**BOUGHT, "transaction_count": 1}]},
        {"marts.cohort_retention": [{"tenure_month": 0, "cohort_customer_count": 1}]},
        {"marts.cohort_retention": [{"tenure_month": 1, "net_amount": 9}]},
    ],
    "assert_comparable_store_day_keeps_last_year_whole": [
        {
            "core.fct_sales_day": [SALES_DAY, {**SALES_DAY, "business_date": date(2018, 2, 28)}],
            "core.dim_date": [{"date_day": date(2018, 2, 28), "date_ly_aligned": DAY}],
            "marts.comparable_store_day": [{"date_ly_aligned": DAY, "net_amount_ly_aligned": 8}],
        }
    ],
    "assert_complaint_outcome_reconciles_to_fct_basket": [
        {"core.fct_service_case": [COMPLAINT]},
        {"marts.complaint_outcome": [{"case_id": "K"}]},
        {
            "core.fct_service_case": [COMPLAINT],
            "core.fct_basket": [RECEIPT],
            "marts.complaint_outcome": [
                {"case_id": "K", "window_days": 1, "net_before_amount": 8, "net_after_amount": 0}
            ],
        },
    ],
    "assert_credit_grade_reconciles_to_fct_receivable_snapshot": [
        {
            "core.fct_receivable_snapshot": [
                {
                    "customer_key": 7,
                    "customer_id": "C",
                    "snapshot_date": DAY,
                    "open_amount": 9,
                    "overdue_amount": 0,
                }
            ]
        },
        {"marts.credit_grade": [{"open_amount": 0, "overdue_amount": 9}]},
    ],
    "assert_store_item_reconciles_to_fct_sales_week": [
        {"core.fct_sales_week": [SALES_WEEK], "core.dim_date": [DATE]},
        {"marts.store_item": [{**ITEM_WEEK, "quantity": 1}], "core.dim_date": [DATE]},
    ],
    "assert_inventory_health_reconciles_to_fct_inventory_snapshot": [
        {"core.fct_inventory_snapshot": [SPAN]},
        {
            "core.fct_inventory_snapshot": [SPAN],
            "marts.inventory_health": [HEALTH, {**HEALTH, "product_id": "Q"}],
        },
    ],
    "assert_stock_ageing_reconciles_to_fct_inventory_snapshot": [
        {"marts.stock_ageing": [AGED]},
        {
            "marts.stock_ageing": [AGED],
            "core.fct_inventory_snapshot": [{**SPAN, "stock_cost_amount": 3}],
        },
    ],
    "assert_department_week_reconciles_to_fct_sales_day": [
        {"core.fct_sales_day": [SALES_DAY], "core.dim_date": [DATE]},
        {"core.fct_sales_day": [SALES_DAY]},
        {"marts.department_week": [{"fiscal_week_start_date": DAY, "unit_count": 1}]},
    ],
    "assert_customer_360_reconciles_to_its_marts": [
        {"core.dim_customer": [{"customer_id": "C", "customer_key": 7, "is_current": True}]},
        {"marts.customer_value": [{"month_end_date": DAY, "net_amount": 9}]},
        {"marts.credit_grade": [{"open_amount": 9}]},
        {"marts.next_best_action": [{"customer_id": "C"}]},
    ],
    "assert_customer_clv_reconciles_to_btyd_summary": [
        {"marts.btyd_summary": [{"customer_id": "C", "frequency_count": 0}]},
        {"marts.customer_clv": [{"customer_id": "C", "frequency_count": 0}]},
        {
            "marts.btyd_summary": [{"customer_id": "C", "frequency_count": 0}],
            "marts.customer_clv": [
                {"customer_id": "C", "frequency_count": 0, "score_code": "scored"}
            ],
        },
    ],
    "assert_customer_cycle_reconciles_to_btyd_summary": [
        {"marts.btyd_summary": [OCCASION]},
        {"marts.customer_cycle": [CYCLE]},
        {"marts.btyd_summary": [OCCASION], "marts.customer_cycle": [CYCLE]},
        {
            "marts.btyd_summary": [{**OCCASION, "last_occasion_date": date(2017, 3, 4)}],
            "marts.customer_cycle": [{**CYCLE, "purchase_day_count": 2}],
        },
    ],
    "assert_customer_lifecycle_reconciles_to_customer_cycle": [
        {"marts.customer_cycle": [CYCLE]},
        {"marts.customer_lifecycle": [STAGE]},
        {
            "marts.customer_cycle": [CYCLE],
            "marts.customer_lifecycle": [{**STAGE, "last_purchase_date": date(2017, 3, 6)}],
        },
        {
            "marts.customer_cycle": [CYCLE],
            "marts.customer_lifecycle": [{**STAGE, "valid_from_date": date(2017, 3, 2)}],
        },
    ],
    "assert_customer_priority_reconciles_to_customer_clv": [
        {"marts.customer_clv": [{"customer_id": "C"}]},
        {"marts.customer_priority": [{"customer_id": "C"}]},
        {
            "marts.customer_clv": [{"customer_id": "C", "expected_margin_amount": 3}],
            "marts.customer_priority": [{"customer_id": "C", "expected_margin_amount": 4}],
        },
    ],
    "assert_customer_value_reconciles_to_fct_basket": [
        {"core.fct_basket": [RECEIPT, {**RECEIPT, "business_date": date(2017, 4, 1)}]},
        {"marts.customer_month": [{"month_start_date": DAY, "net_amount": 9}]},
        {"marts.customer_value": [{"month_end_date": date(2017, 3, 31), "net_amount": 9}]},
        {
            "core.fct_basket": [RECEIPT, {**RECEIPT, "business_date": date(2017, 4, 1)}],
            "marts.customer_month": [{"month_start_date": DAY, "net_amount": 9}],
            "marts.customer_value": [{"month_end_date": date(2017, 3, 31), "net_amount": 8}],
        },
    ],
    "assert_dim_date_has_no_gap": [
        {"core.dim_date": [DATE, {**DATE, "date_day": date(2017, 3, 3)}]},
        {
            "core.dim_date": [
                {**DATE, "date_day": day, "fiscal_year_start_date": day, "fiscal_week": 1}
                for day in (date(2017, 3, 1), date(2017, 3, 2), date(2017, 3, 3))
            ]
        },
    ],
    "assert_fct_basket_reconciles_to_fct_sales": [
        {"core.fct_basket": [RECEIPT]},
        {"core.fct_sales": [LINE]},
        {"core.fct_sales": [LINE], "core.fct_basket": [{**RECEIPT, "line_count": 2}]},
    ],
    "assert_fct_sales_reconciles_to_raw": [
        {"core.fct_sales": [LINE]},
        {"intermediate.int_sales_line__totalled": [RAW_DAY]},
        {
            "core.fct_sales": [LINE],
            "intermediate.int_sales_line__totalled": [{**RAW_DAY, "row_count": 2}],
        },
    ],
    "assert_fct_customer_day_reconciles_to_fct_basket": [
        {"core.fct_basket": [RECEIPT]},
        {"core.fct_customer_day": [BOUGHT]},
        *(
            {
                "core.fct_basket": [{**RECEIPT, "is_transaction": True}],
                "core.fct_customer_day": [
                    {**BOUGHT, "receipt_count": 1, "transaction_count": 1, **other}
                ],
            }
            for other in (
                {"customer_id": "D"},
                {"receipt_count": 2},
                {"transaction_count": 0},
                {"net_amount": 8},
            )
        ),
    ],
    "assert_fct_sales_week_reconciles_to_fct_sales_day": [
        {"core.fct_sales_day": [SALES_DAY], "core.dim_date": [DATE]},
        {"core.fct_sales_week": [SALES_WEEK], "core.dim_date": [DATE]},
        {
            "core.fct_sales_week": [SALES_WEEK, {**SALES_WEEK, "net_amount": 0, "is_rolled": True}],
            "core.fct_sales_day": [SALES_DAY],
            "core.dim_date": [DATE],
        },
    ],
    "assert_gain_loss_reconciles_to_fct_basket": [
        {
            "core.fct_basket": [RECEIPT],
            "core.dim_date": [DATE],
            "marts.gain_loss": [
                {
                    "fiscal_quarter_start_date": date(2017, 1, 29),
                    "dimension_code": "store",
                    "dimension_id": "S",
                    "net_amount": 8,
                }
            ],
        },
        {
            "marts.gain_loss": [
                {"base_quarter_start_date": DAY, "dimension_code": "all", "base_net_amount": 9}
            ]
        },
    ],
    "assert_gain_loss_reconciles_to_fct_sales_week": [
        {
            "core.fct_sales_week": [{**SALES_WEEK, "product_id": "P"}],
            "core.dim_product": [{"product_id": "P", "category_name": "Tea", "is_current": True}],
            "core.dim_date": [DATE],
            "marts.gain_loss": [{**TEA, "net_amount": 8}],
        },
        {
            "core.dim_date": [DATE],
            "marts.gain_loss": [{**TEA, "base_net_amount": 9}],
        },
    ],
    "assert_household_habit_reconciles_to_fct_sales": [
        {"core.fct_sales": [LINE], "core.dim_date": [DATE]},
        {
            "marts.household_habit": [
                {"fiscal_quarter_start_date": date(2017, 1, 29), "net_amount": 9}
            ],
            "core.dim_date": [DATE],
        },
    ],
    "assert_reconciliation_is_equal": [
        {"meta.reconciliation": [{"check_name": "raw to sales fact", "is_equal": False}]}
    ],
    "assert_retention_economics_reconciles_to_fct_customer_day": [
        {
            "core.fct_customer_day": [
                {**BOUGHT, "business_date": date(2017, 3, 31), "transaction_count": 1}
            ]
        },
        {"marts.retention_economics": [{"month_start_date": DAY, "customer_count": 2}]},
    ],
    "assert_revenue_tree_reconciles_to_fct_basket": [
        {
            "core.fct_basket": [RECEIPT],
            "core.dim_date": [DATE],
            "marts.revenue_tree": [
                {"fiscal_quarter_start_date": date(2017, 1, 29), "net_change_amount": 8}
            ],
        }
    ],
    "assert_next_best_action_reconciles_to_its_facts": [
        {"marts.next_best_action": [{"customer_id": "C", "contact_channel": "email"}]},
        *(
            {
                "core.dim_consent": [LEAVE],
                "marts.next_best_action": [{**ACTION, **action}],
                **grounds,
            }
            for action, grounds in (
                ({"action_code": "payment_reminder", "action_margin_amount": 9}, {}),
                ({"action_code": "win_back"}, {}),
                ({"action_code": "replenish", "category_name": "Tea"}, {}),
                (
                    {"action_code": "cross_sell", "category_name": "Tea"},
                    {
                        "core.fct_basket": [RECEIPT],
                        "core.dim_customer": [
                            {"customer_id": "C", "household_id": "H", "is_current": True}
                        ],
                        "marts.household_habit": [
                            {"household_id": "H", "category_name": "Tea", "last_trip_date": DAY}
                        ],
                    },
                ),
            )
        ),
    ],
    "assert_price_index_reconciles_to_fct_sales_week": [
        {
            "marts.price_index": [
                {
                    "index_level": "item",
                    "member_code": "P",
                    "fiscal_week_start_date": SALES_WEEK["fiscal_week_start_date"],
                    "own_basket_amount": 8,
                }
            ],
            "core.fct_sales_week": [{**SALES_WEEK, "product_id": "P"}],
        },
        {
            "marts.price_index": [
                {"index_level": "item", "member_code": "P", "own_basket_amount": 8}
            ]
        },
    ],
    "assert_price_point_store_reconciles_to_fct_sales_day": [
        {
            "core.fct_sales_day": [{**SALES_DAY, "gross_amount": 9, "discount_amount": 0}],
            "core.dim_date": [DATE],
        },
        {
            "marts.price_point_store": [
                {"fiscal_week_start_date": date(2017, 2, 26), "net_amount": 9}
            ],
            "core.dim_date": [DATE],
        },
    ],
    "assert_promo_lift_reconciles_to_fct_sales_week": [
        {
            "marts.promo_lift": [
                {
                    "promotion_id": "A",
                    "product_id": "P",
                    "store_id": "S",
                    "from_date": SALES_WEEK["fiscal_week_start_date"],
                    "to_date": date(2017, 3, 4),
                    "net_amount": 8,
                }
            ],
            "core.dim_date": [DATE],
            "core.fct_sales_day": [SALES_DAY],
            "core.fct_sales_week": [
                {**SALES_WEEK, "product_id": "P", "gross_amount": 9, "discount_amount": 0}
            ],
        }
    ],
    "assert_rfm_reconciles_to_fct_customer_day": [
        {"core.fct_customer_day": [BOUGHT]},
        {"marts.rfm": [{"customer_key": 7, "monetary_amount": 9}], "core.fct_customer_day": []},
    ],
    "assert_sales_trend_reconciles_to_fct_sales_day": [
        {"core.fct_sales_day": [SALES_DAY]},
        {"marts.sales_trend": [{"net_amount": 9}]},
    ],
    "assert_satisfaction_loyalty_reconciles_to_fct_survey_response": [
        {
            "core.fct_survey_response": [
                {"customer_key": 7, "customer_id": "C", "response_date": DAY}
            ],
            "core.dim_date": [DATE],
        },
        {"marts.satisfaction_loyalty": [{"fiscal_quarter_start_date": DAY, "answer_count": 1}]},
        {
            "core.fct_survey_response": [
                {"customer_key": 7, "customer_id": "C", "response_date": DAY}
            ],
            "core.dim_date": [DATE],
            "core.fct_basket": [RECEIPT],
            "marts.satisfaction_loyalty": [
                {
                    "fiscal_quarter_start_date": date(2017, 1, 29),
                    "customer_id": "C",
                    "frequency_score": 1,
                    "answer_count": 1,
                    "net_amount": 8,
                }
            ],
        },
    ],
    "assert_service_worklist_reconciles_to_fct_service_instruction": [
        {"core.fct_service_instruction": [{"service_week_start_date": DAY, "is_issued": True}]},
        {"marts.service_worklist": [{"service_week_start_date": DAY, "eligible_count": 1}]},
        {
            "core.fct_service_instruction": [
                {"service_week_start_date": DAY, "is_issued": True, "bought_date": DAY}
            ],
            "marts.service_worklist": [
                {
                    "service_week_start_date": DAY,
                    "eligible_count": 1,
                    "issued_count": 1,
                    "bought_count": 1,
                }
            ],
        },
    ],
    "assert_shelf_group_reconciles_to_basket_affinity": [
        {"marts.basket_affinity": [PAIR], "core.dim_date": [DATE]},
        {"marts.shelf_group": [SHELF], "core.dim_date": [DATE]},
        {
            "marts.basket_affinity": [PAIR],
            "marts.shelf_group": [SHELF],
            "core.dim_date": [DATE],
        },
        {
            "marts.basket_affinity": [PAIR],
            "marts.shelf_group": [SHELF, {**SHELF, "member_code": "B", "neighbour_count": 2}],
            "core.dim_date": [DATE],
        },
    ],
    "assert_special_members_exist": [{}],
    "assert_segment_profile_reconciles_to_customer_value": [
        {
            "marts.segment_profile": [
                {
                    "rule_label": "first channel is web",
                    "condition_count": 1,
                    "customer_count": 2,
                    "key_customer_count": 1,
                }
            ],
            "marts.customer_value": [
                {"customer_id": "C", "month_end_date": DAY, "value_tier_code": "A"}
            ],
            "core.fct_acquisition": [{"customer_id": "C", "entry_channel": "web"}],
        }
    ],
    "assert_store_cluster_reconciles_to_store_mix": [
        {"marts.store_mix": [{"store_id": "S"}]},
        {"marts.store_cluster": [{"store_id": "S"}]},
    ],
    "assert_store_mix_reconciles_to_fct_sales_week": [
        {
            "core.fct_sales_week": [
                {
                    "store_id": "S",
                    "fiscal_week_start_date": DAY,
                    "net_amount": 5,
                    "returns_amount": 1,
                }
            ],
            "marts.store_mix": [{"store_id": "S", "net_amount": net_amount}],
        }
        for net_amount in (4, 7)
    ],
    "assert_store_performance_agrees_with_sales_trend": [
        {
            "marts.store_performance": [STORE_WEEK],
            "marts.sales_trend": [{"fiscal_week_start_date": date(2017, 2, 26), "net_amount": 8}],
        }
    ],
    "assert_store_performance_reconciles_to_fct_sales_day": [
        {"core.fct_sales_day": [SALES_DAY]},
        {"core.fct_sales_day": [SALES_DAY], "marts.store_performance": [STORE_WEEK]},
    ],
    "assert_store_stock_week_reconciles_to_inventory_health": [
        {"marts.inventory_health": [LOST]},
        {
            "marts.inventory_health": [LOST],
            "marts.store_stock_week": [{**LOST, "lost_net_amount": 2}],
        },
    ],
    "assert_transfer_suggestion_reconciles_to_fct_inventory_snapshot": [
        {"marts.transfer_suggestion": [SENT]},
        {
            "marts.transfer_suggestion": [SENT],
            "core.fct_inventory_snapshot": [
                {"store_id": "S", "product_id": "P", "to_date": DAY, "on_hand_quantity": 2}
            ],
        },
    ],
}
"""For each singular test sets of bad rows by table, each of which it must find."""


def render(name: str, arguments: dict[str, Any]) -> str:
    """The query of a generic test over the table `row`, as dbt would write it."""
    text = (GENERIC / f"{name}.sql").read_text(encoding="utf-8")
    text = re.sub(r"{% test (\w+)", r"{% macro \1", text).replace("{% endtest", "{% endmacro")
    environment = Environment()  # noqa: S701 - SQL, no HTML
    environment.globals["changed_periods"] = lambda grain, _facts_only: (
        f"select {grain} from changed"
    )
    environment.globals["is_found_again"] = lambda column, with_gaps: (
        f"{column} >= (select a from changed)"
    )
    environment.globals["source"] = lambda _schema, table: table
    environment.globals["target"] = {"type": "duckdb"}
    environment.globals["add_days"] = lambda day, count: f"{day} + ({count})"
    module = environment.from_string(MACROS.read_text(encoding="utf-8") + text).module
    return str(getattr(module, name)("row", **arguments))


def test_every_generic_test_has_its_bad_rows() -> None:
    assert {path.stem for path in GENERIC.glob("*.sql")} == set(GENERIC_CASES)


@pytest.mark.parametrize("name", GENERIC_CASES)
def test_a_generic_test_passes_good_rows_and_finds_each_bad_one(name: str) -> None:
    arguments, good, bad = GENERIC_CASES[name]
    query = render(name, arguments)
    for rows, is_found in [(good, False), *((rows, True) for rows in bad)]:
        with duckdb.connect() as connection:
            columns = COLUMNS.get(name, "a, b")
            connection.execute(f"create table row as from (values {rows}) as t ({columns})")
            assert bool(connection.execute(query).fetchall()) is is_found, rows


def test_a_night_looks_for_repeats_among_the_dates_that_it_replaced() -> None:
    arguments = {"columns": ["a"], "replaced_by": "b"}
    with duckdb.connect() as connection:
        connection.execute("create table changed as select 2 as date_day")
        connection.execute("create table row as from (values (1, 1), (1, 1), (2, 2)) as t (a, b)")
        query = render("unique_combination", arguments)
        assert connection.execute(query).fetchall() == []
        connection.execute("insert into row values (2, 2)")
        assert connection.execute(query).fetchall() == [(2, 2)]


def test_a_night_looks_for_no_repeats_in_what_stands() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table changed as select 2 as a")
        connection.execute("create table row as from (values (1), (1)) as t (a)")
        query = render("unique_combination", {"columns": ["a"], "found_again": "a"})
        assert connection.execute(query).fetchall() == []
        connection.execute("insert into row values (2), (2)")
        assert connection.execute(query).fetchall() == [(2, 2)]


def test_a_night_looks_for_gaps_in_histories_that_it_made_anew() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table changed as select 2 as a")
        connection.execute(
            f"create table row as from (values {SECOND}) as t ({COLUMNS['whole_history']})"
        )
        query = render("whole_history", {"member": "a", "changed": "changed"})
        assert connection.execute(query).fetchall() == []
        connection.execute("insert into changed values (1)")
        assert len(connection.execute(query).fetchall()) == 1


@pytest.fixture(scope="module")
def queries(dbt_project: DbtProject, empty_house: Settings) -> dict[str, str]:
    """The queries of the singular tests, compiled by dbt."""
    raise_for_failures(
        invoke_dbt(empty_house, ["--quiet", "compile", "--select", "test_type:singular"])
    )
    folder = target_path(empty_house) / "compiled" / "tillhouse" / "data_tests" / "singular"
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}


@pytest.fixture(scope="module")
def empty_tables(
    dbt_project: DbtProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """raw and warehouse as dbt sees them, with all tables and no row."""
    directory = tmp_path_factory.mktemp("empty_tables")
    with duckdb.connect(str(directory / "raw.duckdb")) as connection:
        create_tables(connection)
    with duckdb.connect(str(directory / "warehouse.duckdb")) as connection:
        connection.execute(f"attach '{directory / 'raw.duckdb'}' as raw")
        connection.execute(
            "create schema if not exists raw.history; "
            "create table raw.history.customer_month_change "
            "(replaced_from_month date, changed_from_month date)"
        )
        models = [
            model
            for model in dbt_project.models()
            if model["schema"] in ("core", "marts", "meta")
            or model["name"] == "int_sales_line__totalled"
        ]
        for model in models:
            columns = ", ".join(
                f"{column['name']} {column['data_type']}" for column in model["columns"].values()
            )
            schema = f"{model['database']}.{model['schema']}"
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {schema}.{model['name']} ({columns})")
        yield connection


@pytest.fixture
def find(
    empty_tables: duckdb.DuckDBPyConnection, queries: dict[str, str]
) -> Callable[[str, Bad], int]:
    """Rows that a singular test returns after a night of one date, over bad rows that go then."""

    def count(name: str, bad: Bad) -> int:
        bad = {
            "ledger.changed_business_date": [{"business_date": DAY, "is_fact_changed": True}],
            "history.customer_month_change": [{"replaced_from_month": DAY}],
            **bad,
        }
        # DuckDB writes to one file a transaction: raw.duckdb before the warehouse.
        for table, rows in bad.items():
            place = f"raw.{table}" if table.startswith(IN_RAW) else table
            for row in rows:
                marks = ", ".join("?" for _ in row)
                empty_tables.execute(
                    f"insert into {place} ({', '.join(row)}) values ({marks})", list(row.values())
                )
        try:
            return len(empty_tables.execute(queries[name]).fetchall())
        finally:
            for table in bad:
                place = f"raw.{table}" if table.startswith(IN_RAW) else table
                empty_tables.execute(f"delete from {place}")

    return count


def test_every_singular_test_has_its_bad_rows(queries: dict[str, str]) -> None:
    assert set(queries) == set(SINGULAR_CASES)


@pytest.mark.parametrize("name", SINGULAR_CASES)
def test_a_singular_test_finds_each_bad_row(name: str, find: Callable[[str, Bad], int]) -> None:
    assert [bad for bad in SINGULAR_CASES[name] if find(name, bad) == 0] == []


@pytest.mark.parametrize("name", sorted(set(SINGULAR_CASES) - {"assert_special_members_exist"}))
def test_a_singular_test_finds_nothing_wrong_with_no_rows(
    name: str, find: Callable[[str, Bad], int]
) -> None:
    """So that what it finds above is the bad row. A dimension, though, is never empty."""
    assert find(name, {}) == 0
