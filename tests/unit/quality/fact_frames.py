"""Frames of the facts, dimensions and audits beside sales: rows that break no rule, and bad ones.

A bad row is written as the difference from the last good row of its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

Row = Mapping[str, Any]

DAY = date(2017, 3, 1)
NEXT_DAY = date(2017, 3, 2)
_CONSENT = {
    "customer_id": "c1",
    "consent_purpose": "marketing",
    "consent_channel": "email",
    "consent_status": "granted",
    "is_granted": True,
}

GOOD: Mapping[str, Sequence[Row]] = {
    "core.fct_payments": [
        {
            "store_key": 11,
            "business_date": DAY,
            "receipt_id": "r",
            "tender_number": 1,
            "tender_code": "cash",
            "tendered_amount": 10,
            "change_amount": 2,
            "paid_amount": 8,
        }
    ],
    "core.fct_register_session": [{"store_key": 11, "business_date": DAY, "session_number": 1}],
    "core.fct_returns": [
        {
            "store_key": 11,
            "product_key": 21,
            "customer_key": 31,
            "business_date": DAY,
            "receipt_id": "s1-t1-2017-03-01-9",
            "line_number": 1,
            "return_reason_code": "unknown",
            "returned_quantity": 1,
            "restocked_quantity": 1,
            "returns_amount": 0,
            "is_matched": False,
        }
    ],
    "core.fct_pos_exception": [
        {
            "store_key": 11,
            "employee_key": -1,
            "business_date": DAY,
            "receipt_id": "s1-t1-2017-03-01-7",
            "exception_code": "training",
            "line_number": 0,
            "modifier_number": 0,
        }
    ],
    "core.fct_inventory_snapshot": [
        {
            "store_key": 11,
            "product_key": 21,
            "store_id": "s1",
            "from_date": DAY,
            "fiscal_period_start_date": DAY,
            "to_date": DAY,
            "is_snapshot_missing": False,
            "on_hand_quantity": 1,
        }
    ],
    "core.fct_stock_day": [
        {
            "store_id": "s1",
            "business_date": DAY,
            "fiscal_period_start_date": DAY,
            "item_count": 1,
            "ranged_item_count": 1,
            "stock_out_item_count": 0,
            "on_hand_quantity": 1,
        }
    ],
    "core.fct_stock_movement": [
        {
            "store_key": 11,
            "product_key": 21,
            "supplier_key": -1,
            "business_date": DAY,
            "movement_id": "v1",
        }
    ],
    "core.fct_price": [{"store_key": 11, "product_key": 21, "valid_from_date": DAY}],
    "core.fct_traffic": [{"store_key": 11, "business_date": DAY, "half_hour_number": 18}],
    "core.fct_receivable_snapshot": [
        {
            "customer_key": 31,
            "snapshot_date": DAY,
            "overdue_amount": 0,
            "overdue_1_30_days_amount": 0,
            "overdue_31_60_days_amount": 0,
            "overdue_61_90_days_amount": 0,
            "overdue_over_90_days_amount": 0,
        }
    ],
    "core.fct_service_case": [
        {
            "store_key": 11,
            "product_key": 21,
            "customer_key": 31,
            "employee_key": -1,
            "case_opened_date": DAY,
            "case_id": "k1",
            "case_type_code": "complaint",
            "reason_code": "unknown",
            "opened_case_at": DAY,
        }
    ],
    "core.fct_contact": [
        {
            "customer_key": 31,
            "employee_key": -1,
            "contact_date": DAY,
            "contact_id": "t1",
            "contact_channel": "call",
        }
    ],
    "core.fct_interaction": [
        {"customer_key": 31, "employee_key": -1, "interaction_date": DAY, "interaction_id": "i1"}
    ],
    "core.dim_service_rule": [
        {"rule_id": "R1", "valid_from_date": DAY, "valid_to_date": date(9999, 12, 31)}
    ],
    "core.fct_service_instruction": [
        {
            "customer_key": 31,
            "customer_id": "c1",
            "rule_id": "R1",
            "event_kind_code": "case",
            "service_event_date": DAY,
            "service_due_date": date(2017, 3, 7),
            "service_week_start_date": date(2017, 3, 5),
            "employee_key": 51,
            "service_channel": "email",
            "is_issued": True,
            "completed_date": date(2017, 3, 6),
        }
    ],
    "core.dim_consent": [
        {**_CONSENT, "valid_from_at": DAY, "valid_to_at": NEXT_DAY, "is_current": False},
        {**_CONSENT, "valid_from_at": NEXT_DAY, "is_current": True},
    ],
    "core.dim_customer_contact": [
        {
            "customer_id": "c1",
            "source_system": "crm",
            "source_customer_ref": "c1",
            "email_hash": "0a" * 32,
        },
        {
            "customer_id": "c1",
            "source_system": "shop",
            "source_customer_ref": "c1",
            "email_hash": "0a" * 32,
            "phone_hash": "9f" * 32,
        },
    ],
    "core.fct_survey_response": [{"customer_key": 31, "response_date": DAY, "response_id": "a1"}],
    "core.fct_campaign_cost": [
        {
            "campaign_key": 41,
            "business_date": DAY,
            "campaign_id": "m1",
            "campaign_day_cost_amount": 5,
        }
    ],
    "core.fct_sales_pipeline": [
        {
            "customer_key": 31,
            "employee_key": -1,
            "campaign_key": 41,
            "lead_date": DAY,
            "pipeline_id": "lead-1",
            "pipeline_stage_code": "lead",
        }
    ],
    "core.fct_asset_lifecycle": [
        {"product_key": 21, "customer_key": 31, "serial_ref": "7", "repair_count": 0}
    ],
    "core.fct_repair": [
        {
            "store_key": 11,
            "product_key": 21,
            "customer_key": 31,
            "case_opened_date": DAY,
            "case_id": "k2",
        }
    ],
    "core.fct_loyalty": [
        {
            "customer_key": 31,
            "event_date": DAY,
            "loyalty_event_id": "e1",
            "point_balance_quantity": 1,
        }
    ],
    "core.fct_partner_stock": [{"product_key": 21, "business_date": DAY, "partner_id": "d1"}],
    "core.fct_partner_sellout": [{"product_key": 21, "business_date": DAY, "partner_id": "d1"}],
    "core.fct_competitor_price": [
        {"store_key": 11, "product_key": 21, "observed_date": DAY, "competitor_name": "x"}
    ],
    "core.fct_target": [{"store_key": 11, "business_date": DAY, "metric_code": "margin"}],
    "core.fct_labour": [{"store_key": 11, "business_date": DAY, "labour_department": "*"}],
    "core.dim_employee": [
        {"employee_key": -1, "employee_id": "unknown", "is_inferred": False},
        {"employee_key": -2, "employee_id": "not applicable", "is_inferred": False},
        {"employee_key": 51, "employee_id": "x", "is_inferred": False},
    ],
    "core.dim_supplier": [
        {"supplier_key": -1, "supplier_id": "unknown", "is_inferred": False},
        {"supplier_key": -2, "supplier_id": "not applicable", "is_inferred": False},
        {"supplier_key": 51, "supplier_id": "x", "is_inferred": False},
    ],
    "core.dim_tender": [
        {"tender_code": "cash"},
        {"tender_code": "mixed"},
        {"tender_code": "unknown"},
    ],
    "core.dim_channel": [{"channel_code": "store"}, {"channel_code": "call"}],
    "core.dim_transaction_profile": [
        {
            "transaction_profile_key": 71,
            "channel": "store",
            "transaction_type": "sale",
            "entry_method": "scanned",
            "is_offline": False,
            "is_overridden": False,
            "is_loyalty_present": True,
        }
    ],
    "core.dim_price_band": [
        {"price_band_code": "unknown"},
        {"price_band_code": "0.00", "from_price_amount": 0, "to_price_amount": 1},
        {"price_band_code": "1.00", "from_price_amount": 1},
    ],
    "core.dim_return_reason": [{"return_reason_code": "unknown"}],
    "core.dim_case_reason": [{"reason_code": "unknown"}],
    "core.dim_territory": [{"territory_id": "unknown"}],
    "core.dim_department": [{"department_id": "unknown"}],
    "core.dim_lifecycle_stage": [
        {"lifecycle_stage_code": "unknown"},
        {"lifecycle_stage_code": "new", "lifecycle_stage_number": 2},
    ],
    "core.dim_time": [{"half_hour_number": 18}],
    "core.dim_campaign_cell": [
        {"campaign_cell_key": 61, "campaign_cell_id": "m1|a", "campaign_key": 41}
    ],
    "meta.audit_measure": [
        {
            "check_code": "receipt_lines",
            "measured_date": DAY,
            "failed_count": 0,
            "measured_count": 5,
            "warning_rate": 0,
            "failure_rate": 0.1,
            "verdict_code": "ok",
        }
    ],
    "meta.unknown_member": [
        {
            "table_name": "core.fct_sales",
            "dimension_name": "product",
            "unknown_row_count": 0,
            "inferred_row_count": 0,
            "member_row_count": 5,
            "unknown_rate": 0,
            "max_unknown_rate": 0.1,
            "is_within_limit": True,
        }
    ],
    "meta.receipt_footing": [
        {
            "store_id": "s1",
            "business_date": DAY,
            "unfooted_receipt_count": 0,
            "unpaid_receipt_count": 0,
        }
    ],
    "meta.register_day": [
        {"store_id": "s1", "workstation_id": "t1", "business_date": DAY, "is_footed": True}
    ],
    "meta.stock_ledger": [
        {
            "store_id": "s1",
            "fiscal_period_start_date": DAY,
            "item_day_count": 5,
            "residual_item_day_count": 0,
            "residual_total_quantity": 0,
        }
    ],
    "meta.missing_store_day": [],
    "meta.store_day_volume": [
        {
            "store_id": "s1",
            "business_date": DAY,
            "line_count": 90,
            "lowest_line_count": 60,
            "highest_line_count": 140,
        }
    ],
    "meta.erasure": [
        {
            "request_id": "E000001",
            "requested_date": DAY,
            "erased_date": DAY,
            "erasure_status": "erased",
            "changed_table_count": 1,
            "changed_row_count": 1,
            "rewritten_file_count": 1,
            "removed_build_count": 1,
            "backup_expiry_date": DAY,
        }
    ],
    "meta.identity_decision": [
        {"decision_number": 1, "decision_code": "merge", "is_latest": True, "is_followed": True}
    ],
    "meta.access_log": [
        {
            "access_id": "A000001",
            "accessed_at": datetime(2017, 3, 1),
            "access_name": "export",
            "shown_table_count": 1,
            "shown_row_count": 1,
        }
    ],
    "meta.coded_line": [],
    "meta.doubtful_line": [
        {
            "receipt_id": "s1-t1-2017-03-01-1",
            "line_number": 1,
            "doubt_code": "no_price",
        }
    ],
    "meta.retention_log": [
        {
            "feed_code": "pos_line",
            "country_code": "DE",
            "fiscal_week_start_date": date(2015, 12, 20),
            "purged_row_count": 2,
            "held_row_count": 0,
            "as_of_date": DAY,
        }
    ],
    "meta.retention_status": [
        {
            "entity_code": "sales",
            "country_code": "*",
            "detail_weeks": 54,
            "legal_basis": "tax",
            "kept_from_date": date(2016, 2, 14),
        }
    ],
    "meta.late_file": [
        {
            "feed_code": "pos_line",
            "file_name": "f.csv",
            "last_date": DAY,
            "late_day_count": 1,
            "is_beyond_late_days": False,
        }
    ],
}
"""Rows that break no rule. Columns that are left out are NULL."""

BAD: Mapping[str, Sequence[Row]] = {
    "core.fct_payments": [{"store_key": 99}, {"paid_amount": 9}],
    "core.fct_register_session": [{"store_key": 99}],
    "core.fct_returns": [{"store_key": 99}, {"returns_amount": 4}, {"restocked_quantity": 2}],
    "core.fct_pos_exception": [{"store_key": 99}, {"receipt_id": "s1-t1-2017-03-01-1"}],
    "core.fct_inventory_snapshot": [{"store_key": 99}, {"is_snapshot_missing": True}],
    "core.fct_stock_day": [{}, {"store_id": "s9", "stock_out_item_count": 2}],
    "core.fct_stock_movement": [{"store_key": 99}],
    "core.fct_price": [{"store_key": 99}, {"valid_to_date": date(2016, 1, 1)}],
    "core.fct_traffic": [{"store_key": 99}],
    "core.fct_receivable_snapshot": [{"customer_key": 99}, {"overdue_amount": 5}],
    "core.fct_service_case": [{"store_key": 99}, {"resolved_at": date(2016, 1, 1)}],
    "core.fct_contact": [{"customer_key": 99}],
    "core.fct_interaction": [{"customer_key": 99}],
    "core.dim_service_rule": [{}, {"valid_from_date": NEXT_DAY}],
    "core.fct_service_instruction": [
        {},
        {"customer_key": 99, "customer_id": "c2", "event_kind_code": "life event"},
        {"service_week_start_date": DAY, "completed_date": DAY - timedelta(days=1)},
    ],
    "core.dim_consent": [
        {},
        {"is_current": True, "valid_to_at": None},
        {"consent_purpose": "profiling", "consent_status": "withdrawn", "is_granted": False},
    ],
    "core.dim_customer_contact": [{}, {"email_hash": "kim@example.org"}],
    "core.fct_survey_response": [{"customer_key": 99}],
    "core.fct_campaign_cost": [{"campaign_key": 99}, {"campaign_day_cost_amount": 6}],
    "core.fct_sales_pipeline": [{"customer_key": 99}, {"pipeline_stage_code": "other"}],
    "core.fct_asset_lifecycle": [{"product_key": 99}, {"repair_count": -1}],
    "core.fct_repair": [{"store_key": 99}],
    "core.fct_loyalty": [{"customer_key": 99}, {"point_balance_quantity": -1}],
    "core.fct_partner_stock": [{"product_key": 99}],
    "core.fct_partner_sellout": [{"product_key": 99}],
    "core.fct_competitor_price": [{"store_key": 99}],
    "core.fct_target": [{"store_key": 99}],
    "core.fct_labour": [{"store_key": 99}],
    "core.dim_employee": [{}, {"is_inferred": None}],
    "core.dim_supplier": [{}, {"is_inferred": None}],
    "core.dim_tender": [{}],
    "core.dim_channel": [{}],
    "core.dim_transaction_profile": [{}, {"transaction_profile_key": 72}],
    "core.dim_price_band": [{}],
    "core.dim_return_reason": [{}],
    "core.dim_case_reason": [{"owner_department": "quality"}],
    "core.dim_territory": [{}],
    "core.dim_department": [{}],
    "core.dim_lifecycle_stage": [{}],
    "core.dim_time": [{}, {"half_hour_number": 48}],
    "core.dim_campaign_cell": [{}, {"campaign_key": 99}],
    "meta.audit_measure": [{"failed_count": 1}],
    "meta.unknown_member": [
        {"is_within_limit": False},
        {"member_row_count": 400, "unknown_row_count": 1, "inferred_row_count": 1},
    ],
    "meta.receipt_footing": [{"unfooted_receipt_count": 1}],
    "meta.register_day": [{"missing_transaction_count": 1}, {"clock_back_count": 1}],
    "meta.stock_ledger": [{"residual_item_day_count": 9}],
    "meta.late_file": [{"late_day_count": 0}, {"is_beyond_late_days": True}],
    "meta.erasure": [{"backup_expiry_date": date(2016, 1, 1)}],
    "meta.identity_decision": [{"is_followed": False}],
    "meta.access_log": [{"shown_row_count": 0}],
    "meta.missing_store_day": [{"store_id": "s1", "business_date": DAY}],
    "meta.store_day_volume": [{"line_count": 59}, {"line_count": 141}],
    "meta.coded_line": [{"line_number": 1}],
    "meta.doubtful_line": [{"doubt_code": "above_usual"}],
    "meta.retention_log": [{"fiscal_week_start_date": DAY}],
    "meta.retention_status": [{"legal_basis": None}],
}
"""What breaks each rule."""
