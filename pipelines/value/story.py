"""A customer's story in words, from the marts of a build: worth, reasons, changes, what next."""

from collections.abc import Iterable
from typing import Any

import duckdb

_CUSTOMERS = """
select distinct customer_id
from core.xref_customer_identity
where
    unlinked_at is null
    and (
        customer_id = $name
        or source_id = $name
        or source_system || ':' || source_id = $name
    )
union
select customer_id from core.dim_customer where customer_id = $name and customer_key > 0
order by customer_id
"""

_SEEN = "select * from marts.customer_360 where customer_id = ?"

_VALUES = """
select *, 'to ' || month_end_date as months
from marts.customer_value
where customer_id = ?
order by month_end_date desc
limit 2
"""

_STAGES = """
select lifecycle_stage_code, previous_stage_code, valid_from_date, next_change_date
from marts.customer_lifecycle
where customer_id = ? and is_current
"""

_LIMITS = """
select score_code, score_reason, clv_12m_amount, low_clv_12m_amount, high_clv_12m_amount
from marts.customer_clv
where customer_id = ?
"""

_ACTIONS = """
select action_name, contact_channel, action_reason, action_value_amount
from marts.next_best_action
where customer_id = ?
order by action_rank
"""

Row = dict[str, Any]


class UnknownCustomer(Exception):
    """The build knows nobody by such a number."""


def tell(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Lines about every customer that a number means.

    Args:
        connection: A connection on a published build.
        name: A customer id, a source's own number, or SYSTEM:ID.

    Raises:
        UnknownCustomer: When the build knows nobody by it.
    """
    customers = _rows(connection, _CUSTOMERS, {"name": name})
    if not customers:
        raise UnknownCustomer(f"the published build knows no customer {name!r}")
    return [
        line for customer in customers for line in _of_customer(connection, customer["customer_id"])
    ]


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: Any) -> list[Row]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _of_customer(connection: duckdb.DuckDBPyConnection, customer: str) -> Iterable[str]:
    for seen in _rows(connection, _SEEN, [customer]):
        yield (
            f"customer {customer}, {seen['customer_type'] or 'of unknown type'}, "
            f"as of {seen['as_of_date']}"
        )
        values = _rows(connection, _VALUES, [customer])
        yield from _value(values)
        yield from _lifetime(_rows(connection, _LIMITS, [customer]))
        yield from _changes(values, _rows(connection, _STAGES, [customer]), seen)
        yield from _next(seen, _rows(connection, _ACTIONS, [customer]))


def _value(values: list[Row]) -> Iterable[str]:
    """What the customer brought, and why it is in this tier."""
    if not values:
        yield "value: none yet: nothing was bought, or the customer objects to profiling"
        return
    now = values[0]
    lost = ", a key customer who stays away" if now["is_lost_key"] else ""
    yield (
        f"value: tier {now['value_tier_code']}, score {_number(now['value_index'])} of 100, "
        f"twelve months {now['months']}{lost}"
    )
    if now["scored_tier_code"] != now["value_tier_code"]:
        yield (
            f"  this month's score alone would be tier {now['scored_tier_code']}; "
            "a tier changes when two month ends in a row say so"
        )
    if now["contribution_amount"] is not None:
        yield (
            f"  contribution {_money(now['contribution_amount'])} = margin "
            f"{_money(now['margin_amount'])} - service {_money(now['service_cost_amount'])} - "
            f"overdue money {_money(now['overdue_cost_amount'])}"
        )
    ranks = {
        now["value_basis_code"].replace("_", " "): now["amount_rank_rate"],
        "units": now["unit_rank_rate"],
        "paying on time": now["payment_rank_rate"],
        "coming often": now["cycle_rank_rate"],
    }
    for name, rank in ranks.items():
        yield f"  {name}: " + (
            "not known" if rank is None else f"ahead of {rank:.0%} of the others"
        )


def _lifetime(scores: list[Row]) -> Iterable[str]:
    for score in scores:
        if score["clv_12m_amount"] is None:
            why = score["score_reason"] or score["score_code"]
            yield f"next twelve months: no forecast ({why})"
        else:
            yield (
                f"next twelve months: {_money(score['clv_12m_amount'])}, between "
                f"{_money(score['low_clv_12m_amount'])} and {_money(score['high_clv_12m_amount'])}"
            )


def _changes(values: list[Row], stages: list[Row], seen: Row) -> Iterable[str]:
    """What is otherwise than a month ago."""
    yield "since last month:"
    for stage in stages:
        before, change = stage["previous_stage_code"], stage["next_change_date"]
        yield (
            f"  {stage['lifecycle_stage_code']} since {stage['valid_from_date']}"
            + (f", {before} before" if before else "")
            + (f"; another stage on {change} unless something is bought" if change else "")
        )
    if len(values) < 2:
        yield "  no month before to compare with"
        return
    now, before = values
    for column, name in (("value_tier_code", "tier"), ("value_index", "score"),
                         ("net_amount", "net sales"), ("contribution_amount", "contribution"),
                         ("overdue_amount", "overdue")):  # fmt: skip
        if now[column] != before[column]:
            yield f"  {name} {_told(before[column])} -> {_told(now[column])}"
    if seen["last_purchase_date"]:
        cycle = _number(seen["cycle_days"])
        yield f"  last purchase {seen['last_purchase_date']}, cycle {cycle} days"


def _next(seen: Row, actions: list[Row]) -> Iterable[str]:
    if seen["action_block_code"]:
        yield f"next: nothing ({seen['action_block_code']})"
    elif not actions:
        yield "next: nothing that is worth its cost"
    else:
        yield "next:"
    for number, action in enumerate(actions, start=1):
        value = action["action_value_amount"]
        yield (
            f"  {number}. {action['action_name']} by {action['contact_channel']}: "
            f"{action['action_reason']}" + (f" (worth {_money(value)})" if value else "")
        )


def _told(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    return _number(value) if isinstance(value, float) else _money(value)


def _money(value: Any) -> str:
    return f"{value or 0:,.2f}"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}".removesuffix(".0")
