"""Retention without dbt: which weeks close, what becomes of their rows, files and later deliveries.

What stands for the warehouse sums the rows as the models do; that the models do is held by the unit
tests of dbt.
"""

import gzip
import hashlib
import json
import re
import shutil
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from small_workbook import write_workbook

from pipelines.feeds.kept import open_raw
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.poslog_rows import ROWS_OF
from pipelines.privacy import retention
from pipelines.privacy.erase import erase
from pipelines.privacy.expiry import keep_closed_weeks_out
from pipelines.privacy.export import export_person
from pipelines.privacy.legal_hold import hold
from pipelines.privacy.person import SOURCE_PRIORITY
from pipelines.privacy.retention import RetentionUnfinished, left_whole, preview, retain
from pipelines.settings import PROJECT_ROOT, Settings

POSLOG = Path(__file__).parents[2] / "fixtures" / "poslog_day.xml"

MAPPINGS = {
    "sales": "feed: pos_line\nfiles: sales_{business_date}*.csv\n"
    "columns: {store: store_id, till: workstation_id, receipt: transaction_seq, line: line_seq, "
    "item: item_id, qty: qty, amount: extended_amount, card: customer_ref}\n",
    "stores": "feed: store\nfiles: stores_{extract_date}.csv\n"
    "columns: {store: store_id, country: country}\n",
    "customers": "feed: crm_customer\nfiles: customers_{extract_ts}.csv\n"
    "columns: {system: source_system, id: source_customer_id, country: country}\n",
    "contacts": "feed: contact_log\nfiles: contacts*.csv.gz\n"
    "columns: {id: contact_id, day: contact_date, channel: channel, customer: customer_ref}\n",
    "tenders": "feed: pos_tender\nfiles: tenders_{business_date}.csv\n"
    "columns: {store: store_id, till: workstation_id, receipt: transaction_seq, "
    "number: tender_seq, type: tender_type, amount: amount}\n",
}

POLICY = """\
entity,country,detail_weeks,legal_basis
sales,DE,54,tax
sales,AT,,tax
sales,*,60,tax
contacts,de,2,service
contacts,*,4,service
"""

# Weeks run from Sunday to Saturday. 54 weeks before Saturday 10 January 2026 is Saturday
# 28 December 2024: the week that ends with it is kept, the one before is not.
OLD, KEPT, LAST = "2024-12-21", "2024-12-22", "2026-01-10"


SALES = "store,till,receipt,line,item,qty,amount,card"

# Three stores in three countries, days on either side of the edge, and contacts.
DELIVERED = {
    "stores_2025-01-01.csv": ["store,country", "D,de", "A,AT", "X,"],
    "customers_2025-01-01.csv": ["system,id,country", "crm,C1,DE", "crm,C2,AT"],
    f"sales_{OLD}.csv": [
        SALES,
        "D,1,1,1,I,1,2.50,C1",
        "D,1,1,2,J,2,5.25,C1",
        "D,1,2,1,I,oops,1,C2",
    ],
    f"sales_{OLD}_A.csv": [SALES, "A,1,1,1,I,1,7.00,C2"],
    f"sales_{KEPT}.csv": [SALES, "D,1,1,1,I,1,3.00,C1", "X,1,1,1,I,1,4.00,C2"],
    f"sales_{LAST}.csv": [SALES, "D,1,1,1,I,1,9.00,C1", "X,1,1,1,I,1,9.00,"],
    f"tenders_{OLD}.csv": ["store,till,receipt,number,type,amount", "D,1,1,1,cash,7.75"],
    "contacts.csv.gz": [
        "id,day,channel,customer",
        "1,2025-12-20,call,C1",
        "2,2025-12-21,call,C1",
        "3,2025-12-20,call,C2",
        "4,2025-12-06,call,",
        "5,nonsense,call,C9",
    ],
}


