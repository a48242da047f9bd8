"""Facts beside sales against numbers worked out by hand, from rows in all the feeds they read.

Store N, 2 March 2026, till 1 (receipts 1 to 6, number 5 did not come):

    1 C1  bread 2 = 6.00, soap 4.00; 1.00 off the whole: 0.60 and 0.40 -> 9.00 + 0.90 tax = 9.90
    2 -   training: bread 3.00
    3 C1  soap of receipt 1 returned -4.00, not restocked; paid back by card
    4 -   cancelled: soap 4.00
    6 -   milk 2.00, and a void soap; the header says 3.00, so it does not foot

Net: 9.00 - 4.00 + 2.00 = 7.00; the Z report says 7.00. Store S sells milk for 2.00 on 1 March and
on 3 March, and nothing between.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]

# P and the first sixteen letters that md5sum says of C9
C9 = "Pef59a1297ddfd2f6"

DAY = date(2026, 3, 2)
BEFORE, AFTER = date(2026, 3, 1), date(2026, 3, 3)
TILL = {"store_id": "N", "workstation_id": "1", "business_date": DAY}


def line(receipt: int, number: int, item: str, amount: str, **more: Any) -> dict[str, Any]:
    """One receipt line of the till, a sale of one piece unless said otherwise."""
    return {
        **TILL,
        "transaction_seq": receipt,
        "line_seq": number,
        "line_type": "sale",
        "item_id": item,
        "qty": 1,
        "extended_amount": amount,
        **more,
    }


def header(receipt: int, net: str, tax: str, gross: str, **more: Any) -> dict[str, Any]:
    """The header of a receipt of the till."""
    return {
        **TILL,
        "transaction_seq": receipt,
        "txn_type": "sale",
        "operator_id": "E1",
        "total_net": net,
        "total_tax": tax,
        "total_gross": gross,
        **more,
    }


SOLD_AT = {
    "original_store_id": "N",
    "original_workstation_id": "1",
    "original_business_date": DAY,
    "original_transaction_seq": 1,
}

ROWS: dict[str, list[dict[str, Any]]] = {
    "pos_line": [
        line(1, 1, "bread", "6.00", qty=2, customer_ref="C1", unit_cost="1"),
        line(1, 2, "soap", "4.00", customer_ref="C1", unit_cost="1", entry_method="keyed"),
        line(2, 1, "bread", "3.00"),
        line(3, 1, "soap", "4.00", line_type="return", customer_ref="C1", unit_cost="1",
             restock_flag=False, return_reason="broken", **SOLD_AT),
        line(4, 1, "soap", "4.00"),
        line(6, 1, "milk", "2.00"),
        line(6, 2, "soap", "4.00", void_flag=True),
        line(1, 1, "milk", "2.00", store_id="S", business_date=BEFORE),
        line(1, 1, "milk", "2.00", store_id="S", business_date=AFTER),
    ],
    "pos_transaction": [
        header(1, "9.00", "0.90", "9.90", loyalty_id="L1", offline_flag=True),
        header(2, "3.00", "0", "3.00", training_flag=True),
        header(3, "-4.00", "0", "-4.00", txn_type="return"),
        header(4, "4.00", "0", "4.00", cancel_flag=True),
        header(6, "3.00", "0", "3.00"),
    ],
    "pos_discount": [
        {**TILL, "transaction_seq": 1, "line_seq": 0, "mod_seq": 1, "scope": "basket",
         "amount": "1.00"},
        {**TILL, "transaction_seq": 1, "line_seq": 2, "mod_seq": 1, "scope": "line",
         "method": "override", "amount": "0"},
    ],
    "pos_tender": [
        {**TILL, "transaction_seq": 1, "tender_seq": 1, "tender_type": "cash", "amount": "20",
         "change_amount": "10.10"},
        {**TILL, "transaction_seq": 2, "tender_seq": 1, "tender_type": "cash", "amount": "3"},
        {**TILL, "transaction_seq": 3, "tender_seq": 1, "tender_type": "card", "amount": "-4",
         "is_refund": True},
        {**TILL, "transaction_seq": 6, "tender_seq": 1, "tender_type": "card", "amount": "3"},
    ],
    "register_session": [
        {**TILL, "session_no": 1, "expected_amount": "109.90", "counted_amount": "108.90",
         "z_total_net": "7.00"},
    ],
    "stock_snapshot": [
        {"location_id": "N", "item_id": "soap", "business_date": BEFORE, "on_hand": 10,
         "unit_cost": "1"},
        {"location_id": "N", "item_id": "soap", "business_date": DAY, "on_hand": 8,
         "unit_cost": "1"},
        {"location_id": "DEPOT", "item_id": "soap", "business_date": DAY, "on_hand": 50},
    ],
    "stock_movement": [
        {"movement_id": "V1", "location_id": "N", "item_id": "soap", "business_date": DAY,
         "movement_type": "sale", "qty": -1, "unit_cost": "1", "supplier_id": "X"},
    ],
    "ar_open_item": [
        {"document_no": "D1", "line_no": 1, "extract_date": DAY, "customer_ref": "C9",
         "document_type": "invoice", "posted_date": BEFORE, "due_date": BEFORE, "amount": "5",
         "open_amount": "5"},
    ],
    "target": [
        {"store_id": "N", "metric": "net_sales", "business_date": DAY, "target_value": "10"},
    ],
    # One is answered after 15 seconds and solves a case; the other hangs up and tells nothing else.
    "contact_log": [
        {"contact_id": "K1", "contact_date": DAY, "channel": "call", "queue": "warranty",
         "customer_ref": "C1", "agent_id": "E1", "start_ts": "2026-03-02 10:00:00",
         "answered_ts": "2026-03-02 10:00:15", "queued_s": 15, "talk_s": 60, "hold_s": 5,
         "wrap_s": 10, "qa_scored": True, "qa_correct": False, "case_id": "CS1"},
        {"contact_id": "K2", "contact_date": DAY, "channel": "call", "abandoned": True},
    ],
    "survey": [
        {"response_id": "A1", "response_date": DAY, "customer_ref": "C1", "survey": "nps",
         "question": "recommend", "score": 9, "scale_maximum": 10, "wallet_spend_total": "100"},
        {"response_id": "A2", "response_date": DAY, "survey": "csat", "question": "case",
         "score": 1, "scale_maximum": 5, "told_count": 7, "case_id": "CS1"},
    ],
    "traffic": [
        {"store_id": "N", "business_date": DAY, "half_hour": 20, "count_in": 7, "count_out": 5},
        {"store_id": "N", "business_date": DAY, "half_hour": 21, "count_in": 0, "count_out": 0,
         "sensor_ok": False},
    ],
    "labour": [
        {"store_id": "N", "department": "*", "business_date": DAY, "hours": "7.5", "cost": "90"},
        {"store_id": "N", "department": "till", "business_date": DAY, "hours": "4"},
    ],
    "competitor_price": [
        {"competitor": "rival", "item_id": "soap", "store_id": "*", "observed_date": DAY,
         "price": "4.40", "is_promotion": True},
        {"competitor": "rival", "item_id": "soap", "store_id": "N", "observed_date": DAY,
         "price": "4.2"},
    ],
    "partner_stock": [
        {"partner_id": "D1", "item_id": "soap", "business_date": DAY, "on_hand": "28"},
    ],
    "partner_sellout": [
        {"partner_id": "D1", "item_id": "soap", "business_date": DAY, "qty": "2.5",
         "amount": "11.25"},
        {"partner_id": "D1", "item_id": "soap", "business_date": AFTER, "qty": "-1"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(build_marts: Callable[..., Iterator[Query]]) -> Iterator[Query]:
    """The warehouse of the rows above, without marts."""
    models = [
        "fct_returns", "fct_payments", "fct_register_session", "fct_pos_exception",
        "fct_stock_movement", "fct_receivable_snapshot", "fct_target", "stock_ledger",
        "fct_contact", "fct_survey_response", "fct_traffic", "fct_labour", "fct_competitor_price",
        "fct_partner_stock", "fct_partner_sellout",
        "audit_measure", "missing_store_day", "unknown_member", "dim_transaction_profile",
    ]  # fmt: skip
    yield from build_marts(ROWS, models=models)


def test_sales_are_net_of_basket_discounts_and_of_receipts_that_do_not_count(
    warehouse: Query,
) -> None:
    rows = warehouse(
        """
        select receipt_id, line_number, gross_amount, basket_discount_amount, net_amount,
            cost_amount
        from core.fct_sales where business_date = ? order by 1, 2
        """,
        DAY,
    )
    assert rows == [
        ("N-1-2026-03-02-1", 1, Decimal(6), Decimal("0.60"), Decimal("5.40"), Decimal(2)),
        ("N-1-2026-03-02-1", 2, Decimal(4), Decimal("0.40"), Decimal("3.60"), Decimal(1)),
        # not restocked, so no cost comes back
        ("N-1-2026-03-02-3", 1, Decimal(-4), Decimal(0), Decimal(-4), Decimal(0)),
        ("N-1-2026-03-02-6", 1, Decimal(2), Decimal(0), Decimal(2), None),
    ]


def test_each_line_has_the_profile_that_its_till_and_header_told(warehouse: Query) -> None:
    rows = warehouse(
        """
        select receipt_id, line_number, profile.* exclude (transaction_profile_key)
        from core.fct_sales
        inner join core.dim_transaction_profile as profile using (transaction_profile_key)
        order by 1, 2
        """
    )
    assert rows == [
        ("N-1-2026-03-02-1", 1, "store", "sale", "unknown", True, False, True),
        ("N-1-2026-03-02-1", 2, "store", "sale", "keyed", True, True, True),
        ("N-1-2026-03-02-3", 1, "store", "return", "unknown", False, False, False),
        ("N-1-2026-03-02-6", 1, "store", "sale", "unknown", False, False, False),
        # store S delivers no headers
        ("S-1-2026-03-01-1", 1, "store", "unknown", "unknown", None, False, None),
        ("S-1-2026-03-03-1", 1, "store", "unknown", "unknown", None, False, None),
    ]
    assert warehouse("select count(*) from core.dim_transaction_profile") == [(5,)]


def test_what_the_till_did_not_sell_is_an_exception(warehouse: Query) -> None:
    assert warehouse(
        "select receipt_id, exception_code, line_number, employee_id, exception_amount "
        "from core.fct_pos_exception order by 1"
    ) == [
        ("N-1-2026-03-02-1", "override", 2, "E1", Decimal(0)),
        ("N-1-2026-03-02-2", "training", 0, "E1", Decimal(3)),
        ("N-1-2026-03-02-4", "cancelled", 0, "E1", Decimal(4)),
        ("N-1-2026-03-02-6", "void_line", 2, "E1", Decimal(4)),
    ]


def test_a_return_knows_its_sale_and_how_it_was_paid_back(warehouse: Query) -> None:
    assert warehouse(
        "select returns_amount, restocked_quantity, return_reason_code, is_matched, "
        "original_line_number, return_days, refund_tender_code from core.fct_returns"
    ) == [(Decimal(4), Decimal(0), "broken", True, 2, 0, "card")]


def test_a_receipt_that_does_not_foot_is_named_and_fails_its_check(warehouse: Query) -> None:
    assert warehouse(
        "select counted_receipt_count, unfooted_receipt_count, footing_difference_amount, "
        "unpaid_receipt_count, first_unfooted_receipt_id from meta.receipt_footing"
    ) == [(3, 1, Decimal(1), 0, "N-1-2026-03-02-6")]
    assert warehouse(
        "select check_code, failed_count, measured_count, verdict_code "
        "from meta.audit_measure order by 1"
    ) == [
        ("receipt_lines", 1, 3, "failure"),
        ("receipt_tenders", 0, 3, "ok"),
        ("register_days", 0, 1, "ok"),
        # 10 - 1 is 9, but 8 lie there
        ("stock_ledger", 1, 1, "failure"),
        # number 5 of 1 to 6
        ("transaction_numbers", 1, 6, "failure"),
    ]


def test_a_drawer_and_its_day_are_compared_with_what_was_sold(warehouse: Query) -> None:
    assert warehouse("select drawer_difference_amount from core.fct_register_session") == [
        (Decimal(-1),)
    ]
    assert warehouse(
        "select net_amount, z_total_amount, is_footed, missing_transaction_count "
        "from meta.register_day"
    ) == [(Decimal(7), Decimal(7), True, 1)]


def test_the_store_day_that_did_not_come_is_told(warehouse: Query) -> None:
    """N traded on 2 March alone: what lies before its first day is not expected of it."""
    assert warehouse("select store_id, business_date from meta.missing_store_day order by 1") == [
        ("N", AFTER),
        ("S", DAY),
    ]


def test_members_that_only_new_facts_name_are_inferred(warehouse: Query) -> None:
    for table, name, member in [
        ("dim_store", "store_id", "DEPOT"),
        ("dim_customer", "customer_id", C9),
        ("dim_supplier", "supplier_id", "X"),
        ("dim_employee", "employee_id", "E1"),
    ]:
        assert warehouse(f"select is_inferred from core.{table} where {name} = ?", member) == [
            (True,)
        ]


def test_stock_and_its_ledger_agree_with_the_movements(warehouse: Query) -> None:
    assert warehouse(
        "select from_date, to_date, on_hand_quantity, residual_quantity, stock_cost_amount "
        "from core.fct_inventory_snapshot where store_id = 'N' order by 1"
    ) == [
        (BEFORE, BEFORE, Decimal(10), None, Decimal(10)),
        (DAY, DAY, Decimal(8), Decimal(1), Decimal(8)),
    ]
    assert warehouse(
        "select movement_quantity, movement_cost_amount from core.fct_stock_movement"
    ) == [(Decimal(-1), Decimal(-1))]


def test_a_contact_is_measured_as_far_as_it_went(warehouse: Query) -> None:
    assert warehouse(
        """
        select contact_id, employee_id, queue_name, is_answered, is_abandoned, queued_seconds,
            talk_seconds + hold_seconds + wrap_seconds, is_quality_scored, is_quality_correct,
            customer_key > 0
        from core.fct_contact order by 1
        """
    ) == [
        ("K1", "E1", "warranty", True, False, 15, 75, True, False, True),
        ("K2", "unknown", None, False, True, None, None, False, None, False),
    ]


def test_answers_keep_their_scale(warehouse: Query) -> None:
    assert warehouse(
        """
        select response_id, answer_score, scale_maximum_score, told_count, wallet_spend_amount,
            case_id, customer_key > 0
        from core.fct_survey_response order by 1
        """
    ) == [("A1", 9, 10, None, Decimal(100), None, True), ("A2", 1, 5, 7, None, "CS1", False)]


def test_visitors_hours_and_targets_belong_to_their_store(warehouse: Query) -> None:
    (key,) = warehouse("select store_key from core.dim_store where store_id = 'N'")
    assert warehouse(
        "select store_key, half_hour_number, visitor_in_count, visitor_out_count, is_sensor_sound "
        "from core.fct_traffic order by 2"
    ) == [(*key, 20, 7, 5, True), (*key, 21, 0, 0, False)]
    assert warehouse(
        "select store_key, labour_department, hour_quantity, labour_cost_amount "
        "from core.fct_labour order by 2"
    ) == [(*key, "*", Decimal("7.5"), Decimal(90)), (*key, "till", Decimal(4), None)]
    assert warehouse(
        "select store_key, metric_code, business_date, target_amount from core.fct_target"
    ) == [(*key, "net_sales", DAY, Decimal(10))]


def test_rivals_and_partners_are_told_of_an_item_on_a_day(warehouse: Query) -> None:
    (key,) = warehouse("select product_key from core.dim_product where product_id = 'soap'")
    assert warehouse(
        "select product_key, store_id, price_amount, is_promotion "
        "from core.fct_competitor_price order by 2"
    ) == [(*key, "N", Decimal("4.2"), None), (*key, "not applicable", Decimal("4.4"), True)]
    assert warehouse(
        "select product_key, partner_id, partner_on_hand_quantity from core.fct_partner_stock"
    ) == [(*key, "D1", Decimal(28))]
    assert warehouse(
        "select product_key, business_date, sellout_quantity, sellout_amount "
        "from core.fct_partner_sellout order by 2"
    ) == [(*key, DAY, Decimal("2.5"), Decimal("11.25")), (*key, AFTER, Decimal(-1), None)]


def test_unknown_members_are_counted_and_few_lines_break_no_limit(warehouse: Query) -> None:
    """Of 6 sales lines 3 name no customer; all 4 items are inferred, since no master came."""
    assert warehouse(
        "select dimension_name, member_row_count, unknown_row_count, inferred_row_count, "
        "is_within_limit from meta.unknown_member where table_name = 'core.fct_sales' order by 1"
    ) == [
        ("customer", 6, 3, 3, True),
        ("employee", 6, 6, 0, True),
        ("product", 6, 0, 6, True),
    ]
