"""Mappings: what a retailer may say, and what is refused with clear words."""

import pytest

from pipelines.feeds.mapping import MappingError, claims_on, load_mappings

GOOD = """\
feed: item
files: items/*_{extract_date}.csv
columns: {sku: item_id, descr: item_name, stuff: null}
"""

FOREIGN = """\
feed: ar_open_item
files: open_{extract_date}.csv
columns: {number: document_no, line: line_no, customer: customer_ref, type: document_type,
  posted: posted_date, amount: amount, open: open_amount, money: currency}
"""


def mappings(directory, **files):
    for name, text in files.items():
        (directory / f"{name}.yml").write_text(text, encoding="utf-8")
    return load_mappings(directory)


def test_a_file_name_tells_its_feed_and_its_date(tmp_path):
    (mapping,) = mappings(tmp_path, items=GOOD)
    assert mapping.match("items/north_2026-01-05.csv") == {"extract_date": "2026-01-05"}
    assert mapping.match("items/north_20260105.csv") == {"extract_date": "20260105"}
    assert mapping.match("items/deep/north_2026-01-05.csv") is None
    assert mapping.match("items/north_2026-01-05.csv.gz") is None
    assert mapping.mapped == {"sku": "item_id", "descr": "item_name"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("feed: item", "feed: itme"), "feed 'itme' is none of"),
        (GOOD.replace("item_name", "item_nam"), "no column 'item_nam'"),
        (GOOD.replace("descr: item_name", "descr: item_id"), "'item_id' is filled twice"),
        (GOOD.replace("{sku: item_id, ", "{"), "required column(s) item_id"),
        (GOOD + "encodng: gbk\n", "encodng"),
        (GOOD + "encoding: klingon\n", "klingon"),
        (GOOD + "time_zone: Mars/Olympus\n", "Mars/Olympus"),
        (FOREIGN, "'currency' is filled: declare reporting_currency"),
        (FOREIGN + "reporting_currency: euro\n", "reporting_currency"),
        ("just words\n", "holds no mapping"),
        ("a: [\n", "mapping items.yml"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_named_with_its_mistake(tmp_path, text, words):
    with pytest.raises(MappingError) as error:
        mappings(tmp_path, items=text)
    assert "items.yml" in str(error.value)
    assert words in str(error.value)


def test_two_mappings_that_claim_one_file_are_both_named(tmp_path):
    both = mappings(tmp_path, one=GOOD, two=GOOD)
    with pytest.raises(MappingError, match="one and two both claim it"):
        claims_on("items/a_2026-01-05.csv", both)


def test_a_strange_file_belongs_to_nobody(tmp_path):
    assert claims_on("readme.txt", mappings(tmp_path, items=GOOD)) == []