@pytest.fixture(scope="module")
def first_night(tmp_path_factory, empty_raw):
    """The home of a house with rules of its own after a night, to copy."""
    directory = tmp_path_factory.mktemp("first_night")
    settings = Settings(home=directory / "home", project=directory / "project", settle_seconds=0)
    settings.make_directories()
    (settings.dbt_project / "seeds").mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "dbt_project" / SOURCE_PRIORITY, settings.dbt_project / "seeds")
    shutil.copy(PROJECT_ROOT / "dbt_project" / "profiles.yml", settings.dbt_project)
    (settings.dbt_project / "seeds" / "retention.csv").write_text(POLICY, encoding="utf-8")
    for name, text in MAPPINGS.items():
        (settings.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    for name, lines in DELIVERED.items():
        content = ("\n".join(lines) + "\n").encode()
        packed = gzip.compress(content) if name.endswith(".gz") else content
        (settings.landing / name).write_bytes(packed)
    shutil.copyfile(empty_raw, settings.raw_database)
    night(settings)
    return directory


@pytest.fixture
def house(first_night, tmp_path):
    """A copy of that house."""
    for name in ("home", "project"):
        shutil.copytree(first_night / name, tmp_path / name)
    return Settings(home=tmp_path / "home", project=tmp_path / "project", settle_seconds=0)


@pytest.fixture
def loaded(house, monkeypatch):
    """The same, where the warehouse is always that of today."""
    monkeypatch.setattr(retention, "_is_current", lambda settings: True)
    return house


def ask(settings: Settings, query: str) -> list[tuple]:
    with duckdb.connect(str(settings.raw_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


WAREHOUSE = """
create or replace table warehouse.core.dim_store as select distinct store_id from feeds.pos_line;
create or replace table warehouse.core.fct_sales as
select
    store_id, business_date, customer_ref, line_type, qty as quantity, extended_amount, item_id,
    case when customer_ref is null then -1 else 1 end as customer_key
from feeds.pos_line;
create or replace table warehouse.core.fct_sales_week as
select
    store_id, item_id as product_id, 'none' as promotion_id,
    cast(business_date - cast(dayofweek(business_date) as integer) as date)
        as fiscal_week_start_date,
    count(*) as line_count, sum(quantity) as quantity, sum(quantity) as unit_count,
    sum(extended_amount) as gross_amount, 0 as discount_amount, 0 as returns_amount,
    sum(extended_amount) as net_amount, 0 as tax_amount, null as cost_amount,
    null as margin_amount, 0 as manufacturer_coupon_amount
from warehouse.core.fct_sales group by all;
insert into warehouse.core.fct_sales_week by name from retention.sales_week;
create or replace table warehouse.core.fct_sales_day as
select
    store_id, business_date, count(*) as receipt_count, 0 as costed_receipt_count,
    count(*) as transaction_count, count(customer_ref) as identified_transaction_count,
    count(*) as line_count, sum(quantity) as unit_count, sum(extended_amount) as gross_amount,
    0 as discount_amount, 0 as returns_amount, sum(extended_amount) as net_amount,
    null as costed_net_amount, null as margin_amount
from warehouse.core.fct_sales group by all;
insert into warehouse.core.fct_sales_day by name from retention.sales_day;
"""
"""What the models make of rows and records, as far as these tests need it."""


def night(settings: Settings) -> None:
    """Load what landed, keep closed weeks out, and build what stands for the warehouse."""
    with duckdb.connect(str(settings.raw_database)) as connection:
        summary = load_landed_files(
            connection,
            landing=settings.landing,
            mappings=load_mappings(settings.mappings),
            work=settings.work,
        )
        assert summary.refused == {}
        keep_closed_weeks_out(connection, settings.dbt_project / SOURCE_PRIORITY)
        connection.execute(f"attach '{settings.warehouse_database}' as warehouse")
        connection.execute("create schema if not exists warehouse.core")
        connection.execute(WAREHOUSE)


def run(settings: Settings, **options):
    return retain(settings, rebuild=lambda: night(settings), **options)


def totals(settings: Settings) -> dict[str, list[tuple]]:
    """What the warehouse says by store, week and product, and by store and day."""
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        return {
            table: connection.execute(f"select {columns} from core.{table} order by all").fetchall()
            for table, columns in {
                "fct_sales_week": "store_id, product_id, fiscal_week_start_date, line_count, "
                "quantity, net_amount",
                "fct_sales_day": "store_id, business_date, line_count, net_amount",
            }.items()
        }


def rows(settings: Settings) -> list[tuple]:
    return ask(
        settings,
        "select store_id, cast(business_date as varchar) from feeds.pos_line order by 2, 1",
    )


def add_up(settings: Settings) -> bool:
    """Whether rows are loaded, quarantined or duplicate, file by file."""
    return ask(
        settings,
        "select count(*) from ledger.file where status in ('loaded', 'duplicate') "
        "and row_count <> loaded_count + quarantined_count + duplicate_count",
    ) == [(0,)]


def test_a_week_goes_when_its_last_day_is_too_long_ago_in_its_country(loaded):
    purged = [
        (p.entity, p.feed, p.country, str(p.fiscal_week_start_date), p.row_count)
        for p in preview(loaded)
    ]
    assert purged == [
        # Two weeks before 10 January is 27 December: contacts of the week of the 21st are kept.
        ("contacts", "contact_log", "DE", "2025-12-14", 1),
        ("contacts", "contact_log", "unknown", "2025-11-30", 1),
        ("sales", "pos_line", "DE", "2024-12-15", 2),
        ("sales", "pos_tender", "DE", "2024-12-15", 1),
    ]


def test_a_day_later_the_next_week_goes(loaded, deliver):
    deliver("sales_2026-01-11.csv", "D,1,1,1,I,1,1.00,")
    night(loaded)
    weeks = {str(p.fiscal_week_start_date) for p in preview(loaded) if p.feed == "pos_line"}
    assert weeks == {"2024-12-15", "2024-12-22"}


def test_a_look_changes_nothing(loaded):
    before = loaded.raw_database.read_bytes()
    assert preview(loaded)
    assert rows(loaded)[0] == ("A", OLD)
    assert ask(loaded, "select count(*) from retention.kept_from") == [(0,)]
    assert len(loaded.raw_database.read_bytes()) == len(before)


def test_totals_stay_to_the_cent_and_nobody_is_named_in_them(loaded):
    before = totals(loaded)
    run(loaded)
    assert totals(loaded) == before
    assert rows(loaded) == [
        ("A", OLD), ("D", KEPT), ("X", KEPT), ("D", LAST), ("X", LAST),
    ]  # fmt: skip
    assert ask(loaded, "select count(*) from feeds.pos_tender") == [(0,)]
    assert ask(loaded, "select contact_id from feeds.contact_log order by 1") == [("2",), ("3",)]
    recorded = ask(loaded, "from retention.sales_week")
    assert [row for row in recorded if "C1" in row] == []
    assert ask(loaded, "select sum(net_amount) from retention.sales_day") == [(Decimal("7.75"),)]
    # The customer is known not to be a new one.
    assert ask(loaded, "from retention.acquisition") == [("C1", date(2024, 12, 21))]
    assert add_up(loaded)


def test_files_keep_only_what_is_kept(loaded):
    run(loaded)
    landing = loaded.landing
    assert not (landing / f"sales_{OLD}.csv").exists()
    assert not (landing / f"tenders_{OLD}.csv").exists()
    assert (landing / f"sales_{OLD}_A.csv").exists()
    contacts = gzip.decompress((landing / "contacts.csv.gz").read_bytes()).decode()
    assert contacts == "id,day,channel,customer\n2,2025-12-21,call,C1\n3,2025-12-20,call,C2\n"
    assert ask(loaded, "select distinct raw_text from quarantine.row") == [(None,)]
    assert left_whole(loaded) == []
    content = loaded.raw_database.read_bytes()
    assert b"nonsense" not in content
    assert b"oops" not in content


@pytest.mark.parametrize("lost", ["raw.duckdb", "all since a backup"])
def test_a_house_built_anew_from_files_and_records_says_the_same(loaded, lost):
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute("checkpoint")
    backup = loaded.raw_database.read_bytes()
    run(loaded)
    after, kept = totals(loaded), rows(loaded)
    tables = ("sales_week", "sales_day", "rolled_week", "acquisition", "kept_from")
    records = {table: ask(loaded, f"from retention.{table} order by all") for table in tables}
    assert records["rolled_week"] == [("D", date(2024, 12, 15), "DE")]
    loaded.raw_database.unlink()
    if lost != "raw.duckdb":
        loaded.raw_database.write_bytes(backup)
    with open_raw(loaded):
        pass
    night(loaded)
    assert (totals(loaded), rows(loaded)) == (after, kept)
    assert {
        table: ask(loaded, f"from retention.{table} order by all") for table in tables
    } == records
    contacts = "select contact_id from feeds.contact_log order by 1"
    assert ask(loaded, contacts) == [("2",), ("3",)]


def test_the_log_counts_what_went_and_names_nobody(loaded):
    run(loaded)
    assert ask(
        loaded,
        "select feed, country, row_count, held_row_count, is_late, as_of_date "
        "from retention.purge_log order by 1, 2",
    ) == [
        ("contact_log", "DE", 1, 0, False, date(2026, 1, 10)),
        ("contact_log", "unknown", 1, 0, False, date(2026, 1, 10)),
        ("pos_line", "DE", 2, 0, False, date(2026, 1, 10)),
        ("pos_tender", "DE", 1, 0, False, date(2026, 1, 10)),
    ]


def test_running_it_again_changes_nothing(loaded):
    run(loaded)
    after = (totals(loaded), ask(loaded, "from retention.purge_log"))
    steps = []
    assert run(loaded, on_step=steps.append) == []
    assert steps == []
    assert (totals(loaded), ask(loaded, "from retention.purge_log")) == after


def test_where_everything_is_kept_for_ever_nothing_changes(loaded):
    (loaded.dbt_project / "seeds" / "retention.csv").write_text(
        "entity,country,detail_weeks,legal_basis\nsales,*,,tax\ncontacts,*,,service\n"
    )
    before = loaded.raw_database.read_bytes()
    assert run(loaded) == []
    assert loaded.raw_database.read_bytes() == before


@pytest.mark.parametrize("name", [f"sales_{OLD}.csv", f"sales_{OLD}_again.csv"])
def test_a_closed_week_that_is_delivered_again_brings_nothing_back(loaded, deliver, name):
    """Under its own name or another one, with the same rows or with one more."""
    run(loaded)
    after, kept = totals(loaded), rows(loaded)
    deliver(name, "D,1,1,1,I,1,2.50,C1", "D,1,1,2,J,2,5.25,C1", "D,1,9,1,J,2,100.00,C1")
    night(loaded)
    assert (totals(loaded), rows(loaded)) == (after, kept)
    assert add_up(loaded)
    assert ask(
        loaded, f"select row_count, warning from ledger.file where file_name = '{name}' "
        "order by file_id desc limit 1"
    ) == [(3, "3 row(s) of closed weeks are not kept")]  # fmt: skip
    assert ask(loaded, "select row_count from retention.purge_log where is_late") == [(3,)]
    run(loaded)
    assert not (loaded.landing / name).exists(), "nor does the file stay"
    assert totals(loaded) == after


def test_a_store_week_that_never_came_becomes_sums_when_it_comes(loaded, deliver):
    deliver("stores_2025-01-02.csv", "D,DE", "A,AT", "N,DE", header="store,country")
    run(loaded)
    before = sum(row[-1] for row in totals(loaded)["fct_sales_week"])
    deliver(f"sales_{OLD}_N.csv", "N,1,1,1,I,1,50.00,C1")
    night(loaded)
    assert ("N", OLD) in rows(loaded)
    run(loaded)
    assert ("N", OLD) not in rows(loaded)
    assert sum(row[-1] for row in totals(loaded)["fct_sales_week"]) == before + 50


def test_rows_of_a_customer_under_hold_are_put_aside_and_go_with_the_hold(loaded):
    before = totals(loaded)
    hold(loaded, "C1", reason="law suit 7", until=date(2099, 1, 1))
    run(loaded)
    assert totals(loaded) == before
    held = ask(
        loaded,
        "select feed, count(*), any_value(customers) from retention.held_row group by 1 order by 1",
    )
    assert held == [
        ("contact_log", 1, ["C1"]), ("pos_line", 2, ["C1"]), ("pos_tender", 1, ["C1"]),
    ]  # fmt: skip
    assert ask(loaded, "select content ->> 'extended_amount' from retention.held_row "
               "where feed = 'pos_line' order by 1") == [("2.5000",), ("5.2500",)]  # fmt: skip
    assert ask(
        loaded, "select sum(row_count), sum(held_row_count) from retention.purge_log"
    ) == [(5, 4)]  # fmt: skip
    assert export_person(loaded, "C1", loaded.home / "export", accessed_by="test") == {
        "feeds.contact_log": 1,
        "feeds.crm_customer": 1,
        "feeds.pos_line": 2,
        "privacy.legal_hold": 1,
        "retention.acquisition": 1,
        "retention.held_row": 4,
    }
    assert run(loaded) == []
    # As if the day had come, also in what is kept beside raw.duckdb.
    shutil.rmtree(loaded.kept)
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute("update privacy.legal_hold set until_date = date '2020-01-01'")
    run(loaded)
    assert ask(loaded, "select count(*) from retention.held_row") == [(0,)]


def test_who_is_erased_is_in_no_record_either(loaded):
    run(loaded)
    erase(loaded, "C1", reason="test", rebuild=lambda: night(loaded))
    assert ask(loaded, "select count(*) from retention.acquisition") == [(0,)]


STEPS = ["rows", "landed files", "raw.duckdb", "warehouse", "published builds"]


def test_what_was_stopped_is_finished_by_running_it_again(loaded):
    """Each run goes on where the last one stopped, and stops before the next step."""
    before = totals(loaded)
    for stop_before in STEPS:

        def stop(step, here=stop_before):
            if step == here:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(loaded, on_step=stop)
    run(loaded)
    assert totals(loaded) == before
    assert rows(loaded)[:2] == [("A", OLD), ("D", KEPT)]
    assert not (loaded.landing / f"sales_{OLD}.csv").exists()
    assert b"oops" not in loaded.raw_database.read_bytes()
    assert run(loaded) == [], "and then it is finished"
    assert ask(loaded, "select sum(row_count) from retention.purge_log") == [(5,)]


def test_a_warehouse_that_cannot_be_built_leaves_it_unfinished(loaded):
    with pytest.raises(RetentionUnfinished, match="could not be built: the gate failed"):
        retain(loaded, rebuild=lambda: "the gate failed")
    steps = []
    run(loaded, on_step=steps.append)
    assert steps == STEPS


def test_no_sums_are_made_of_a_warehouse_of_yesterday(loaded, monkeypatch):
    monkeypatch.setattr(retention, "_is_current", lambda settings: False)
    with pytest.raises(RetentionUnfinished, match="not of today"):
        run(loaded)
    assert ("D", OLD) in rows(loaded)


@pytest.mark.parametrize("last_day", [OLD, KEPT])
def test_a_file_that_fills_several_feeds_is_cut_for_all_of_them(loaded, deliver, last_day):
    """The drawer of the POSLog, its last entry, is of the same week or of one that is kept.

    A copy goes the same way, and a manifest counts what is left for each feed.
    """
    for feed in ROWS_OF:
        (loaded.mappings / f"poslog_{feed}.yml").write_text(
            f"feed: {feed}\nformat: poslog\nfiles: poslog/*.xml.gz\nreporting_currency: EUR\n"
        )
    text = POSLOG.read_text(encoding="utf-8").replace("2026-01-05", OLD).replace(">S1<", ">D<")
    first, _, last = text.rpartition(f"<BusinessDayDate>{OLD}<")
    content = gzip.compress(f"{first}<BusinessDayDate>{last_day}<{last}".encode())
    document = deliver("poslog/day.xml.gz", content=content)
    copy = deliver("poslog/same.xml.gz", content=content)
    manifest = document.with_name("manifest.json")
    counts = {"pos_transaction": 2, "pos_line": 3, "pos_discount": 2, "pos_tender": 2,
              "register_session": 1}  # fmt: skip
    said = {"file": document.name, "sha256": digest(document), "sum_amount": None}
    manifest.write_text(
        json.dumps({"files": [said | {"feed": f, "row_count": n} for f, n in counts.items()]})
    )
    night(loaded)
    run(loaded)
    assert ("D", OLD) not in rows(loaded)
    is_kept = last_day == KEPT
    assert ask(loaded, "select count(*) from feeds.register_session") == [(int(is_kept),)]
    assert (document.exists(), copy.exists()) == (is_kept, is_kept)
    assert left_whole(loaded) == []
    if is_kept:
        text = gzip.decompress(document.read_bytes()).decode()
        assert re.findall("<BusinessDayDate>(.*?)<", text) == [KEPT]
        assert copy.read_bytes() == document.read_bytes()
        assert [
            (new["feed"], new["row_count"], new["sha256"])
            for new in json.loads(manifest.read_bytes())["files"]
        ] == [(f, int(f == "register_session"), digest(document)) for f in counts]
        # What was cut loads again, as the manifest says.
        assert add_up(loaded)
        assert run(loaded) == []


def test_a_store_that_the_warehouse_does_not_know_loses_no_sums(loaded):
    with duckdb.connect(str(loaded.warehouse_database)) as connection:
        connection.execute("update core.dim_store set store_id = 'd' where store_id = 'D'")
    with pytest.raises(RetentionUnfinished, match="other names for 1 store.*'D'"):
        run(loaded)
    assert ("D", OLD) in rows(loaded)


def test_the_texts_of_a_file_without_a_sound_row_go_when_its_loading_is_too_long_ago(
    loaded, deliver
):
    deliver(
        "contacts_old.csv.gz", content=gzip.compress(b"id,day,channel,customer\n9,old,call,C9\n")
    )
    deliver(
        "contacts_new.csv.gz", content=gzip.compress(b"id,day,channel,customer\n9,new,call,C9\n")
    )
    night(loaded)
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "update ledger.file set loaded_at = timestamptz '2020-01-01 00:00:00+00' "
            "where file_name = 'contacts_old.csv.gz'"
        )
    run(loaded)
    assert ask(loaded, "select raw_text from quarantine.row where raw_text is not null") == [
        ("9,new,call,C9",)
    ]


TEXTS = ("id", "day", "channel", "customer", "x1", "x2", "call", "C1")
CONTACTS = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    + "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{at}{row}" s="2"><v>{value}</v></c>' if value > len(TEXTS) else
            f'<c r="{at}{row}" t="s"><v>{value}</v></c>'
            for at, value in zip("ABCD", values, strict=True)
        )
        + "</row>"
        # 45997 is 6 December 2025.
        for row, values in enumerate(((0, 1, 2, 3), (4, 45997, 6, 7), (5, 46012, 6, 7)), start=1)
    )
    + "</sheetData></worksheet>"
)  # fmt: skip
"""A sheet of two contacts; numbers of shared texts, and of days."""

