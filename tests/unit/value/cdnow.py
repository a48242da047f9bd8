"""The CDNOW panel: 2,357 customers who first bought in the first quarter of 1997, to June 1998.

The package lifetimes ships its raw transactions. The models were published on the first 39 weeks.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np

from pipelines.value.occasions import Floats, Occasions

END, LAST = "1997-09-30", "1998-06-30"
WEEKS_AFTER = 39


def transactions_file() -> Path:
    """Customer, number in the sample, date, units and amount, in columns of fixed width."""
    found = find_spec("lifetimes")
    assert found
    assert found.origin
    return Path(found.origin).parent / "datasets" / "CDNOW_sample.txt"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Customers one by one, as of the end of the 39 weeks; times in weeks.

    Attributes:
        occasions: What they did until then.
        mean_value: Mean amount of the days after the first one; 0 where there is none.
        later_count: Days with a purchase in the 39 weeks after.
    """

    occasions: Occasions
    mean_value: Floats
    later_count: Floats


def panel() -> Panel:
    """Read the panel; purchases of one day are one."""
    with duckdb.connect() as connection:
        found = connection.execute(
            f"""
            with part as (
                select regexp_split_to_array(trim(line), ' +') as parts
                from read_csv(
                    '{transactions_file()}', header = false, delim = '|', columns = {{line: 'text'}}
                )
            ),
            day as (
                select
                    parts[1] as customer, strptime(parts[3], '%Y%m%d')::date as day,
                    sum(parts[5]::double) as amount
                from part group by all
            ),
            dated as (
                select *, min(day) over (partition by customer) as first_day from day
            )
            select
                cast(count(*) filter (where day <= '{END}') - 1 as double) as frequency,
                (max(day) filter (where day <= '{END}') - first_day) / 7.0 as recency,
                (date '{END}' - first_day) / 7.0 as age,
                coalesce(
                    avg(amount) filter (where day > first_day and day <= '{END}'), 0
                ) as mean_value,
                cast(count(*) filter (where day > '{END}' and day <= '{LAST}') as double) as later
            from dated group by customer, first_day order by customer
            """
        ).fetchnumpy()
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}
    return Panel(
        occasions=Occasions(
            frequency=columns["frequency"],
            recency=columns["recency"],
            age=columns["age"],
            customer_count=np.ones(len(columns["age"])),
        ),
        mean_value=columns["mean_value"],
        later_count=columns["later"],
    )
