"""Loading: every row of every file is loaded, quarantined or a counted duplicate."""

import gzip
import json
from datetime import date

import duckdb
import pytest

from pipelines.feeds.contract import load_contracts
from pipelines.feeds.mapping import load_mappings

ROW = "S1,1,1,1,A,1,2.50,C1"


def one(raw, query):
    return raw.execute(query).fetchone()


def counts(raw):
    """Rows by file name: in, loaded, quarantined, duplicate."""
    rows = raw.execute(
        """
        select file_name, row_count, loaded_count, quarantined_count, duplicate_count
        from ledger.file where status in ('loaded', 'duplicate') order by file_name
        """
    ).fetchall()
    for _, delivered, loaded, quarantined, duplicate in rows:
        assert delivered == loaded + quarantined + duplicate
    return {name: tuple(numbers) for name, *numbers in rows}


def counted_lines(raw):
    """The rows that count, as a set of key and amount."""
    return sorted(
        raw.execute(
            """
            select business_date, transaction_seq, line_seq, extended_amount from feeds.pos_line
            where (_file_id, _line_number) not in (
                select (file_id, line_number) from ledger.excluded_row where feed = 'pos_line'
            )
            """
        ).fetchall()
    )


def reasons(raw):
    rows = raw.execute("select line_number, reasons from quarantine.row order by 1").fetchall()
    return dict(rows)


def test_a_good_file_is_loaded_typed_and_dated_by_its_name(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW, "S1,1,1,2,B,2,10.00,")
    summary = load()
    assert (summary.row_count, summary.loaded_count) == (2, 2)
    rows = raw.execute(
        "select business_date, line_seq, qty, extended_amount, customer_ref, line_type, "
        "_line_number from feeds.pos_line order by line_seq"
    ).fetchall()
    assert [tuple(map(str, row)) for row in rows] == [
        ("2026-01-05", "1", "1.000", "2.5000", "C1", "sale", "2"),
        ("2026-01-05", "2", "2.000", "10.0000", "None", "sale", "3"),
    ]


def test_a_second_load_finds_nothing_to_do(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW)
    load()
    before = raw.execute("from ledger.file").fetchall()
    assert load().loaded == []
    assert raw.execute("from ledger.file").fetchall() == before


def test_fault_26_columns_are_found_by_name_in_any_order(deliver, load, raw):
    deliver(
        "sales_2026-01-05.csv",
        "C1,2.50,1,A,1,1,1,S1,red",
        header="card,amount,qty,item,line,receipt,till,store,colour",
    )
    load()
    assert one(raw, "select store_id, item_id, extended_amount from feeds.pos_line")[:2] == (
        "S1",
        "A",
    )
    assert one(raw, "select warning from ledger.file") == ("not mapped: colour",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("S1,1,1,1,A,1.2345,2.50,C1", "qty: '1.2345' is not a decimal(18,3)"),
        ("S1,1,1,1,A,1e3,2.50,C1", "qty: '1e3' is not"),
        ("S1,1,1,1,A,(1),2.50,C1", "qty: '(1)' is not"),
        ('S1,1,1,1,A,1,"2,50",C1', "extended_amount: '2,50' is not"),
        ("S1,1,1.5,1,A,1,2.50,C1", "transaction_seq: '1.5' is not an integer"),
        ("S1,1,-1,1,A,1,2.50,C1", "transaction_seq: '-1' is below 0"),
        ("S1,1,1,1,A,1000001,2.50,C1", "qty: '1000001' is above 100000"),
        (",1,1,1,A,1,2.50,C1", "store_id: is blank"),
        ("S1,1,1,1,A,,2.50,C1", "qty: is blank"),
        ("S1,1,1,1,A,1,2.50", "record: "),
        ("S1,1,1,1,A,1,2.50,C1,more", "record: "),
    ],
)
def test_fault_30_a_bad_row_is_quarantined_with_line_and_reason_and_the_rest_is_loaded(
    deliver, load, raw, row, reason
):
    deliver("sales_2026-01-05.csv", "S1,1,2,1,A,1,1.00,", row, "S1,1,3,1,A,1,3.00,")
    load()
    assert counts(raw) == {"sales_2026-01-05.csv": (3, 2, 1, 0)}
    assert list(reasons(raw)) == [3]
    assert reasons(raw)[3].startswith(reason)
    lines = raw.execute("select _line_number from feeds.pos_line order by 1").fetchall()
    assert lines == [(2,), (4,)], "line numbers are those of the file, bad rows included"


