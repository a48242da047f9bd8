"""The landing files of the slice: their names, columns and days, and how one is written."""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

DENSE_DAYS = 14

LAST_YEAR = date(2025, 1, 26)
"""First day of two dense weeks; fiscal year 2025 begins in the middle, on 2 February."""

THIS_YEAR = LAST_YEAR + timedelta(days=364)
"""First day of the weeks that are compared with them; they end on 7 February 2026."""

STORES = ("1", "S-2", "Zürich", "Łódź Ⅳ", "new", "no-master")
CLOSED_STORE = "closed"

SALES = (
    "store_id",
    "workstation_id",
    "transaction_seq",
    "line_seq",
    "line_type",
    "void_flag",
    "item_id",
    "qty",
    "uom",
    "extended_amount",
    "line_discount",
    "store_coupon_amount",
    "manufacturer_coupon_amount",
    "tax_amount",
    "unit_cost",
    "sold_at",
    "customer_ref",
    "channel",
    "promotion_id",
    "serial_no",
    "entry_method",
    "gtin",
)

MAPPINGS = {
    "pos_line": ("sales/sales_{business_date}.csv", SALES),
    "item": (
        "items/items_{extract_date}.csv",
        (
            *("item_id", "item_name", "level_1", "level_2", "level_3", "brand"),
            *("is_private_label", "gtin", "pack_size", "season", "climate_tag", "manufacturer_id"),
            *("launch_date", "delist_date"),
        ),
    ),
    "store": (
        "stores/stores_{extract_date}.csv",
        (
            *("store_id", "store_name", "open_date", "selling_area_m2", "cluster", "region"),
            *("format", "district", "climate_zone", "time_zone", "country"),
            *("remodel_date", "close_date"),
        ),
    ),
    "crm_customer": (
        "customers/customers_{extract_ts}.csv",
        (
            *("source_system", "source_customer_id", "op", "customer_type", "birth_date"),
            *("created_ts", "home_store_id", "acquisition_channel", "gender", "country"),
            *("age_band", "income_band", "marital_status", "home_ownership", "household_size"),
            *("household_composition", "children_count", "owner_employee_id"),
        ),
    ),
    "promotion": (
        "promotions/promotions_{extract_date}.csv",
        (
            *("promotion_id", "promotion_name", "mechanic", "start_date", "end_date"),
            *("promotion_type", "display", "ad", "funding"),
        ),
    ),
    "promo_coverage": (
        "coverage/coverage_{from_date}.csv",
        ("promotion_id", "item_id", "store_id", "to_date"),
    ),
    "campaign": (
        "campaigns/campaigns_{extract_date}.csv",
        (
            *("campaign_id", "campaign_name", "start_date", "end_date", "budget", "cost"),
            *("campaign_type", "objective"),
        ),
    ),
    "campaign_touch": (
        "touches/touches_{event_date}.csv",
        ("campaign_id", "cell_id", "customer_ref", "event"),
    ),
    "campaign_cell": (
        "cells/cells_{extract_date}.csv",
        ("campaign_id", "cell_id", "is_control", "promotion_id"),
    ),
    "coupon_redemption": (
        "coupons/coupons_{redeemed_date}.csv",
        ("coupon_code", "customer_ref", "campaign_id"),
    ),
    "crm_consent": (
        "consents/consents_{event_date}.csv",
        ("source_system", "source_customer_id", "purpose", "channel", "event_ts", "status"),
    ),
    "service_rule": (
        "rules/rules_{extract_date}.csv",
        (
            *("rule_id", "event_type", "offset_days", "life_stage", "category", "channel"),
            "instruction",
        ),
    ),
    "contact_log": (
        "contacts/contacts_{contact_date}.csv",
        ("contact_id", "channel", "customer_ref", "answered_ts"),
    ),
    "pos_transaction": (
        "headers/headers_{business_date}.csv",
        (
            *("store_id", "workstation_id", "transaction_seq"),
            *("total_net", "total_tax", "total_gross"),
            *("txn_type", "offline_flag", "loyalty_id"),
        ),
    ),
}
"""By feed: the name of its files, and the columns of the file, named as in the contract."""


def write_file(
    landing: Path, name: str, header: Iterable[str], rows: Iterable[Iterable[str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8")
