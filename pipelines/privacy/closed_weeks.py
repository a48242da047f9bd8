"""Which fiscal weeks are closed: by store where receipts become sums, else by country.

A closed week stays closed: whoever delivers it again brings nothing back. What is closed depends on
the rules and on the last business date that is loaded, never on the clock, so that a rerun closes
the same.
"""

from collections.abc import Iterable

import duckdb

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.privacy.retention_policy import EVERY_OTHER, SALES, Rule

UNKNOWN_COUNTRY = "unknown"

PLACES = """
create or replace temp table store_country as
select store_id, upper(arg_max(country, extract_date)) as country
from feeds.store where country is not null group by all;
create or replace temp table customer_country as
select source_customer_id as customer_ref, upper(arg_max(country, extract_ts)) as country
from feeds.crm_customer where country is not null group by all;
"""
"""SQL that writes temporary tables of the countries of stores and of customers, as of today."""


def expiring_contracts() -> list[Contract]:
    """The feeds whose rows may expire."""
    return [contract for contract in load_contracts().values() if contract.retention]


def week_start(day: str) -> str:
    """SQL: the Sunday with which the fiscal week of a day begins, as in `core.dim_date`."""
    return f"({day} - cast(dayofweek({day}) as integer))"


def close_weeks(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> None:
    """Close what the rules keep no longer: `retention.kept_from` and the temp `closing_week`.

    `closing_week` are the stores' weeks of receipts that are not closed yet: whoever closes them
    writes their sums first.
    """
    connection.execute(PLACES)
    connection.execute(
        "create or replace temp table retention_rule "
        "(entity text, country text, detail_weeks integer)"
    )
    named = list(rules)
    connection.execute(
        "insert into retention_rule select unnest(?), unnest(?), unnest(?)",
        [
            [rule.entity for rule in named],
            [rule.country for rule in named],
            [rule.detail_weeks for rule in named],
        ],
    )
    connection.execute("delete from retention.kept_from")
    connection.execute(
        f"""
        insert into retention.kept_from
        with place as (
            select country from store_country
            union select country from customer_country
            union select country from retention_rule where country <> '{EVERY_OTHER}'
            union select '{UNKNOWN_COUNTRY}'
        ),
        as_of as (
            select max(business_date) as as_of_date
            from ledger.file_date
            inner join ledger.file using (file_id)
            where file.feed = 'pos_line' and file.status = 'loaded'
        ),
        kept as (
            select
                entity, place.country, as_of_date,
                coalesce(own.detail_weeks, case when own.entity is null then other.detail_weeks end)
                    as detail_weeks
            from (select distinct entity from retention_rule)
            cross join place
            cross join as_of
            left join retention_rule as own using (entity, country)
            left join (select * from retention_rule where country = '{EVERY_OTHER}') as other
                using (entity)
        )
        select entity, country, {week_start("(as_of_date - 7 * detail_weeks)")}, as_of_date
        from kept
        where detail_weeks is not null and as_of_date is not null
        """
    )
    store_days = " union ".join(
        f"select distinct store_id, {contract.dates[0]} as row_date from {contract.table}"
        for contract in expiring_contracts()
        if contract.retention == SALES
    )
    connection.execute(
        f"""
        create or replace temp table closing_week as
        select distinct
            store_day.store_id, {week_start("row_date")} as fiscal_week_start_date,
            coalesce(store_country.country, '{UNKNOWN_COUNTRY}') as country
        from ({store_days}) as store_day
        left join store_country using (store_id)
        inner join retention.kept_from
            on
                kept_from.entity = '{SALES}'
                and kept_from.country = coalesce(store_country.country, '{UNKNOWN_COUNTRY}')
                and row_date < kept_from_date
        where (store_day.store_id, {week_start("row_date")}) not in (
            select (store_id, fiscal_week_start_date) from retention.rolled_week
        )
        """
    )