def test_each_broken_rule_of_a_row_is_named(deliver, load, raw):
    deliver("sales_2026-01-05.csv", "S1,1,x,1,A,y,2.50,C1", ROW)
    load()
    assert reasons(raw)[2] == (
        "transaction_seq: 'x' is not an integer; qty: 'y' is not a decimal(18,3) with decimal '.'"
    )


def test_a_bad_row_in_one_of_many_files_leaves_the_others_alone(deliver, load, raw):
    for day in range(1, 10):
        bad = ["S1,1,9,9,A,oops,1,"] if day == 5 else []
        deliver(f"sales_2026-01-0{day}.csv", ROW, *bad)
    summary = load()
    assert (summary.row_count, summary.loaded_count, summary.quarantined_count) == (10, 9, 1)
    assert counts(raw)["sales_2026-01-05.csv"] == (2, 1, 1, 0)
    assert one(raw, "select distinct _line_number from feeds.pos_line") == (2,)


def test_bad_rows_and_records_of_many_files_keep_their_own_line_numbers(deliver, load, raw):
    good, bad = "S1,1,{},1,A,1,1.00,", "S1,1,{},1,A,oops,1.00,"
    short, long = "S1,1,{},1,A,1", "S1,1,{},1,A,1,1.00,,more"
    files = {
        "sales_2026-01-01.csv": [short, good, long, good, bad],
        "sales_2026-01-02.csv": [good, good],
        "sales_2026-01-03.csv": [good, bad, short, short, good],
    }
    for name, rows in files.items():
        deliver(name, *(row.format(line) for line, row in enumerate(rows, start=2)))
    load()
    assert counts(raw) == {
        "sales_2026-01-01.csv": (5, 2, 3, 0),
        "sales_2026-01-02.csv": (2, 2, 0, 0),
        "sales_2026-01-03.csv": (5, 2, 3, 0),
    }
    found = raw.execute(
        """
        select file_name, line_number, left(reasons, 3) from quarantine.row
        inner join ledger.file using (file_id) order by 1, 2
        """
    ).fetchall()
    assert found == [
        ("sales_2026-01-01.csv", 2, "rec"),
        ("sales_2026-01-01.csv", 4, "rec"),
        ("sales_2026-01-01.csv", 6, "qty"),
        ("sales_2026-01-03.csv", 3, "qty"),
        ("sales_2026-01-03.csv", 4, "rec"),
        ("sales_2026-01-03.csv", 5, "rec"),
    ]
    # Each row's receipt number is the line it stands on.
    assert one(raw, "select bool_and(_line_number = transaction_seq) from feeds.pos_line") == (
        True,
    )


def test_a_file_that_comes_short_is_refused_alone(deliver, load, raw):
    deliver("sales_2026-01-01.csv", ROW, "S1,1,2,1,A,oops,1.00,")
    deliver("sales_2026-01-02.csv", ROW, 'S1,1,2,1,6" pipe,1,1.00,', 'S1,1,3,1,4" pipe,1,1.00,')
    deliver("sales_2026-01-03.csv", ROW)
    summary = load()
    assert {"sales_2026-01-01.csv", "sales_2026-01-03.csv"} <= set(counts(raw))
    if summary.refused:
        assert "a quote is out of place" in summary.refused["sales_2026-01-02.csv"]
        assert "sales_2026-01-02.csv" not in counts(raw)
    orphans = "from feeds.pos_line where _file_id not in (select file_id from ledger.file where "
    assert one(raw, f"select count(*) {orphans} status = 'loaded')") == (0,)


DELTA_MAPPING = """\
feed: pos_line
files: changed_{business_date}.csv
delivery: delta
columns: {store: store_id, till: workstation_id, receipt: transaction_seq, line: line_seq,
  item: item_id, qty: qty, amount: extended_amount, card: customer_ref}
"""


