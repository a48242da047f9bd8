"""Gate 19: too large a cluster or too many merges at once stop the run, and nothing is written."""

import re
from datetime import timedelta

import pytest

from pipelines.identity.decisions import Decision, decide_acceptance
from pipelines.identity.limits import IdentityLimitExceeded, Limits
from pipelines.nightly import EXIT_CODES

FEW = Limits(cluster_size=3, minimum_records=4, merge_rate_jump=0.2)


def add(registry, numbers, mail=None):
    for number in numbers:
        registry.customer(
            f"crm:{number}",
            given_name="Anna",
            family_name="Muster",
            email=mail or f"anna{number}@example.org",
        )


def test_a_large_cluster_stops_the_run(registry):
    add(registry, range(4), mail="anna@example.org")
    with pytest.raises(IdentityLimitExceeded) as stopped:
        registry.resolve(FEW)
    message = str(stopped.value)
    assert re.search(
        r"gate 19, cluster size: 1 customer\(s\) .* P[0-9a-f]{16} \(4 records\)", message
    )
    assert "anna" not in message.lower()
    for table in ("xref_customer_identity", "household", "resolution"):
        assert registry.rows(f"select count(*) from identity.{table}") == [(0,)]


def test_a_cluster_within_the_limit_passes_and_cards_do_not_count(registry):
    add(registry, range(3), mail="anna@example.org")
    registry.receipt("0", "L1")
    registry.resolve(FEW)
    assert [len(members) for members in registry.clusters()] == [4]


def test_many_more_merges_than_before_stop_the_run(registry):
    add(registry, range(6))
    registry.resolve(FEW)
    before = registry.rows("from identity.xref_customer_identity order by all")
    for number in (6, 7, 8):
        add(registry, [number], mail=f"anna{number - 6}@example.org")
    with pytest.raises(IdentityLimitExceeded, match=r"gate 19, merge rate: 33.3% of 9 records"):
        registry.resolve(FEW)
    assert registry.rows("from identity.xref_customer_identity order by all") == before


def test_what_somebody_accepts_passes_once(registry):
    add(registry, range(6))
    registry.resolve(FEW)
    for number in (6, 7, 8):
        add(registry, [number], mail=f"anna{number - 6}@example.org")
    decide_acceptance(
        registry.connection,
        Decision(
            decided_by="kim", reason="a new shop", decided_at=registry.moment + timedelta(hours=1)
        ),
    )
    registry.resolve(FEW)
    assert len(registry.clusters()) == 3
    for number in (9, 10, 11, 12, 13):
        add(registry, [number], mail=f"anna{(number - 9) % 6}@example.org")
    with pytest.raises(IdentityLimitExceeded, match="merge rate"):
        registry.resolve(FEW)


def test_a_few_records_have_no_rate(registry):
    add(registry, range(3))
    registry.resolve(FEW)
    add(registry, range(3, 6), mail="anna0@example.org")
    with pytest.raises(IdentityLimitExceeded, match="cluster size"):
        registry.resolve(FEW)
    registry.resolve(Limits(cluster_size=9, minimum_records=4, merge_rate_jump=0.2))
    assert len(registry.clusters()) == 1


def test_the_gate_ends_a_night_with_the_code_for_bad_data():
    assert EXIT_CODES[IdentityLimitExceeded.__name__] == 3
