"""The tables of raw.duckdb: one a contract, quarantine, identity, and the ledger beside them.

`ledger.layout` holds the fingerprint of what they were made from, so that a night that finds them
standing asks one question instead of comparing a thousand columns.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from contextlib import suppress

import duckdb

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.retention_tables import RETENTION_TABLES
from pipelines.sql import fetch_one

_TABLES = """
create schema if not exists feeds;
create schema if not exists quarantine;
create schema if not exists ledger;
create schema if not exists identity;
create schema if not exists privacy;

create table if not exists ledger.file (
    file_id bigint, feed text, mapping text, mapping_version text, file_name text,
    name_values text, sha256 text, size_bytes bigint, modified_ns bigint, status text,
    reason text, warning text, row_count bigint, loaded_count bigint, quarantined_count bigint,
    duplicate_count bigint, first_date date, last_date date, load_id bigint,
    loaded_at timestamptz, superseded_by bigint, delivery text,
    is_proven boolean
);
-- A ledger that an earlier release began.
alter table ledger.file add column if not exists delivery text;
alter table ledger.file add column if not exists is_proven boolean;
update ledger.file set is_proven = warning is null or warning not like '%no checksum%'
where is_proven is null and status <> 'refused';
create table if not exists ledger.file_date (
    file_id bigint, feed text, business_date date, row_count bigint
);
create table if not exists ledger.excluded_row (
    feed text, file_id bigint, line_number bigint, row_date date, kind text, reason text
);
create table if not exists ledger.changed_business_date (
    business_date date, is_fact_changed boolean
);
create table if not exists quarantine.row (
    file_id bigint, feed text, line_number bigint, reasons text, raw_text text
);
-- Grain: a source record and the time for which it was linked; open while unlinked_at is NULL.
create table if not exists identity.xref_customer_identity (
    source_system text, source_id text, customer_id text, rule text, score double,
    confidence text, linked_at timestamp, unlinked_at timestamp, decided_by text
);
-- Grain: a person's customer id and the dates, both included, on which it was of one household.
create table if not exists identity.household (
    customer_id text, household_id text, rule text, valid_from_date date, valid_to_date date
);
-- One that an earlier release began.
alter table identity.household add column if not exists valid_from_date date;
alter table identity.household add column if not exists valid_to_date date;
-- Grain: what somebody decided by hand; only ever added to.
create table if not exists identity.decision (
    decision_id bigint, kind text, left_system text, left_id text, right_system text,
    right_id text, decided_at timestamp, decided_by text, reason text
);
-- Grain: a resolution, with fingerprints of what it was made from and of the files behind that.
create table if not exists identity.resolution (
    resolved_at timestamp, version text, record_count bigint, customer_count bigint,
    opened_count bigint, closed_count bigint, files_version text
);
-- One that an earlier release began.
alter table identity.resolution add column if not exists files_version text;
-- Grain: a source record, by its latest delivery. What names or reaches people, with keyed hashes.
create table if not exists privacy.customer_contact (
    source_system text, source_id text, given_name text, family_name text, email text, phone text,
    street text, city text, postcode text, country text, extracted_at timestamp,
    email_hash text, phone_hash text, name_token text
);
-- A table that an earlier release began.
alter table privacy.customer_contact add column if not exists name_token text;
-- The same with the customer that the record is linked to.
create or replace view privacy.dim_customer_pii as
select link.customer_id, contact.*
from privacy.customer_contact as contact
left join identity.xref_customer_identity as link
    on
        contact.source_system = link.source_system
        and contact.source_id = link.source_id
        and link.unlinked_at is null;
-- What of it may leave raw.duckdb.
create or replace view privacy.customer_hash as
select source_system, source_id, email_hash, phone_hash, name_token, extracted_at
from privacy.customer_contact
where coalesce(email_hash, phone_hash, name_token) is not null;
-- From which files, by which key and by which rules the contacts were made.
create table if not exists privacy.contact_version (version text);
-- A hash that tells whether the key is still the same one.
create table if not exists privacy.key_check (key_hash text);
-- Erased people, by keyed hashes of what later deliveries would name them by.
create table if not exists privacy.tombstone (
    kind text, identifier_hash text, erased_at timestamptz
);
-- Up to which file later deliveries were looked through for them.
create table if not exists privacy.looked_through (file_id bigint);
-- When an erased person was found under another number in rows of before, which builds hold; until
-- a build without them is published.
create table if not exists privacy.outdated_build (found_at timestamptz);
-- What was done to erase people, and what was refused, a line a step; only ever added to. The
-- customer stands there as a keyed hash.
create table if not exists privacy.erasure (
    customer_hash text, step text, reason text, done_at timestamptz
);
-- A log that an earlier release began.
alter table privacy.erasure add column if not exists request_id text;
alter table privacy.erasure add column if not exists table_count bigint;
alter table privacy.erasure add column if not exists row_count bigint;
alter table privacy.erasure add column if not exists file_count bigint;
alter table privacy.erasure add column if not exists build_count bigint;
alter table privacy.erasure add column if not exists backup_expiry_date date;
-- Grain: a request to erase somebody. What of it may leave raw.duckdb.
create or replace view privacy.erasure_request as
select
    request_id,
    cast(min(done_at at time zone 'UTC') as date) as requested_date,
    cast(max(done_at at time zone 'UTC') filter (where step = 'verified') as date) as erased_date,
    case
        when bool_or(step = 'verified') then 'erased'
        when bool_or(step = 'refused') then 'refused'
        else 'in progress'
    end as status,
    max(reason) as reason,
    coalesce(sum(table_count), 0)::bigint as table_count,
    coalesce(sum(row_count), 0)::bigint as row_count,
    coalesce(sum(file_count), 0)::bigint as file_count,
    coalesce(sum(build_count), 0)::bigint as build_count,
    max(backup_expiry_date) as backup_expiry_date
