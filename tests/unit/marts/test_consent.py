"""Consent as of a moment, asked as docs/privacy.md says, and who is left out of scores.

Anna (A) allows mails on 1 March at 9, withdraws on the 2nd at 12 and allows them again on the 4th.
Ben (B) allows text messages only, and his leave expires on the 3rd. Carl (C) never said anything.
Anna objects to profiling in the app; Ben's objection was taken back.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from pipelines.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]


def event(customer: str, purpose: str, channel: str, moment: str, status: str) -> dict[str, Any]:
    """One statement of a customer."""
    return {
        "source_system": "crm",
        "source_customer_id": customer,
        "purpose": purpose,
        "channel": channel,
        "event_ts": moment,
        "event_date": moment[:10],
        "status": status,
    }


def bought(customer: str, receipt: int) -> dict[str, Any]:
    """A loaf of bread."""
    return {
        "store_id": "N",
        "workstation_id": "1",
        "business_date": "2026-03-02",
        "transaction_seq": receipt,
        "line_seq": 1,
        "line_type": "sale",
        "item_id": "bread",
        "qty": 1,
        "extended_amount": "2.00",
        "customer_ref": customer,
    }


ROWS = {
    "pos_line": [bought("A", 1), bought("B", 2), bought("C", 3)],
    "crm_consent": [
        event("A", "marketing", "email", "2026-03-01 09:00:00", "granted"),
        event("A", "marketing", "email", "2026-03-02 12:00:00", "withdrawn"),
        event("A", "marketing", "email", "2026-03-04 00:00:00", "granted"),
        event("B", "marketing", "sms", "2026-03-01 09:00:00", "granted"),
        event("B", "marketing", "sms", "2026-03-03 00:00:00", "expired"),
        event("A", "profiling", "app", "2026-03-01 09:00:00", "withdrawn"),
        event("B", "profiling", "app", "2026-03-01 09:00:00", "withdrawn"),
        event("B", "profiling", "app", "2026-03-02 09:00:00", "granted"),
    ],
}


@pytest.fixture(scope="module")
def ask(build_marts: Callable[..., Iterator[Query]]) -> Iterator[Query]:
    """Ask the warehouse that is built from these rows."""
    yield from build_marts(ROWS, models=["rfm", "btyd_summary"])


def documented_query() -> str:
    """The query that docs/privacy.md shows."""
    text = (PROJECT_ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return str(query)


@pytest.mark.parametrize(
    ("customer", "moment", "channel", "expected"),
    [
        ("A", "2026-03-01 08:59:59", "email", False),
        ("A", "2026-03-01 09:00:00", "email", True),
        ("A", "2026-03-02 11:59:59", "email", True),
        ("A", "2026-03-02 12:00:00", "email", False),
        ("A", "2026-03-04 00:00:00", "email", True),
        ("A", "2026-03-04 00:00:00", "sms", False),
        ("B", "2026-03-02 00:00:00", "sms", True),
        ("B", "2026-03-02 00:00:00", "email", False),
        ("B", "2026-03-03 00:00:00", "sms", False),
        ("C", "2026-03-05 00:00:00", "email", False),
    ],
)
def test_a_customer_may_be_mailed_only_while_a_leave_stands(
    ask: Query, customer: str, moment: str, channel: str, expected: bool
) -> None:
    query = documented_query().replace("'email'", f"'{channel}'")
    audience = (
        "with audience as (select 'P' || left(md5(?), 16) as customer_id, "
        "?::timestamp as planned_at)"
    )
    assert ask(f"{audience} {query}", customer, datetime.fromisoformat(moment)) == [(expected,)]


def test_who_objects_to_profiling_has_no_score(ask: Query) -> None:
    for mart in ("rfm", "btyd_summary"):
        scored = ask(f"select customer_id from marts.{mart}")
        assert set(scored) == set(ask("select 'P' || left(md5(unnest(['B', 'C'])), 16)")), mart