def test_the_ledger_says_which_loaded_files_hold_changes_only(deliver, load, raw, house):
    (house.mappings / "changes.yml").write_text(DELTA_MAPPING, encoding="utf-8")
    deliver("sales_2026-01-05.csv", ROW)
    deliver("changed_2026-01-06.csv", ROW)
    deliver("changed_2026-01-07.csv", content=b"store,till\nS1,1\n")
    load()
    assert raw.execute(
        "select file_name, delivery from ledger.delta_file inner join ledger.file using (file_id)"
    ).fetchall() == [("changed_2026-01-06.csv", "delta")]
    assert one(raw, "select delivery from ledger.file where file_name like 'sales%'") == ("full",)


def test_a_ledger_without_deliveries_learns_them_from_the_mappings(deliver, load, raw, house):
    (house.mappings / "changes.yml").write_text(DELTA_MAPPING, encoding="utf-8")
    deliver("sales_2026-01-05.csv", ROW)
    deliver("changed_2026-01-06.csv", ROW)
    load()
    # As the release before wrote it.
    raw.execute("drop table ledger.layout")
    raw.execute("drop view ledger.delta_file")
    raw.execute("alter table ledger.file drop column delivery")
    assert load().loaded == []
    assert raw.execute("select file_name, delivery from ledger.file order by 1").fetchall() == [
        ("changed_2026-01-06.csv", "delta"),
        ("sales_2026-01-05.csv", "full"),
    ]
    assert one(raw, "select count(*) from ledger.delta_file") == (1,)


def test_a_refused_file_loads_nothing_and_is_reported_with_its_reason(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW)
    deliver("sales_2026-01-06.csv", content=b"store,till\nS1,1\n")
    summary = load()
    assert summary.loaded == ["sales_2026-01-05.csv"]
    assert list(summary.refused) == ["sales_2026-01-06.csv"]
    assert "no column 'receipt'" in summary.refused["sales_2026-01-06.csv"]
    assert one(raw, "select count(*) from feeds.pos_line") == (1,)


def test_fault_32_an_unclosed_quote_swallows_no_row_uncounted(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW, 'S1,1,2,1,6" pipe,1,1.00,', 'S1,1,3,1,4" pipe,1,1.00,')
    load()
    status, reason, delivered = one(raw, "select status, reason, row_count from ledger.file")
    if status == "loaded":
        assert counts(raw)["sales_2026-01-05.csv"][0] == 3
    else:
        assert "a quote is out of place" in reason


def test_fault_19_the_same_content_under_another_name_counts_once(deliver, load, raw, house):
    deliver("sales_2026-01-05.csv", ROW)
    deliver("sales_2026-01-05_again.csv", ROW)
    summary = load()
    assert len(summary.loaded) == 1
    assert len(summary.duplicates) == 1
    assert sorted(counts(raw).values()) == [(1, 0, 0, 1), (1, 1, 0, 0)]
    assert len(counted_lines(raw)) == 1


def test_the_same_bytes_for_another_day_are_not_the_same_delivery(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW)
    deliver("sales_2026-01-06.csv", ROW)
    load()
    assert len(counted_lines(raw)) == 2


def test_fault_20_a_corrected_file_of_the_same_name_replaces_exactly_its_rows(deliver, load, raw):
    deliver("sales_2026-01-04.csv", ROW)
    deliver("sales_2026-01-05.csv", ROW, "S1,1,2,1,B,1,9.00,")
    load()
    deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,7.50,C1")
    load()
    assert [str(line[3]) for line in counted_lines(raw)] == ["2.5000", "7.5000"]
    statuses = raw.execute(
        "select status, superseded_by from ledger.file where file_name like '%05.csv' "
        "order by file_id"
    ).fetchall()
    assert statuses == [("superseded", 3), ("loaded", None)]


def test_a_correction_that_is_refused_leaves_the_old_version_loaded(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW)
    load()
    deliver("sales_2026-01-05.csv", content=b"broken")
    load()
    assert len(counted_lines(raw)) == 1


def test_a_correction_after_a_refused_one_replaces_what_was_loaded_before(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW, "S1,1,2,1,B,1,9.00,")
    load()
    deliver("sales_2026-01-05.csv", content=b"broken")
    load()
    deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,7.50,C1")
    load()
    assert [str(line[3]) for line in counted_lines(raw)] == ["7.5000"]
    assert counts(raw) == {"sales_2026-01-05.csv": (1, 1, 0, 0)}


