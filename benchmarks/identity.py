"""Measures the resolution of generated customer records: `python -m benchmarks.identity`.

People live in households of three, have names as common as real ones, and stand in one to three
systems, where slips of the hand, missing fields and second mail addresses make some of the records
differ. The true person is known, so precision and recall are told with time and memory.
"""

import argparse
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.feeds.raw_tables import create_tables
from pipelines.identity.resolve import resolve_identities
from pipelines.settings import PROJECT_ROOT

# Names are drawn with a share that falls with their rank, as in any population.
_PERSONS = """
create table person as
with drawn as (
    select
        person_no, person_no // 3 as household_no,
        cast(floor(3000 * pow(hash(person_no, 'given') / 18446744073709551616.0, 3)) as integer)
            as given_no,
        cast(floor(60000 * pow(hash(person_no // 3, 'family') / 18446744073709551616.0, 3))
            as integer) as family_no
    from range({persons}) as numbers (person_no)
)
select
    person_no,
    translate(md5('g' || given_no)[:8], '0123456789', 'aeiourstln') as given_name,
    translate(md5('f' || family_no)[:9], '0123456789', 'aeiounrsld') as family_name,
    date '1930-01-01' + cast(hash(person_no, 'born') % 29000 as integer) as birth_date,
    'Street ' || translate(md5('s' || household_no // 40)[:7], '0123456789', 'aeiourstln')
        || ' ' || (1 + household_no % 40) as street,
    printf('%05d', 10000 + household_no // 800) as postcode,
    'City ' || (household_no // 30000) as city,
    -- one in three households has one mail and one phone for all
    case when household_no % 3 = 0 then 'h' || household_no else 'p' || person_no end
        || '@example.org' as email,
    printf(
        '+999%09d',
        case when household_no % 3 = 0 then household_no else 500000000 + person_no end
    ) as phone
from drawn
"""

_RECORDS = """
insert into feeds.crm_customer by name
with copy as (
    select
        person.*, copy_no, hash(person_no, copy_no, 'slip') % 100 as slip,
        hash(person_no, copy_no, 'gap') % 100 as gap
    from person
    cross join range(3) as copies (copy_no)
    where copy_no = 0 or hash(person_no, copy_no) % 100 < 15
)
select
    ['crm', 'webshop', 'loyalty'][copy_no + 1] as source_system,
    printf('%s%09d', ['C', 'W', 'L'][copy_no + 1], person_no) as source_customer_id,
    timestamp '2024-01-01' as extract_ts,
    'person' as customer_type,
    case when copy_no > 0 and slip < 10 then given_name[:3] || given_name[5:] else given_name end
        as given_name,
    case when copy_no > 0 and slip between 10 and 19 then family_name || 'e' else family_name end
        as family_name,
    case
        when copy_no > 0 and gap < 30 then null
        when copy_no > 0 and slip between 20 and 24
            then make_date(year(birth_date), month(birth_date), 1 + day(birth_date) % 28)
        else birth_date
    end as birth_date,
    case when copy_no > 0 and gap between 30 and 59 then null else street end as street,
    case when copy_no > 0 and gap between 30 and 59 then null else postcode end as postcode,
    city,
    case when copy_no > 0 and gap between 60 and 89 then null
        when copy_no > 0 and slip between 25 and 49 then 'other.' || email else email end as email,
    case when copy_no > 0 and gap between 50 and 99 then null else phone end as phone
from copy
"""

# Half a year before, these had the contacts of a neighbour and no address.
_MOVERS = """
insert into feeds.crm_customer by name
select
    'crm' as source_system, printf('C%09d', mover.person_no) as source_customer_id,
    timestamp '2023-07-01' as extract_ts, 'person' as customer_type,
    mover.given_name, mover.family_name, mover.birth_date, neighbour.email, neighbour.phone
from person as mover
inner join person as neighbour on mover.person_no + 3 = neighbour.person_no
where hash(mover.person_no, 'moves') % 100 < {percent}
"""

_QUALITY = """
with linked as (
    select customer_id, source_id[2:] as person from identity.xref_customer_identity
)
select
    (select sum(n * (n - 1) / 2) from (
        select count(*) as n from linked group by customer_id, person)) as right_pairs,
    (select sum(n * (n - 1) / 2) from (select count(*) as n from linked group by customer_id))
        as found_pairs,
    (select sum(n * (n - 1) / 2) from (select count(*) as n from linked group by person))
        as true_pairs
"""


def main() -> None:
    """Generate, resolve twice, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument(
        "--movers", type=int, default=0, help="Percent of people who lived with others before."
    )
    parser.add_argument("--memory-limit", default="1000MB", help="Memory DuckDB may use.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        connection = duckdb.connect(str(Path(directory) / "raw.duckdb"))
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = '{options.memory_limit}'")
        connection.execute("set threads = 2")
        create_tables(connection)
        connection.execute(_PERSONS.format(persons=round(options.records / 1.3)))
        connection.execute(_RECORDS)
        connection.execute(_MOVERS.format(percent=options.movers))
        for title in ("first", "again"):
            if title == "again":
                connection.execute("delete from identity.resolution")
            wall, cpu = time.monotonic(), time.process_time()
            found = resolve_identities(
                connection,
                seeds=PROJECT_ROOT / "dbt_project" / "seeds",
                now=datetime(2024, 1, 1),
            )
            print(
                f"{title}: {time.monotonic() - wall:.1f} s, {time.process_time() - cpu:.1f} CPU s, "
                f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB: {found}"
            )
        right, all_found, true = connection.execute(_QUALITY).fetchall()[0]
        print(f"precision {right / all_found:.5f}, recall {right / true:.4f}")


if __name__ == "__main__":
    main()
