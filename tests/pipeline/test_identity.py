"""A person split by hand: the next night tells the two apart, and nothing else changes."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main

from .conftest import Retailer

pytestmark = pytest.mark.pipeline

CUSTOMERS = """\
feed: crm_customer
files: crm/customers_{extract_ts}.csv
columns: {system: source_system, number: source_customer_id, given: given_name,
  family: family_name, mail: email, created: created_ts}
"""


def sales(retailer: Retailer) -> dict[str, tuple[int, str]]:
    """Lines and net sales by customer."""
    return {
        customer: (lines, net)
        for customer, lines, net in retailer.query(
            "select customer_id, count(*), sum(net_amount) from core.fct_sales group by customer_id"
        )
    }


def test_a_split_restates_the_facts_of_the_touched_customer_alone(
    retailer: Retailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    home: Path = retailer.settings.home
    monkeypatch.setenv("TILLHOUSE_HOME", str(home))
    (retailer.settings.mappings / "customers.yml").write_text(CUSTOMERS, "utf-8")
    retailer.write(
        "crm/customers_2026-01-02.csv",
        [
            ("system", "number", "given", "family", "mail", "created"),
            ("crm", "C1", "Anna", "Muster", "anna@example.org", "2025-01-01T00:00:00Z"),
            ("crm", "C2", "Anna", "Muster", "anna@example.org", "2025-01-02T00:00:00Z"),
        ],
    )
    before = sales(retailer)
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    merged = sales(retailer)
    assert len(merged) == len(before) - 1
    (one,) = {customer for customer, facts in merged.items() if before.get(customer) != facts}

    decided = CliRunner().invoke(
        main, ["identity", "split", "crm:C2", "--reason", "two people", "--by", "kim"]
    )
    assert decided.exit_code == 0, decided.output
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    assert sales(retailer) == before
    assert one in before
    causes = retailer.query(
        "select distinct mart_name, cause from meta.restatement "
        "where cause like '%identity: 1 source record(s) linked anew%'"
    )
    # The two still share a mail address, so they are one household and its habits stand.
    assert {mart for mart, _ in causes} == {
        "core.fct_sales", "marts.cohort_retention", "marts.rfm",
    }  # fmt: skip
    relinked = retailer.query(
        "select sum(old_value), sum(new_value) from meta.restatement "
        "where mart_name = 'core.fct_sales' and metric_name = 'relinked_line_count' "
        "and build_id = (select max(build_id) from meta.restatement)"
    )
    assert relinked == [(0, merged[one][0] - before[one][0])]