def test_a_file_that_now_says_what_another_says_holds_its_old_rows_no_longer(deliver, load, raw):
    deliver("sales_2026-01-05_a.csv", ROW)
    deliver("sales_2026-01-05_b.csv", "S1,1,2,1,B,1,9.00,")
    load()
    deliver("sales_2026-01-05_a.csv", "S1,1,2,1,B,1,9.00,")
    summary = load()
    assert summary.duplicates == ["sales_2026-01-05_a.csv"]
    assert [str(line[3]) for line in counted_lines(raw)] == ["9.0000"]


@pytest.mark.parametrize("batch_records", [1, 1000])
def test_files_that_exchange_what_they_say_lose_nothing(
    deliver, load, raw, monkeypatch, batch_records
):
    """And a third one takes the content that the first gives up in the same load."""
    monkeypatch.setattr("pipelines.feeds.loader.BATCH_RECORDS", batch_records)
    one_line, other_line = ROW, "S1,1,2,1,B,1,9.00,"
    deliver("sales_2026-01-05_a.csv", one_line)
    deliver("sales_2026-01-05_b.csv", other_line)
    load()
    deliver("sales_2026-01-05_a.csv", other_line)
    deliver("sales_2026-01-05_b.csv", one_line)
    load()
    assert [str(line[3]) for line in counted_lines(raw)] == ["2.5000", "9.0000"]
    deliver("sales_2026-01-05_a.csv", "S1,1,3,1,C,1,4.00,")
    deliver("sales_2026-01-05_b.csv", other_line)
    deliver("sales_2026-01-05_c.csv", one_line)
    load()
    assert [str(line[3]) for line in counted_lines(raw)] == ["2.5000", "9.0000", "4.0000"]


def test_fault_22_a_repeated_row_counts_once_within_and_across_files(deliver, load, raw):
    deliver("sales_2026-01-05_a.csv", ROW, ROW, "S1,1,2,1,B,1,1.00,")
    deliver("sales_2026-01-05_b.csv", "S1,1,2,1,B,1,1.00,", "S1,1,3,1,B,1,1.00,")
    load()
    assert sum(row[3] for row in counts(raw).values()) == 2
    assert len(counted_lines(raw)) == 3


def test_a_receipt_of_many_lines_repeats_only_those_that_come_twice(deliver, load, raw):
    """Lines 1 and 65 share their bit of the first probe, and are not the same line."""
    lines = [f"S1,1,1,{line},A,1,2.50," for line in (1, 65, 129, 63, 127)]
    deliver("sales_2026-01-05.csv", *lines, lines[1])
    load()
    assert counts(raw) == {"sales_2026-01-05.csv": (6, 5, 0, 1)}
    assert [row[2] for row in counted_lines(raw)] == [1, 63, 65, 127, 129]


def test_fault_21_rows_that_contradict_each_other_are_all_quarantined(deliver, load, raw):
    deliver("sales_2026-01-05_a.csv", ROW, "S1,1,2,1,B,1,1.00,")
    deliver("sales_2026-01-05_b.csv", "S1,1,1,1,A,1,99.00,C1")
    load()
    assert counts(raw) == {
        "sales_2026-01-05_a.csv": (2, 1, 1, 0),
        "sales_2026-01-05_b.csv": (1, 0, 1, 0),
    }
    assert "says otherwise" in one(raw, "select reason from ledger.excluded_row")[0]


def test_a_mail_opened_twice_a_day_and_a_customer_of_two_cells_contradict_nothing(
    deliver, load, raw, house
):
    (house.mappings / "touches.yml").write_text(
        "feed: campaign_touch\nfiles: touches_{event_date}.csv\n"
        "columns: {campaign: campaign_id, cell: cell_id, who: customer_ref, what: event,"
        " at: event_ts}\n",
        encoding="utf-8",
    )
    deliver(
        "touches_2026-01-05.csv",
        "K1,A,C1,opened,2026-01-05T08:00:00Z",
        "K1,A,C1,opened,2026-01-05T19:00:00Z",
        "K1,B,C1,opened,2026-01-05T19:00:00Z",
        "K1,,C2,opened,",
        "K1,,C2,opened,",
        header="campaign,cell,who,what,at",
    )
    load()
    assert counts(raw) == {"touches_2026-01-05.csv": (5, 4, 0, 1)}


