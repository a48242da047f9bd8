"""Both changes of the clocks, by hand: Berlin went to +02:00 on 29 March and back on 25 October."""

import pytest

HEADER = "store,till,receipt,item,qty,amount,moment"


@pytest.fixture
def deliver_moments(house, deliver):
    (house.mappings / "till.yml").write_text(
        """\
feed: pos_line
files: till_*.csv
time_zone: Europe/Berlin
columns: {store: store_id, till: workstation_id, receipt: transaction_seq, item: item_id, qty: qty,
          amount: extended_amount, moment: sold_at}
constants: {line_seq: "1"}
business_day: {from: sold_at, time_zone: Europe/Berlin, cut_over_hour: 3}
""",
        encoding="utf-8",
    )

    def write(*moments, till="1", name="till_1.csv"):
        rows = [f"S1,{till},{n},A,1,2.50,{moment}" for n, moment in enumerate(moments, start=1)]
        deliver(name, *rows, header=HEADER)

    return write


def times(raw):
    rows = raw.execute(
        "select strftime(sold_at, '%d %H:%M'), strftime(business_date, '%d') from feeds.pos_line "
        "order by workstation_id, transaction_seq"
    )
    return rows.fetchall()


def test_fault_40_the_order_of_receipts_tells_the_two_passes_of_the_repeated_hour(
    deliver_moments, load, raw
):
    local = ("01:50", "02:10", "02:50", "02:05", "02:40", "02:55", "03:05")
    deliver_moments(*(f"2026-10-25 {time}" for time in local))
    load()
    assert times(raw) == [
        ("24 23:50", "24"),
        ("25 00:10", "24"),
        ("25 00:50", "24"),
        ("25 01:05", "24"),
        ("25 01:40", "24"),
        ("25 01:55", "24"),
        ("25 02:05", "25"),
    ]


def test_fault_40_a_till_whose_clock_never_steps_back_is_in_standard_time(
    deliver_moments, load, raw
):
    deliver_moments("2026-10-25 02:10", "2026-10-25 02:50")
    deliver_moments("2026-10-25 02:40", "2026-10-25 02:20", till="2", name="till_2.csv")
    load()
    assert [time for time, _ in times(raw)] == ["25 01:10", "25 01:50", "25 00:40", "25 01:20"]


def test_fault_40_an_offset_is_believed(deliver_moments, load, raw):
    deliver_moments("2026-10-25 02:40:00+02:00", "2026-10-25 02:10:00+01:00", "2026-10-25 02:50")
    load()
    assert [time for time, _ in times(raw)] == ["25 00:40", "25 01:10", "25 01:50"]


def test_fault_40_a_time_that_the_clocks_skipped_is_quarantined(deliver_moments, load, raw):
    deliver_moments("2026-03-29 01:59", "2026-03-29 02:30", "2026-03-29 03:00")
    load()
    assert times(raw) == [("29 00:59", "28"), ("29 01:00", "29")]
    found = raw.execute("select line_number, reasons from quarantine.row").fetchall()
    assert found[0][0] == 3
    assert "was skipped when the clocks of Europe/Berlin went forward" in found[0][1]


def test_fault_40_a_second_load_moves_nothing_again(deliver_moments, load, raw):
    deliver_moments("2026-10-25 02:50", "2026-10-25 02:10")
    load()
    before = times(raw)
    load()
    deliver_moments("2026-10-25 12:00", till="2", name="till_2.csv")
    load()
    assert times(raw)[:2] == before == [("25 00:50", "24"), ("25 01:10", "24")]
