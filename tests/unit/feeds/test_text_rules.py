"""Card numbers are stored nowhere; keys are made alike where declared; nothing unreadable passes.

The card numbers are the public test numbers of the payment networks.
"""

import duckdb
import pytest

from pipelines.feeds.text_rules import gtin_holds, holds_card_number, luhn_holds
from pipelines.redaction import mask

CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "30569309025904",
         "6011111111111117", "4222222222222", "6304000000000000", "6200000000000005"]  # fmt: skip


def ask(expression, text):
    with duckdb.connect() as connection:
        (row,) = connection.execute(f"select {expression} from (select ? as x)", [text]).fetchall()
    return row[0]


@pytest.mark.parametrize("card", CARDS)
def test_luhn_holds_for_card_numbers_and_for_no_neighbour(card):
    assert ask(luhn_holds("x"), card)
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert not ask(luhn_holds("x"), wrong)


@pytest.mark.parametrize(
    "text",
    [*CARDS, "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005",
     "paid with 4111111111111111, thanks", "4111111111111111 0127", "2 4111 1111 1111 1111"],
)  # fmt: skip
def test_a_card_number_is_found_wherever_it_stands(text):
    assert ask(holds_card_number("x"), text)


@pytest.mark.parametrize(
    "text",
    ["4111111111111112", "411111111111", "41111111111111111111", "", None, "+49 30 1234567",
     "4111.1111.1111.1111", "2026-01-05", "S1"],
)  # fmt: skip
def test_other_texts_are_no_card_numbers(text):
    assert not ask(holds_card_number("x"), text)


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ("4006381333931", True),  # the example of the GTIN-13 article of many handbooks
        ("036000291452", True),  # UPC-A
        ("96385074", True),  # EAN-8
        ("10614141000415", True),  # GTIN-14 of GS1's own guide
        ("4006381333932", False),
        ("036000291453", False),
        ("400638133393", False),
        ("123456789", False),
    ],
)
def test_gtin_check_digits(code, holds):
    assert ask(gtin_holds("x"), code) is holds


def test_a_message_masks_long_numbers_and_keeps_digests():
    assert mask("it reads S1, 4111 1111 1111 1111, x") == "it reads S1, [card number], x"
    digest = "a1234567890123456b"
    assert mask(digest) == digest


CARD = CARDS[0]
HEADER = "store,till,receipt,line,item,qty,amount,card,note"


def stored_bytes(house, raw):
    raw.execute("checkpoint")
    raw.close()
    return b"".join(path.read_bytes() for path in house.home.glob("raw.duckdb*"))


@pytest.mark.parametrize(
    "row",
    [
        f"S1,1,1,1,A,1,2.50,{CARD},",
        f"S1,1,1,1,{CARD},1,2.50,C1,",
        f"{CARD},1,1,1,A,1,2.50,C1,",
        f"S1,1,1,1,A,{CARD},2.50,C1,",
        f"S1,1,oops,1,A,1,2.50,C1,{CARD}",
        "S1,1,1,1,A,1,2.50,4111 1111 1111 1111,",
        f"S1,1,1,1,A,1,2.50,C1,{CARD},one field too many",
        f"S1,1,{CARD}",
    ],
)
def test_a_row_with_a_card_number_is_quarantined_and_the_number_is_stored_nowhere(
    deliver, load, raw, house, row
):
    deliver("sales_2026-01-05.csv", row, "S1,1,2,1,A,1,2.50,C1,", header=HEADER)
    summary = load()
    assert (summary.loaded_count, summary.quarantined_count) == (1, 1)
    (found,) = raw.execute("select reasons, raw_text from quarantine.row").fetchall()
    assert "[card number]" in found[1]
    content = stored_bytes(house, raw)
    assert b"[card number]" in content, "the text can be read in the file at all"
    assert CARD.encode() not in content
    assert b"4111 1111 1111 1111" not in content


def test_the_reason_names_the_column_and_the_rule(deliver, load, raw):
    deliver("sales_2026-01-05.csv", f"S1,1,1,1,A,1,2.50,{CARD}")
    load()
    reasons = raw.execute("select reasons from quarantine.row").fetchall()
    assert reasons == [("customer_ref: holds what may be a card number",)]