def test_a_conflict_ends_when_one_of_the_files_is_corrected(deliver, load, raw):
    deliver("sales_2026-01-05_a.csv", ROW)
    deliver("sales_2026-01-05_b.csv", "S1,1,1,1,A,1,99.00,C1")
    load()
    assert counted_lines(raw) == []
    deliver("sales_2026-01-05_b.csv", "S1,1,8,1,A,1,99.00,C1")
    load()
    assert [line[1] for line in counted_lines(raw)] == [1, 8]
    assert counts(raw)["sales_2026-01-05_a.csv"] == (1, 1, 0, 0)


def test_a_copy_counts_when_the_original_is_replaced(deliver, load, raw):
    deliver("sales_2026-01-05_a.csv", ROW)
    deliver("sales_2026-01-05_b.csv", ROW)
    load()
    deliver("sales_2026-01-05_a.csv", "S1,1,5,1,A,1,5.00,")
    load()
    assert [line[1] for line in counted_lines(raw)] == [1, 5]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_in_which_files_come_does_not_matter(deliver, load, raw, order):
    files = {
        "sales_2026-01-05_a.csv": [ROW, "S1,1,2,1,B,1,1.00,"],
        "sales_2026-01-05_b.csv": ["S1,1,2,1,B,1,1.00,", "S1,1,3,1,B,1,1.00,"],
        "sales_2026-01-05_c.csv": ["S1,1,3,1,B,1,8.00,", "S1,1,4,1,B,1,1.00,"],
    }
    for place in order:
        name = list(files)[place]
        deliver(name, *files[name])
        load()
    assert [line[1] for line in counted_lines(raw)] == [1, 2, 4]
    version = one(raw, "select source_version from ledger.business_day")
    assert len(version[0]) == 32


def test_a_file_dated_after_the_window_waits(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW)
    deliver("sales_2026-01-06.csv", ROW)
    assert load(until=date(2026, 1, 5)).loaded == ["sales_2026-01-05.csv"]
    assert load(until=date(2026, 1, 6)).loaded == ["sales_2026-01-06.csv"]


def test_fault_14_a_file_that_may_still_be_written_waits(deliver, load, raw):
    deliver("sales_2026-01-05.csv", ROW)
    summary = load(settle_seconds=3600)
    assert summary.not_ready == ["sales_2026-01-05.csv"]
    assert summary.loaded == []


def test_fault_25_a_strange_file_is_reported_and_does_not_stop_the_others(deliver, load, raw):
    deliver("notes.txt", content=b"hello\n")
    deliver("sales_2026-01-05.csv", ROW)
    summary = load()
    assert summary.strangers == ["notes.txt"]
    assert summary.refused == {}
    assert len(summary.loaded) == 1


def test_a_changed_mapping_loads_its_files_again(deliver, load, raw, house):
    deliver("sales_2026-01-05.csv", 'S1,1,1,1,A,1,"2,50",C1')
    load()
    assert counts(raw)["sales_2026-01-05.csv"] == (1, 0, 1, 0)
    mapping = house.mappings / "sales.yml"
    mapping.write_text(mapping.read_text() + 'decimal_separator: ","\n', encoding="utf-8")
    load()
    assert counts(raw)["sales_2026-01-05.csv"] == (1, 1, 0, 0)


def test_fault_39_a_glob_character_in_a_file_name_stands_for_itself(deliver, load, raw):
    deliver("sales_2026-01-05[1].csv", ROW)
    deliver("sales_2026-01-051.csv", "S1,1,2,1,B,1,1.00,")
    deliver("sales_2026-01-05'; drop table feeds.pos_line;--.csv", "S1,1,3,1,B,1,1.00,")
    load()
    assert [line[1] for line in counted_lines(raw)] == [1, 2, 3]


MAPPED = """\
feed: pos_line
files: till_*
format: {format}
columns:
  store: store_id
  receipt: transaction_seq
  line: line_seq
  item: item_id
  qty: qty
  amount: extended_amount
  moment: sold_at
constants: {{workstation_id: "7"}}
business_day: {{from: sold_at, time_zone: America/New_York, cut_over_hour: 3}}
{more}
"""


def write_mapping(house, file_format, more=""):
    (house.mappings / "till.yml").write_text(
        MAPPED.format(format=file_format, more=more), encoding="utf-8"
    )