HALF = "id,day,channel,customer\n{0}1,2025-12-06,call,C1\n{0}2,2025-12-21,call,C1\n"


def test_files_of_every_format_and_under_a_manifest_keep_only_what_is_kept(loaded):
    landing = loaded.landing
    formats = {
        "zip": "", "parquet": "format: parquet\n", "xlsx": "format: xlsx\nsheet: Customers\n",
    }  # fmt: skip
    for kind, rest in formats.items():
        (loaded.mappings / f"contacts_{kind}.yml").write_text(
            f"feed: contact_log\nfiles: half.{kind}\n{rest}columns: {{id: contact_id, "
            "day: contact_date, channel: channel, customer: customer_ref}\n"
        )
    with zipfile.ZipFile(landing / "half.zip", "w") as archive:
        archive.writestr("half.csv", HALF.format("z"))
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'p' || n as id, date '2025-11-21' + cast(15 * n as integer) as day, "
            "'call' as channel, 'C1' as customer from range(1, 3) as t (n)) "
            f"to '{landing}/half.parquet'"
        )
    write_workbook(landing / "half.xlsx", CONTACTS, texts=TEXTS)
    said = {
        name: {"feed": "contact_log", "row_count": count, "sha256": digest(landing / name)}
        for name, count in (("contacts.csv.gz", 5), ("half.parquet", 2), ("half.xlsx", 2))
    }
    (landing / "contacts.csv.gz.manifest.json").write_text(json.dumps(said["contacts.csv.gz"]))
    folder = {"files": [{"file": f"half.{k}", **said[f"half.{k}"]} for k in ("parquet", "xlsx")]}
    (landing / "manifest.json").write_text(json.dumps(folder))
    night(loaded)
    run(loaded)
    kept = [("2",), ("3",), ("p2",), ("x2",), ("z2",)]
    assert ask(loaded, "select contact_id from feeds.contact_log order by 1") == kept
    assert left_whole(loaded) == []
    assert run(loaded) == []
    with zipfile.ZipFile(landing / "half.zip") as archive:
        text = archive.read("half.csv").decode()
    assert text == HALF.format("z").replace("z1,2025-12-06,call,C1\n", "")
    new = json.loads((landing / "contacts.csv.gz.manifest.json").read_text())
    assert new == said["contacts.csv.gz"] | {
        "row_count": 2, "sha256": digest(landing / "contacts.csv.gz"),
    }  # fmt: skip
    loaded.raw_database.unlink()
    with open_raw(loaded):
        pass
    night(loaded)
    assert ask(loaded, "select contact_id from feeds.contact_log order by 1") == kept


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