def test_a_refused_file_does_not_show_a_card_number_of_its_first_row(deliver, load, raw):
    deliver("sales_2026-01-05.csv", content=f"S1,1,1,1,A,1,2.50,{CARD}\n".encode())
    assert "[card number]" in load().refused["sales_2026-01-05.csv"]
    (found,) = raw.execute("select reason from ledger.file").fetchall()
    assert CARD not in found[0]


def test_numbers_that_a_mapping_calls_the_retailers_own_are_loaded(deliver, load, house):
    mapping = house.mappings / "sales.yml"
    mapping.write_text(mapping.read_text() + "own_numbers: [customer_ref]\n", encoding="utf-8")
    deliver("sales_2026-01-05.csv", f"S1,1,1,1,A,1,2.50,{CARD}")
    assert load().loaded_count == 1


@pytest.mark.parametrize(
    ("item", "gtin", "is_loaded"),
    [
        ("0000000000000", "", True),  # a right GTIN-13 that passes Luhn too
        ("A", "4222222222222", True),  # no right GTIN; a gate of its own judges bar codes
        ("4222222222222", "", False),  # Luhn holds, GS1's check does not
        ("A", CARD, False),  # longer than any bar code
    ],
)
def test_bar_codes_are_believed_where_bar_codes_belong(deliver, load, house, item, gtin, is_loaded):
    (house.mappings / "items.yml").write_text(
        "feed: item\nfiles: items_{extract_date}.csv\ncolumns: {sku: item_id, ean: gtin}\n",
        encoding="utf-8",
    )
    deliver("items_2026-01-05.csv", f"{item},{gtin}", header="sku,ean")
    assert load().loaded_count == is_loaded


NORMALISED = "normalise: {item_id: [trim, invisible, nfkc, upper]}\n"


@pytest.mark.parametrize(
    "written",
    ["00a7", " 00a7 ", "\u300000a7", "00\u200ba7", "００Ａ７", "\ufeff00a7", "\u00a000a7\u00a0"],
)
def test_fault_37_keys_are_made_alike_where_declared_and_the_ledger_says_so(
    deliver, load, raw, house, written
):
    mapping = house.mappings / "sales.yml"
    mapping.write_text(mapping.read_text() + NORMALISED, encoding="utf-8")
    deliver("sales_2026-01-05.csv", f"S1,1,1,1,{written},1,2.50,", "S1,1,2,1,00A7,1,2.50,")
    load()
    assert raw.execute("select distinct item_id from feeds.pos_line").fetchall() == [("00A7",)]
    (found,) = raw.execute("select warning from ledger.file").fetchall()
    assert found[0] == "normalised: item_id in 1 row(s) (trim, invisible, nfkc, upper)"


def test_fault_37_keys_stay_text_and_as_they_are_where_nothing_is_declared(deliver, load, raw):
    deliver("sales_2026-01-05.csv", "S1,01,1,1,007,1,2.50,", "S1,1,1,1,７,1,2.50,")
    load()
    rows = raw.execute("select workstation_id, item_id from feeds.pos_line order by 1").fetchall()
    assert rows == [("01", "007"), ("1", "７")]


@pytest.mark.parametrize("byte", [0, 1, 8, 11, 127])
def test_fault_33_a_control_byte_is_one_bad_row(deliver, load, raw, byte):
    content = b"S1,1,1,1,A,1,2.50,C1\nS1,1,2,1,A,1,2.50,C1\nS1,1,3,1,A,1,2.50,C1\n"
    content = content.replace(b"2,1,A", b"2,1,A" + bytes([byte]))
    header = b"store,till,receipt,line,item,qty,amount,card\n"
    deliver("sales_2026-01-05.csv", content=header + content)
    load()
    lines = raw.execute("select _line_number from feeds.pos_line order by 1").fetchall()
    assert lines == [(2,), (4,)]
    found = raw.execute("select line_number, reasons from quarantine.row").fetchall()
    assert found == [(3, "item_id: holds a character that cannot be read")]
