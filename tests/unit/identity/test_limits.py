"""Gate 19: too large a cluster or too many merges at once stop the run, and nothing is written."""

import re
import shutil
from datetime import timedelta

import pytest

from pipelines.identity.decisions import Decision, decide_acceptance
from pipelines.identity.limits import (
    LIMITS_SEED,
    IdentityLimitExceeded,
    LimitsError,
    read_limits,
)
from pipelines.nightly import EXIT_CODES

from .conftest import SEEDS

HEADER = "cluster_record_count,merge_rate_increase,minimum_record_count"


@pytest.fixture
def set_limits(registry, tmp_path):
    """Gives the registry limits of its own, as a retailer does."""
    registry.seeds = tmp_path / "seeds"
    shutil.copytree(SEEDS, registry.seeds)

    def write(*rows, header=HEADER):
        path = registry.seeds / LIMITS_SEED
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        return path

    write("3,0.2,4")
    return write


def add(registry, numbers, mail=None):
    for number in numbers:
        registry.customer(
            f"crm:{number}",
            given_name="Anna",
            family_name="Muster",
            email=mail or f"anna{number}@example.org",
        )


def test_a_large_cluster_stops_the_run(registry, set_limits):
    add(registry, range(4), mail="anna@example.org")
    with pytest.raises(IdentityLimitExceeded) as stopped:
        registry.resolve()
    message = str(stopped.value)
    assert re.search(
        r"gate 19, cluster size: 1 customer\(s\) .* P[0-9a-f]{16} \(4 records\)", message
    )
    assert "anna" not in message.lower()
    for table in ("xref_customer_identity", "household", "resolution"):
        assert registry.rows(f"select count(*) from identity.{table}") == [(0,)]


def test_a_cluster_within_the_limit_passes_and_cards_do_not_count(registry, set_limits):
    add(registry, range(3), mail="anna@example.org")
    registry.receipt("0", "L1")
    registry.resolve()
    assert [len(members) for members in registry.clusters()] == [4]


def test_many_more_merges_than_before_stop_the_run(registry, set_limits):
    add(registry, range(6))
    registry.resolve()
    before = registry.rows("from identity.xref_customer_identity order by all")
    for number in (6, 7, 8):
        add(registry, [number], mail=f"anna{number - 6}@example.org")
    with pytest.raises(IdentityLimitExceeded, match=r"gate 19, merge rate: 33.3% of 9 records"):
        registry.resolve()
    assert registry.rows("from identity.xref_customer_identity order by all") == before


def test_what_somebody_accepts_passes_once(registry, set_limits):
    add(registry, range(6))
    registry.resolve()
    for number in (6, 7, 8):
        add(registry, [number], mail=f"anna{number - 6}@example.org")
    decide_acceptance(
        registry.connection,
        Decision(
            decided_by="kim", reason="a new shop", decided_at=registry.moment + timedelta(hours=1)
        ),
    )
    registry.resolve()
    assert len(registry.clusters()) == 3
    for number in (9, 10, 11, 12, 13):
        add(registry, [number], mail=f"anna{(number - 9) % 6}@example.org")
    with pytest.raises(IdentityLimitExceeded, match="merge rate"):
        registry.resolve()


def test_a_few_records_have_no_rate(registry, set_limits):
    add(registry, range(3))
    registry.resolve()
    add(registry, range(3, 6), mail="anna0@example.org")
    with pytest.raises(IdentityLimitExceeded, match="cluster size"):
        registry.resolve()
    set_limits("9,0.2,4")
    registry.resolve()
    assert len(registry.clusters()) == 1


def test_the_gate_ends_a_night_with_the_code_for_bad_data():
    assert EXIT_CODES[IdentityLimitExceeded.__name__] == 3


def test_the_limits_that_come_with_the_house():
    limits = read_limits(SEEDS / LIMITS_SEED)
    assert (limits.cluster_record_count, limits.minimum_record_count) == (15, 200)
    assert limits.merge_rate_increase == 0.05


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has 0 rows"),
        (["3,0.2,4", "5,0.2,4"], "has 2 rows"),
        (["many,0.2,4"], "row 1.*\ncluster_record_count\n.*valid integer"),
        (["0,0.2,4"], "cluster_record_count\n.*greater than or equal to 1"),
        (["3,5,4"], "merge_rate_increase\n.*less than or equal to 1"),
        (["3,0.2"], "minimum_record_count\n.*valid integer"),
    ],
)
def test_limits_that_cannot_be_are_refused_with_file_row_and_column(set_limits, rows, message):
    path = set_limits(*rows)
    with pytest.raises(LimitsError, match=rf"(?s){LIMITS_SEED}.*{message}"):
        read_limits(path)


def test_a_misspelt_limit_is_refused(set_limits):
    path = set_limits("3,0.2,4", header=HEADER.replace("cluster", "clutser"))
    with pytest.raises(LimitsError, match="clutser_record_count"):
        read_limits(path)
