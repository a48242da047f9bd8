"""Rows of the marts of customer value: some that break no rule, and what breaks each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]

DAY = date(2017, 3, 1)

_CUSTOMER = {"as_of_date": DAY, "customer_key": 31, "customer_id": "c1", "segment_code": "store"}

GOOD: Mapping[str, Sequence[Row]] = {
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
}
"""By table; customer 31 is the one of the other frames."""

BAD: Mapping[str, Sequence[Row]] = {
    "marts.btyd_summary": [
        {},
        {"customer_key": -1, "recency_days": 101},
        {"frequency_count": 41, "segment_code": None},
        {"past_recency_days": 10, "prior_occasion_count": 2},
        {"holdout_occasion_count": 1},
    ],
}
"""By table: what to change in a good row; an empty change repeats it."""
