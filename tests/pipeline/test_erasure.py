"""A person asks to be erased, another turns out to be two: the house, with its nights around it."""

import hashlib
import json
from decimal import Decimal

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main

from .canaries import leaks
from .conftest import FIRST_DAY, Retailer

pytestmark = pytest.mark.pipeline

MAPPING = """\
feed: crm_customer
files: customers/customers_{extract_ts}.csv
columns: {card: source_customer_id, name: family_name, mail: email, phone: phone}
constants: {source_system: crm}
"""

MAIL, PHONE, NAME = "kim.canary@example.org", "+49 170 1234567", "Canaryson"

SHOP_MAPPING = """\
feed: crm_customer
files: crm/customers_{extract_ts}.csv
columns: {system: source_system, number: source_customer_id, given: given_name,
  family: family_name, mail: email, created: created_ts}
"""

CUSTOMERS = [
    ("card", "name", "mail", "phone"),
    ("C7", NAME, MAIL, PHONE),
    ("C8", "Other", "other@example.org", ""),
]

ONE_OR_TWO = [
    ("system", "number", "given", "family", "mail", "created"),
    ("crm", "C1", "Anna", "Muster", "anna@example.org", "2025-01-01T00:00:00Z"),
    ("crm", "C2", "Anna", "Muster", "anna@example.org", "2025-01-02T00:00:00Z"),
]
"""Two records that are taken for one person."""

CUSTOMER = "P" + hashlib.md5(b"C7", usedforsecurity=False).hexdigest()[:16]
"""What the warehouse calls the one who asks."""

TOTALS = """
    select sum(net_amount), count(*), count(distinct receipt_id), sum(unit_count)
    from core.fct_sales
"""


Sales = dict[str, tuple[int, Decimal]]


@pytest.fixture
def unknown_sales(retailer: Retailer) -> Sales:
    """Lines and net sales by customer, before anybody had a name."""
    return sales(retailer)


@pytest.fixture
def known(retailer: Retailer, unknown_sales: Sales, monkeypatch: pytest.MonkeyPatch) -> Retailer:
    """The retailer after a night that brought customers with names."""
    (retailer.settings.mappings / "customers.yml").write_text(MAPPING, encoding="utf-8")
    (retailer.settings.mappings / "shop.yml").write_text(SHOP_MAPPING, encoding="utf-8")
    retailer.write(f"customers/customers_{FIRST_DAY}.csv", CUSTOMERS)
    retailer.write(f"crm/customers_{FIRST_DAY}.csv", ONE_OR_TWO)
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    monkeypatch.setenv("TILLHOUSE_HOME", str(retailer.settings.home))
    monkeypatch.setenv("TILLHOUSE_SETTLE_SECONDS", "0")
    return retailer


def privacy(*arguments: str):
    """The command line of personal data."""
    return CliRunner().invoke(main, ["privacy", *arguments])


def sales(retailer: Retailer) -> Sales:
    """Lines and net sales by customer."""
    return {
        customer: (lines, net)
        for customer, lines, net in retailer.query(
            "select customer_id, count(*), sum(net_amount) from core.fct_sales group by customer_id"
        )
    }


def named(retailer: Retailer) -> list[tuple]:
    return retailer.query(
        "select customer_id, sum(net_amount) from core.fct_sales "
        f"where customer_id in ('{CUSTOMER}', 'erased') group by 1"
    )


