"""Rows of households and bridges: some that break no rule, and what breaks each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]

_SPAN = {"valid_from_date": date(2017, 3, 1), "valid_to_date": date(2017, 3, 31)}
_OVERLAP = {"valid_from_date": date(2017, 3, 31), "valid_to_date": date(2017, 3, 1)}


def _household(key: int, household: str, members: int) -> Row:
    return {
        "household_key": key,
        "household_id": household,
        "member_count": members,
        "known_member_count": members,
        "life_stage_code": "unknown",
    }


GOOD: Mapping[str, Sequence[Row]] = {
    "core.dim_household": [
        _household(-1, "unknown", 0),
        _household(-2, "not applicable", 0),
        _household(-3, "erased", 0),
        _household(61, "H1", 1),
    ],
    "core.bridge_household_member": [
        {"household_id": "H1", "customer_id": "P1", "member_role_code": "head", **_SPAN},
    ],
    "core.bridge_account_contact": [
        {
            "account_customer_id": "P8",
            "customer_id": "P9",
            "contact_role_code": "contact",
            **_SPAN,
        }
    ],
    "core.bridge_store_status": [{"store_id": "s1", "status_code": "closed", **_SPAN}],
}

BAD: Mapping[str, Sequence[Row]] = {
    "core.dim_household": [{}, {"known_member_count": 2}],
    "core.bridge_household_member": [_OVERLAP, {"customer_id": "P2"}],
    "core.bridge_account_contact": [_OVERLAP, {"customer_id": "P8"}],
    "core.bridge_store_status": [_OVERLAP, {"closed_reason": "holiday"}],
}