def test_json_lines_load_and_a_broken_line_is_one_bad_row(deliver, load, raw, house):
    write_mapping(house, "jsonl")
    good = {
        "store": "S1",
        "receipt": 1,
        "line": 1,
        "item": "007",
        "qty": 1.25,
        "amount": "2.50",
        "moment": "2026-01-05T12:00:00Z",
    }
    twice = json.dumps({**good, "line": 3}).replace('"qty"', '"amount": "9.50", "qty"')
    lines = [json.dumps(good), "{broken", json.dumps({**good, "line": 2, "item": None}), twice]
    deliver("till_1.jsonl", content=("\n".join(lines) + "\n").encode())
    load()
    assert counts(raw)["till_1.jsonl"] == (4, 2, 2, 0)
    kept = raw.execute("select line_number, reasons, raw_text from quarantine.row order by 1")
    assert [(line, why.partition(";")[0], text) for line, why, text in kept.fetchall()] == [
        (number, "record: is no JSON object that gives each name once", lines[number - 1])
        for number in (2, 4)
    ]
    assert one(
        raw, "select item_id, cast(qty as varchar) from feeds.pos_line where line_seq = 1"
    ) == (
        "007",
        "1.250",
    )


def test_parquet_loads_exact_types_and_refuses_inexact_values(load, raw, house):
    write_mapping(house, "parquet")
    with duckdb.connect() as other:
        other.execute(
            """
            copy (
                select 'S1' as store, i as receipt, 1 as line, 'A' as item,
                    case when i = 3 then 1.23456 else 1.5 end::double as qty,
                    2.5::decimal(9, 2) as amount, timestamptz '2026-01-05 12:00:00+00' as moment
                from range(1, 5) t(i)
            ) to '%s' (format parquet)
            """
            % (house.landing / "till_1.parquet")
        )
    load()
    assert counts(raw)["till_1.parquet"] == (4, 3, 1, 0)
    assert reasons(raw) == {3: "qty: '1.23456' is not a decimal(18,3) with decimal '.'"}


def write_parquet(house, name, columns):
    with duckdb.connect() as other:
        other.execute(f"copy (select {columns}) to '{house.landing / name}' (format parquet)")


PARQUET_ROW = (
    "'S1' as store, 1 as receipt, 1 as line, 'A' as item, 1 as qty, {amount} as amount, "
    "timestamptz '2026-01-0{day} 12:00:00+00' as moment"
)


def test_fault_28_a_parquet_file_without_a_required_column_is_refused_alone(load, raw, house):
    """Files of one shape are read in one statement; a file of another was once read with them."""
    write_mapping(house, "parquet")
    row = PARQUET_ROW.format(amount="2.50", day=6).replace("as amount", "as amounts")
    write_parquet(house, "till_1.parquet", row)
    write_parquet(house, "till_2.parquet", PARQUET_ROW.format(amount="2.50", day=7))
    assert "no column 'amount'; did it become 'amounts'?" in load().refused["till_1.parquet"]
    assert one(raw, "select item_id, line_seq from feeds.pos_line") == ("A", 1)


def test_fault_28_a_parquet_column_with_blanks_around_its_name_is_none_of_ours(load, raw, house):
    write_mapping(house, "parquet")
    row = PARQUET_ROW.format(amount="2.50", day=6).replace("as amount", 'as "amount "')
    write_parquet(house, "till_1.parquet", row)
    assert "'amount ' has blanks around its name" in load().refused["till_1.parquet"]


def test_fault_30_a_parquet_file_keeps_its_decimals_beside_one_with_fewer(load, raw, house):
    write_mapping(house, "parquet")
    for number, amount in enumerate(("2.5::decimal(9, 1)", "2.4567::decimal(9, 4)"), start=1):
        write_parquet(
            house, f"till_{number}.parquet", PARQUET_ROW.format(amount=amount, day=number)
        )
    load()
    amounts = raw.execute("select cast(extended_amount as varchar) from feeds.pos_line order by 1")
    assert amounts.fetchall() == [("2.4567",), ("2.5000",)]


