"""Frames of the feeds whose suites hold only what loading has not proved: one sound row, one bad.

The sound row is made from the contract: its first allowed code, 1, or the day, for each column
that must be filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

Row = Mapping[str, Any]

CONTRACTS = Path(__file__).parents[3] / "pipelines/feeds/contracts"

DAY = date(2017, 3, 1)
FUTURE = date(2035, 1, 1)

BAD: Mapping[str, Sequence[Row]] = {
    "feeds.pos_transaction": [{"total_gross": 99}],
    "feeds.pos_discount": [{"scope": "basket", "line_seq": 3}],
    "feeds.pos_tender": [{"change_amount": -1}],
    "feeds.register_session": [{"business_date": FUTURE}],
    "feeds.stock_snapshot": [{"reserved": -1}],
    "feeds.stock_movement": [{"movement_type": "receipt", "qty": -1}],
    "feeds.crm_consent": [{"event_date": FUTURE}],
    "feeds.loyalty_event": [{"event_type": "burn", "points": 5}],
    "feeds.crm_lead": [{"probability": 40}],
    "feeds.crm_opportunity": [{"probability": 40}],
    "feeds.campaign_cell": [{"extract_date": FUTURE}],
    "feeds.survey": [{"score": 11, "scale_maximum": 10}],
    "feeds.serial_registration": [{"registered_date": FUTURE}],
    "feeds.service_case": [{"changed_date": FUTURE}],
    "feeds.contact_log": [{"qa_correct": True, "qa_scored": False}],
    "feeds.service_rule": [{"offset_days": 5000}],
    "feeds.alert_subscription": [{"extract_date": FUTURE}],
    "feeds.ar_open_item": [{"amount": 5, "open_amount": 6}],
    "feeds.channel_cost": [{"extract_date": FUTURE}],
    "feeds.cost_of_capital": [{"annual_rate": 8}],
    "feeds.price": [{"to_date": date(2016, 1, 1)}],
    "feeds.supplier": [{"extract_date": FUTURE}],
    "feeds.employee": [{"hired_date": DAY, "left_date": date(2016, 1, 1)}],
    "feeds.labour": [{"hours": 6000}],
    "feeds.target": [{"target_value": -1}],
    "feeds.traffic": [{"half_hour": 48}],
    "feeds.calendar": [{"business_date": date(2050, 1, 1)}],
    "feeds.competitor_price": [{"price": 0}],
    "feeds.partner_stock": [{"business_date": FUTURE}],
    "feeds.partner_sellout": [{"business_date": FUTURE}],
}
"""What breaks each rule, as differences from the sound row."""

_ADDS_UP = {"feeds.pos_transaction": {"total_net": 10, "total_tax": 1, "total_gross": 11}}
"""Amounts that the rules compare with each other."""


def _sound(column: Mapping[str, Any]) -> Any:
    if allowed := column.get("allowed"):
        return allowed[0]
    kinds = {"text": "a", "date": DAY, "timestamp": DAY, "boolean": False}
    return kinds.get(column["type"], 1)


def _sound_row(feed: str) -> Row:
    path = CONTRACTS / f"{feed.removeprefix('feeds.')}.yml"
    columns = yaml.safe_load(path.read_text(encoding="utf-8"))["columns"]
    filled = {c["name"]: _sound(c) for c in columns if c.get("required", True)}
    return {"_file_id": 1, "_line_number": 1, **filled, **_ADDS_UP.get(feed, {})}


GOOD: Mapping[str, Sequence[Row]] = {feed: [_sound_row(feed)] for feed in BAD}
"""Rows that break no rule."""