from privacy.erasure
where request_id is not null
group by request_id;
-- Grain: a time that somebody was shown what is held on a person, who is not named.
create table if not exists privacy.access (
    access_id text, accessed_at timestamp, kind text, accessed_by text, table_count bigint,
    row_count bigint
);
-- Grain: an erased record, purpose, channel and moment. That there was a consent, and its proof;
-- the record stands there as the keyed hash by which its tombstone knows it.
create table if not exists privacy.consent_proof (
    record_hash text, purpose text, channel text, event_ts timestamp, status text,
    legal_basis text, proof_ref text, policy_version text
);
-- People whose data must be kept for now, and why. The customer stands there as it was typed, and
-- as what names the person whatever their number becomes.
create table if not exists privacy.legal_hold (
    customer text, reason text, until_date date, set_at timestamptz
);
alter table privacy.legal_hold add column if not exists identifiers text[];
create or replace table ledger.feed (
    feed text, title text, is_required boolean, partition_column text, retention text
);
-- Files that tell what changed: what they do not name stands as it was.
create or replace view ledger.delta_file as
select feed, file_id from ledger.file
where status = 'loaded' and delivery = 'delta';
-- What a loaded file stands for: its rows as its mapping reads them. Of several corrections the one
-- with the greatest name counts, so their names are part of it.
create or replace view ledger.file_version as
select
    file_id, feed,
    sha256 || name_values || mapping_version
    || case when delivery = 'delta' then file_name else '' end as version
from ledger.file
where status = 'loaded';
"""

_BUSINESS_DAY = """
create or replace view ledger.business_day as
select
    file_date.business_date,
    md5(
        string_agg(file_version.version, ',' order by file_version.version)
        || (
            select count(*) > 0 from ledger.file
            where feed = 'promo_coverage' and status = 'loaded'
        )
    ) as source_version
from ledger.file_date
inner join ledger.file_version using (file_id)
where file_version.feed in ({feeds})
group by file_date.business_date
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing in raw.duckdb: the ledger, quarantine and one table a contract."""
    connection.execute("set timezone = 'UTC'")
    create_nfkc(connection)
    contracts = load_contracts().values()
    entries = [(c.feed, c.title, c.required, c.dates[0], c.retention) for c in contracts]
    feeds = ", ".join(f"'{c.feed}'" for c in contracts if c.rebuilds_days)
    business_day = _BUSINESS_DAY.format(feeds=feeds)
    fingerprint = _fingerprint(
        _TABLES, RETENTION_TABLES, *map(_create_feed, contracts), str(entries), business_day
    )
    if _standing_fingerprint(connection) == fingerprint:
        return
    # One transaction: to commit each of some hundred statements takes half a second.
    connection.execute("begin")
    connection.execute(_TABLES)
    connection.execute(RETENTION_TABLES)
    _create_feeds(connection, contracts)
    connection.execute(
        "insert into ledger.feed select unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
        [list(values) for values in zip(*entries, strict=True)],
    )
    connection.execute(business_day)
    connection.execute(
        f"create or replace table ledger.layout as select '{fingerprint}' as fingerprint"
    )
    connection.execute("commit")


def _fingerprint(*statements: str) -> str:
    """What the tables are made from, in 64 characters."""
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _standing_fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Fingerprint of the tables that stand; None where none do, or an earlier release's do."""
    try:
        return str(fetch_one(connection, "select max(fingerprint) from ledger.layout")[0])
    except duckdb.CatalogException:
        return None


def _create_feed(contract: Contract) -> str:
    """The statement that creates the table of a contract."""
    columns = ", ".join(f'"{c.name}" {c.duckdb_type}' for c in contract.columns)
    return (
        f"create table {contract.table} "
        f"({columns}, _file_id bigint, _line_number bigint, _loaded_at timestamptz)"
    )


def _create_feeds(connection: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    """Create tables of feeds, and add what a contract has learnt since its table was created."""
    known: dict[str, set[str]] = {}
    for feed, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'feeds'"
    ).fetchall():
        known.setdefault(feed, set()).add(column)
    for contract in contracts:
        if contract.feed not in known:
            connection.execute(_create_feed(contract))
            continue
        for column in contract.columns:
            if column.name not in known[contract.feed]:
                connection.execute(
                    f'alter table {contract.table} add column "{column.name}" {column.duckdb_type}'
                )


def create_nfkc(connection: duckdb.DuckDBPyConnection) -> None:
    """Unicode's compatibility form as an SQL function: DuckDB has only the canonical one."""
    # To ask duckdb_functions() whether it is known costs a hundred times what creating it does.
    with suppress(duckdb.CatalogException, duckdb.NotImplementedException):
        connection.create_function("nfkc", _nfkc, ["varchar"], "varchar")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