@pytest.mark.parametrize(
    ("moment", "day", "utc"),
    [
        ("2026-01-06T07:59:59Z", "2026-01-05", "2026-01-06 07:59:59"),
        ("2026-01-06T08:00:00Z", "2026-01-06", "2026-01-06 08:00:00"),
        ("2026-07-06T06:59:59Z", "2026-07-05", "2026-07-06 06:59:59"),
        ("2026-01-06T09:00:00+02:00", "2026-01-05", "2026-01-06 07:00:00"),
        ("2026-01-06 08:00:00", "2026-01-06", "2026-01-06 08:00:00"),
    ],
)
def test_fault_40_the_business_day_follows_from_moment_time_zone_and_cut_over(
    deliver, load, raw, house, moment, day, utc
):
    """Three o'clock in New York is 08:00 UTC in winter and 07:00 UTC in summer."""
    write_mapping(house, "csv")
    deliver(
        "till_1.csv",
        f"S1,1,1,A,1,2.50,{moment}",
        header="store,receipt,line,item,qty,amount,moment",
    )
    load()
    found = one(raw, "select business_date, sold_at from feeds.pos_line")
    assert tuple(map(str, found)) == (day, utc)


def test_a_row_of_another_day_than_its_file_name_is_quarantined(deliver, load, raw, house):
    write_mapping(house, "csv")
    path = house.mappings / "till.yml"
    path.write_text(path.read_text().replace("till_*", "till_{business_date}.csv"))
    deliver(
        "till_2026-01-05.csv",
        "S1,1,1,A,1,2.50,2026-01-05T12:00:00Z",
        "S1,2,1,A,1,2.50,2026-01-06T12:00:00Z",
        header="store,receipt,line,item,qty,amount,moment",
    )
    load()
    assert reasons(raw) == {
        3: "business_date: 2026-01-06 is not 2026-01-05, which the file name says"
    }


def test_declared_locale_dates_and_delimiter_are_read_and_nothing_else(deliver, load, raw, house):
    write_mapping(
        house,
        "csv",
        'delimiter: ";"\nencoding: cp1252\ndecimal_separator: ","\nthousands_separator: "."\n'
        'timestamp_format: "%d.%m.%Y %H:%M:%S"\ntime_zone: Europe/Berlin',
    )
    rows = [
        "Köln;1;1;Müsli;1;1.234,50;05.01.2026 12:00:00",
        "Köln;2;1;Müsli;1;1,234.50;05.01.2026 12:00:00",
        "Köln;3;1;Müsli;1;12.34,50;05.01.2026 12:00:00",
        "Köln;4;1;Müsli;1;5,00;5.1.26 12:00:00",
        "Köln;5;1;Müsli;1;5,00;30.02.2026 12:00:00",
    ]
    text = "\n".join(["store;receipt;line;item;qty;amount;moment", *rows]) + "\n"
    deliver("till_1.csv", content=text.encode("cp1252"))
    load()
    assert list(reasons(raw)) == [3, 4, 5, 6]
    found = one(raw, "select store_id, item_id, extended_amount, sold_at from feeds.pos_line")
    assert tuple(map(str, found)) == ("Köln", "Müsli", "1234.5000", "2026-01-05 11:00:00")


def test_a_gzipped_file_loads(deliver, load, raw, house):
    write_mapping(house, "csv")
    text = "store,receipt,line,item,qty,amount,moment\nS1,1,1,A,1,2.50,2026-01-05T12:00:00Z\n"
    deliver("till_1.csv.gz", content=gzip.compress(text.encode()))
    load()
    assert counts(raw)["till_1.csv.gz"] == (1, 1, 0, 0)


def test_a_full_extract_that_shrank_is_refused(deliver, load, raw, house):
    (house.mappings / "items.yml").write_text(
        "feed: item\nfiles: items_{extract_date}.csv\ncolumns: {sku: item_id}\n", encoding="utf-8"
    )
    deliver("items_2026-01-05.csv", *[f"A{n}" for n in range(100)], header="sku")
    deliver("items_2026-01-06.csv", *[f"A{n}" for n in range(30)], header="sku")
    load()
    summary = load()
    reason = one(raw, "select reason from ledger.file where status = 'refused'")[0]
    assert "30 rows, where items_2026-01-05.csv had 100" in reason
    assert summary.loaded == []


