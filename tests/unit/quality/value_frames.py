"""Rows of the marts of customer value: some that break no rule, and what breaks each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]

DAY = date(2017, 3, 1)

_CUSTOMER = {"as_of_date": DAY, "customer_key": 31, "customer_id": "c1", "segment_code": "store"}

_DAY_OF_CUSTOMER = {
    "business_date": DAY,
    "customer_key": 31,
    "customer_id": "c1",
    "receipt_count": 2,
    "costed_receipt_count": 2,
    "transaction_count": 1,
    "net_amount": 8,
    "margin_amount": 3,
    "is_purchase_day": True,
}

GOOD: Mapping[str, Sequence[Row]] = {
    "core.fct_customer_day": [_DAY_OF_CUSTOMER],
    "core.fct_service_cost": [
        {
            "customer_key": 31,
            "customer_id": "c1",
            "activity_date": DAY,
            "activity_name": "contact",
            "activity_count": 1,
            "service_cost_amount": 4,
        }
    ],
    "marts.clv_curve": [
        {
            "cohort_month": DAY,
            "tenure_month": 0,
            "cohort_customer_count": 1,
            "contribution_amount": 3,
            "cumulative_contribution_amount": 3,
            "acquisition_cost_amount": 2,
            "cumulative_value_amount": 1,
            "break_even_tenure_month": 0,
        }
    ],
    "marts.segment_profile": [
        {
            "month_end_date": date(2017, 3, 31),
            "rule_rank": 1,
            "rule_label": "gender is f",
            "customer_count": 20,
            "key_customer_count": 20,
            "support_rate": 1,
            "purity_rate": 1,
            "key_customer_rate": 1,
            "lift": 1,
            "capture_rate": 1,
        }
    ],
    "marts.retention_economics": [
        {
            "month_start_date": DAY,
            "month_end_date": date(2017, 3, 31),
            "customer_count": 1,
            "base_customer_count": 1,
            "kept_customer_count": 1,
            "kept_customer_rate": 1,
            "year_customer_count": 1,
            "year_repeat_customer_count": 1,
            "year_repeat_customer_rate": 1,
            "compared_customer_count": 1,
            "answered_count": 10,
            "satisfaction_net_correlation": 0.6,
            "lower_satisfaction_net_correlation": -0.1,
            "upper_satisfaction_net_correlation": 0.9,
        }
    ],
    "marts.customer_month": [
        {
            "month_start_date": DAY,
            "month_end_date": date(2017, 3, 31),
            "customer_key": 31,
            "customer_id": "c1",
            "net_amount": 8,
            "margin_amount": 3,
            "receipt_count": 1,
            "costed_receipt_count": 1,
            "transaction_count": 1,
            "purchase_day_count": 1,
            "last_purchase_date": DAY,
            "contact_cost_amount": 4,
            "service_cost_amount": 4,
        }
    ],
    "marts.customer_priority": [
        {
            "as_of_date": DAY,
            "customer_key": 31,
            "customer_id": "c1",
            "alive_rate": 0.9,
            "churn_band_code": "low",
            "priority_rank": 1,
        }
    ],
    "marts.customer_360": [
        {
            "as_of_date": DAY,
            "customer_key": 31,
            "customer_id": "c1",
            "phone_hash": "0a" * 32,
            "open_case_count": 0,
            "completeness_rate": 0.5,
            "first_action_code": "win_back",
        }
    ],
    "marts.next_best_action": [
        {
            "as_of_date": DAY,
            "customer_key": 31,
            "customer_id": "c1",
            "action_rank": 1,
            "action_code": "win_back",
            "contact_channel": "email",
            "action_value_amount": 4,
        }
    ],
    "marts.service_worklist": [
        {
            "service_week_start_date": date(2017, 3, 5),
            "employee_key": 51,
            "rule_id": "R1",
            "category_name": "Formula",
            "is_ripe": True,
            "eligible_count": 2,
            "issued_count": 1,
            "open_count": 0,
            "completed_count": 1,
            "bought_count": 0,
            "coverage_rate": 0.5,
            "completion_rate": 1,
            "conversion_rate": 0,
        }
    ],
    "marts.customer_value": [
        {
            "month_end_date": date(2017, 3, 31),
            "customer_key": 31,
            "customer_id": "c1",
            "transaction_count": 1,
            "margin_amount": 3,
            "service_cost_amount": 4,
            "contribution_amount": -1,
            "value_index": 85,
            "scored_tier_code": "A",
            "value_tier_code": "A",
        }
    ],
    "marts.btyd_summary": [
        {
            **_CUSTOMER,
            "frequency_count": 2,
            "recency_days": 40,
            "age_days": 100,
            "past_frequency_count": 0,
            "past_recency_days": 0,
            "past_age_days": 9,
            "prior_occasion_count": 1,
            "holdout_occasion_count": 2,
        }
    ],
    "marts.customer_clv": [
        {
            **_CUSTOMER,
            "scored_date": DAY,
            "score_code": "scored",
            "alive_rate": 0.9,
            "expected_3m_occasions": 1,
            "expected_12m_occasions": 4,
            "low_12m_occasions": 1,
            "high_12m_occasions": 8,
            "margin_weight_rate": 0.5,
            "low_clv_12m_amount": 5,
            "high_clv_12m_amount": 50,
        }
    ],
    "meta.model_quality": [
        {
            "model_code": "mbg_nbd",
            "segment_code": "all",
            "measure_code": "r",
            "measure": 0.5,
            "low_measure": 0.4,
            "high_measure": 0.6,
        },
        {
            "model_code": "gamma_gamma",
            "segment_code": "all",
            "measure_code": "fit",
            "missing_reason": "no margin",
        },
    ],
}
"""By table; customer 31 is the one of the other frames."""

BAD: Mapping[str, Sequence[Row]] = {
    "core.fct_customer_day": [
        {},
        {"customer_key": 99, "transaction_count": 9},
        {"customer_id": "c8", "transaction_count": 1},
    ],
    "core.fct_service_cost": [
        {},
        {"customer_key": 99, "activity_name": "gift"},
        {"activity_count": 0, "service_cost_amount": -1, "activity_name": "case"},
    ],
    "marts.customer_360": [
        {},
        {"customer_key": 99, "phone_hash": "+49 30 1234567", "completeness_rate": 2},
        {"action_block_code": "held out"},
    ],
    "marts.next_best_action": [
        {},
        # c87 is held out; c1 objects, among the broken rows.
        {"customer_id": "c87", "customer_key": 99, "action_rank": 3},
    ],
    "marts.service_worklist": [{}, {"employee_key": 99, "issued_count": 3}],
    "marts.clv_curve": [
        {},
        {"tenure_month": 2, "cohort_customer_count": 2},
        {"tenure_month": 1, "cumulative_value_amount": 2, "break_even_tenure_month": 1},
    ],
    "marts.segment_profile": [
        {},
        {"rule_rank": 3, "key_customer_count": 21, "month_end_date": DAY},
    ],
    "marts.retention_economics": [
        {},
        {
            "kept_customer_count": 2,
            "acquisition_cost_amount": 1,
            "retention_cost_amount": 1,
            "other_campaign_cost_amount": 1,
        },
        {"satisfaction_net_correlation": 0.95},
    ],
    "marts.customer_month": [
        {},
        {"customer_key": 99, "case_cost_amount": 1},
        {"transaction_count": 2, "last_purchase_date": None},
    ],
    "marts.customer_priority": [
        {},
        {"customer_key": 99, "priority_rank": 3},
        {"alive_rate": None, "baseline_risk_amount": -1},
    ],
    "marts.customer_value": [
        {},
        {"customer_key": 99, "value_index": 101},
        {"value_index": None, "contribution_amount": 3},
        {
            "month_end_date": date(2017, 4, 30),
            "value_tier_code": "B",
            "scored_tier_code": "B",
            "previous_tier_code": "A",
        },
    ],
    "marts.btyd_summary": [
        {},
        {"customer_key": -1, "recency_days": 101},
        {"frequency_count": 41, "segment_code": None},
        {"past_recency_days": 10, "prior_occasion_count": 2},
        {"holdout_occasion_count": 1},
    ],
    "marts.customer_clv": [
        {},
        {"customer_key": 99, "alive_rate": 2, "margin_weight_rate": 2},
        {"scored_date": date(2017, 2, 1), "low_12m_occasions": 9, "low_clv_12m_amount": 51},
        {"score_code": "held", "expected_3m_occasions": 5},
    ],
    "meta.model_quality": [
        {},
        {"measure_code": "top_decile_capture", "measure": 2, "baseline": 2},
        {"measure_code": "a", "measure": None},
        {"measure_code": "alpha", "measure": 0.9, "low_measure": 0.4, "high_measure": 0.6},
        {"measure_code": "b", "measure": float("inf")},
    ],
}
"""By table: what to change in a good row; an empty change repeats it."""