def assert_refusals_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line says why nobody was erased, by its exit code too."""
    held = privacy("hold", "--customer", "C8", "--reason", "law suit 7", "--until", "2099-01-01")
    assert held.exit_code == 0, held.output
    refused = privacy("erase", "--customer", "C8")
    assert (refused.exit_code, refused.output.strip()) == (
        7, "not erased: legal hold until 2099-01-01: law suit 7",
    )  # fmt: skip
    nobody = privacy("erase", "--customer", "C999")
    assert nobody.exit_code == 1
    assert "no record and no fact names a customer C999" in nobody.output
    with monkeypatch.context() as without_key:
        without_key.delenv("TILLHOUSE_PRIVACY_KEY")
        refused = privacy("erase", "--customer", "C7")
        assert refused.exit_code == 6
        assert "set TILLHOUSE_PRIVACY_KEY" in refused.output


def the_merged(before: Sales, merged: Sales) -> str:
    """The one customer who has the sales of two."""
    assert len(merged) == len(before) - 1
    (one,) = {customer for customer, facts in merged.items() if before.get(customer) != facts}
    assert one in before
    return one


def assert_split_restates_one_customer_alone(
    retailer: Retailer, one: str, before: Sales, merged: Sales
) -> None:
    """The night after a split tells the two apart; but for who is erased, others are as ever."""
    split = sales(retailer)
    assert split.pop("erased") == before[CUSTOMER]
    assert split == {customer: facts for customer, facts in before.items() if customer != CUSTOMER}
    causes = retailer.query(
        "select distinct mart_name, cause from meta.restatement "
        "where cause like '%identity: 1 source record(s) linked anew%'"
    )
    # The two still share a mail address, so they are one household and its habits stand.
    assert {mart for mart, _ in causes} == {
        "core.fct_sales", "marts.clv_curve", "marts.cohort_retention", "marts.customer_value",
        "marts.rfm",
    }  # fmt: skip
    relinked = retailer.query(
        "select sum(old_value), sum(new_value) from meta.restatement "
        "where mart_name = 'core.fct_sales' and metric_name = 'relinked_line_count' "
        "and build_id = (select max(build_id) from meta.restatement)"
    )
    assert relinked == [(0, merged[one][0] - before[one][0])]


def test_a_person_is_exported_and_erased_and_no_total_moves(
    known, unknown_sales, tmp_path, monkeypatch
):
    # One house for all of it: each costs a night.
    assert_refusals_are_told(monkeypatch)
    merged = sales(known)
    one = the_merged(unknown_sales, merged)
    before, totals = named(known), known.query(TOTALS)
    assert before[0][0] == CUSTOMER
    scored = f"select count(*) from marts.rfm where customer_id in ('{CUSTOMER}', 'erased')"
    assert known.query(scored) == [(1,)]
    marts = "select sum(net_amount), sum(transaction_count) from marts.store_performance"
    performance = known.query(marts)
    frozen = known.query("select * from marts.department_week order by all")

    exported = privacy(
        "export", "--customer", "C7", "--out", str(tmp_path / "out"), "--by", "office"
    )
    assert exported.exit_code == 0, exported.output
    rows = (tmp_path / "out" / "core.fct_sales.jsonl").read_text(encoding="utf-8").splitlines()
    amounts = [Decimal(str(json.loads(row)["net_amount"])) for row in rows]
    assert sum(amounts) == before[0][1]
    assert MAIL in (tmp_path / "out" / "privacy.dim_customer_pii.jsonl").read_text("utf-8")
    logic = json.loads((tmp_path / "out" / "logic.json").read_text(encoding="utf-8"))
    assert logic["marts.rfm"]["recency_score"].startswith("1 (longest absence) to 5")
    habits = (tmp_path / "out" / "marts.household_habit.jsonl").read_text(encoding="utf-8")
    assert {json.loads(row)["household_id"] for row in habits.splitlines()} == {f"H{CUSTOMER[1:]}"}

    erased = privacy("erase", "--customer", "C7")
    assert erased.exit_code == 0, erased.output
    assert known.query(TOTALS) == totals
    assert known.query(marts) == performance
    assert known.query("select * from marts.department_week order by all") == frozen
    assert named(known) == [("erased", before[0][1])]
    keys = "select distinct customer_key from core.fct_sales where customer_id = 'erased'"
    assert known.query(keys) == [(-3,)]
    assert known.query(scored) == [(0,)]
    assert leaks(known, [MAIL, PHONE, NAME]) == []
    assert len(list((known.settings.published / "builds").iterdir())) == 1
    with duckdb.connect(str(known.settings.raw_database), read_only=True) as raw:
        lines = raw.execute("from feeds.pos_line where customer_ref = 'C7'").fetchall()
        steps = raw.execute("select step from privacy.erasure order by done_at").fetchall()
    assert (lines, steps[-1]) == ([], ("verified",))
    log = "select request_id, erasure_status, rewritten_file_count > 1 from meta.erasure order by 1"
    assert known.query(log) == [("E000001", "refused", False), ("E000002", "in progress", True)]
    shown = "select access_name, shown_table_count > 5 from meta.access_log"
    assert known.query(shown) == [("export", True)]

    # The same files again: the person stays away, the totals stay, and nothing else is built.
    known.write(f"customers/customers_{FIRST_DAY}_again.csv", CUSTOMERS)
    sold = [[*row[:-1], row[-1].replace("erased", "C7")] for row in known.read_day(FIRST_DAY)]
    assert any(row[-1] == "C7" for row in sold)
    known.write_day(FIRST_DAY, sold, suffix="_again")
    mapping = known.settings.mappings / "customers.yml"
    mapping.write_text(MAPPING.replace("}.csv", "}*.csv"), encoding="utf-8")
    decided = CliRunner().invoke(
        main, ["identity", "split", "crm:C2", "--reason", "two people", "--by", "kim"]
    )
    assert decided.exit_code == 0, decided.output
    outcome = known.run()
    assert outcome.exit_code == 0, outcome.reason
    assert known.query(TOTALS) == totals
    assert named(known) == [("erased", before[0][1])]
    assert known.query(log)[1] == ("E000002", "erased", True)
    assert_split_restates_one_customer_alone(known, one, unknown_sales, merged)