def test_an_old_full_extract_that_comes_late_is_held_against_those_before_it(
    deliver, load, raw, house
):
    """It was refused, since the extract of a month later was twice as long."""
    (house.mappings / "items.yml").write_text(
        "feed: item\nfiles: items_{extract_date}.csv\ncolumns: {sku: item_id}\n", encoding="utf-8"
    )
    deliver("items_2026-02-05.csv", *[f"A{n}" for n in range(100)], header="sku")
    load()
    deliver("items_2026-01-05.csv", *[f"A{n}" for n in range(30)], header="sku")
    assert load().loaded == ["items_2026-01-05.csv"]
    deliver("items_2026-01-20.csv", *[f"A{n}" for n in range(10)], header="sku")
    assert "where items_2026-01-05.csv had 30" in load().refused["items_2026-01-20.csv"]


def test_a_span_of_days_touches_each_of_them(deliver, load, raw, house):
    (house.mappings / "coverage.yml").write_text(
        "feed: promo_coverage\nfiles: coverage.csv\n"
        "columns: {p: promotion_id, i: item_id, s: store_id, a: from_date, z: to_date}\n",
        encoding="utf-8",
    )
    deliver(
        "coverage.csv",
        "P,A,S1,2026-01-05,2026-01-07",
        "P,A,S1,2026-01-08,2026-01-07",
        header="p,i,s,a,z",
    )
    load()
    days = raw.execute("select business_date from ledger.business_day order by 1").fetchall()
    assert [str(day[0])[-2:] for day in days] == ["05", "06", "07"]
    assert "to_date: is before from_date" in reasons(raw)[3]


def test_values_near_a_person_never_stand_in_a_reason(deliver, load, raw, house):
    (house.mappings / "crm.yml").write_text(
        "feed: crm_customer\nfiles: crm_{extract_ts}.csv\n"
        "columns: {id: source_customer_id, born: birth_date}\nconstants: {source_system: crm}\n",
        encoding="utf-8",
    )
    deliver("crm_2026-01-05.csv", "1,1970-13-77", "2,1980-01-01", header="id,born")
    load()
    assert reasons(raw) == {2: "birth_date: a value that is not a date written %Y-%m-%d"}


@pytest.mark.parametrize("feed", load_contracts())
def test_what_a_contract_requires_and_allows_is_proved_while_loading(feed, load, raw, house):
    """So the suites of raw tables need not ask again: a row for each way to break the contract."""
    contract = load_contracts()[feed]
    names = [column.name for column in contract.columns]
    sound = {column.name: _sound_text(column) for column in contract.columns}
    if contract.conversion:
        sound[contract.conversion.currency] = "EUR"
    bad = [
        *((c.name, "") for c in contract.columns if c.required and c.default is None),
        *((c.name, "no such code") for c in contract.columns if c.allowed),
        *((c.name, "much") for c in contract.columns if c.type != "text" and not c.allowed),
        *((c.name, "-99999999") for c in contract.columns if c.minimum is not None),
    ]
    # Sound rows at the end, so that the file is not refused for being mostly unsound.
    rows = [sound, *({**sound, name: text} for name, text in bad), *(sound for _ in bad)]
    columns = "".join(f"  {name}: {name}\n" for name in names)
    (house.mappings / f"{feed}_proof.yml").write_text(
        f"feed: {feed}\nfiles: proof/*.csv\nreporting_currency: EUR\ncolumns:\n{columns}"
    )
    lines = [names, *([row[name] for name in names] for row in rows)]
    path = house.landing / "proof" / "proof.csv"
    path.parent.mkdir(parents=True)
    path.write_text("".join(",".join(line) + "\n" for line in lines))
    load()
    assert [
        number
        for (number,) in raw.execute(
            f"select _line_number from {contract.table} order by 1"
        ).fetchall()
    ] == [2, *range(3 + len(bad), 3 + 2 * len(bad))]
    told = {number: reason.split(":")[0] for number, reason in reasons(raw).items()}
    assert told == {number: name for number, (name, _) in enumerate(bad, start=3)}


def _sound_text(column):
    """A text that the column takes."""
    if column.allowed:
        return column.allowed[0]
    kinds = {"text": "a", "date": "2026-01-05", "timestamp": "2026-01-05T10:00:00Z"}
    return kinds.get(column.type, "true" if column.type == "boolean" else "1")


def test_every_mapping_of_the_demo_can_be_used():
    from pathlib import Path

    from pipelines import demo

    assert len(load_mappings(Path(demo.__file__).parent / "mappings")) == 8
