"""The answer key: what is in the files, worked out from the world and never from the files."""

import json
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.simulation.dirt import FileFault
from pipelines.simulation.scale import Scale

STORIES = Path(__file__).parent / "stories.yml"

CANARIES = {
    "crm_customer": {
        "mail": "canary.crm.7f3a@canary.example.org",
        "phone": "+999 777000777",
        "name": "Canarytokenson",
        "street": "Canarystreet 7f3a",
    },
    "employee": {"name": "Canaryname Employeeson"},
    "alert_subscription": {
        "mail": "canary.alert.7f3a@canary.example.org",
        "phone": "+999 777000778",
    },
    "pos_tender": {"card_token": "tok_canary_7f3a"},
}
"""Values that stand once in a feed with personal data and must stand in no output."""

TOTALS = {
    "net_sales_by_store_and_date": """
        select
            total.business_date, store.store_id,
            sum(sales_net) as net_sales_amount,
            count(*) filter (where line_sales_net > 0) as transaction_count,
            coalesce(day_fault.fault, 'none') as fault
        from total
        inner join store using (store_no)
        left join day_fault
            on day_fault.day = total.day and day_fault.store_no = total.store_no
        where is_counted and total.day >= 0
        group by all
        order by 1, 2
    """,
    "customer_behaviour": """
        select customer_ref, purchase_rate, leave_probability, spend_scale,
            joined_second // 86400 as first_day, count(*) as purchase_count,
            max(purchase.day) as last_day
        from customer
        inner join purchase using (customer_no)
        group by all
        order by 1
    """,
}
"""Tables of the answer key, written as Parquet."""

_REPEATED_ROWS = """
    select feed, count(*) as rows
    from (
        select 'pos_line' as feed, day, store_no from line
        union all
        select 'pos_transaction', day, store_no from total
        union all
        select 'pos_tender', day, store_no from tender
        union all
        select 'register_session', day, store_no from session
        union all
        select 'pos_discount', day, store_no from line where discount_amount > 0 and sign > 0
        union all
        select 'pos_discount', day, store_no from total where basket_discount > 0
    ) as sent
    inner join day_fault using (day, store_no)
    where fault = 'duplicated_store_day'
    group by feed
    order by feed
"""
"""Rows that the store-day which is sent twice adds to each feed; all of them are duplicates."""


def write(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    *,
    scale: Scale,
    seed: int,
    faults: list[FileFault],
) -> int:
    """Write the answer key; returns the receipt lines of the natural and planted receipts."""
    for name, query in TOTALS.items():
        connection.execute(
            f"copy ({query}) to '{directory / name}.parquet' (format parquet, compression zstd)"
        )
    (lines,) = connection.execute("select count(*) from line").fetchall()[0]
    _write_json(
        directory / "files.json",
        {
            "faults": [fault.as_dict() for fault in faults],
            "repeated_store_day": _rows(connection, _REPEATED_ROWS),
        },
    )
    _write_json(directory / "stories.json", _stories(connection))
    _write_json(directory / "canaries.json", CANARIES)
    _write_json(
        directory / "retailer.json",
        {
            "scale": scale.name,
            "seed": seed,
            "first_date": scale.first_date,
            "days": scale.days,
            "stores": scale.stores,
            "items": scale.items,
            "customers": scale.customers,
            "receipt_lines": lines,
            "behaviour": scale.behaviour.__dict__,
        },
    )
    return int(lines)


def _stories(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Each story by name: what a mart has to find, and the true rows behind it."""
    stories = yaml.safe_load(STORIES.read_text(encoding="utf-8"))
    return {
        story["name"]: {
            "finds": story["finds"],
            "truth": {label: _rows(connection, query) for label, query in story["truth"].items()},
        }
        for story in stories
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=2, default=str, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
