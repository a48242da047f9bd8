"""The answer key: what is in the files, worked out from the world and never from the files."""

import json
from pathlib import Path
from typing import Any

import duckdb

from pipelines.simulation.dirt import FileFault
from pipelines.simulation.scale import Scale

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
        {"faults": [fault.as_dict() for fault in faults]},
    )
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


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=2, default=str, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
