"""Which rows are held on a person: a SQL condition for each table of raw and of a build.

Conditions read the temporary tables of `prepare`, which say who the person is. A row that names
nobody is the person's as well when it is part of what is theirs: of a receipt, a lead, a case.
"""

from collections.abc import Iterator

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.contract import Contract, load_contracts
from pipelines.identity.records import minted_id
from pipelines.privacy.person import Person
from pipelines.privacy.scrub import BETWEEN_FIELDS

NAMED_IN_WAREHOUSE = ("customer_id", "account_customer_id", "customer_ref")
"""Columns of the warehouse that name a customer by themselves."""

WHOLES = {
    ("store_id", "workstation_id", "business_date", "transaction_seq"): (
        "pos_transaction",
        "pos_line",
    ),
    ("lead_id",): ("crm_lead", "crm_opportunity"),
    ("opportunity_id",): ("crm_opportunity",),
    ("case_id",): ("service_case",),
}
"""What rows are parts of, by the columns of its number, and the feeds that say whose it is."""

TEMPORARY = """
create or replace temp table own_number (number text);
create or replace temp table own_household (household_id text);
create or replace temp table own_record (source_system text, source_id text);
create or replace temp table own_contact (contact text);
create or replace temp table own_card (card_token text);
create or replace temp table own_text (text text);
create or replace temp table own_identifier (identifier text);
"""

_NUMBER = "{} in (from own_number)"
_RECORD = "(source_system, {}) in (from own_record)"
_HOLD = "list_has_any(identifiers, (select list(identifier) from own_identifier))"
_CARD = "{} in (from own_card)"
_QUARANTINED = (
    f"list_has_any(list_transform(string_split_regex(raw_text, {BETWEEN_FIELDS}), "
    "lambda field: trim(field)), (select list(text) from own_text))"
)


def prepare(connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Write the temporary tables that say who the person is.

    Args:
        connection: A connection on raw.duckdb, or on a build.
        person: Who.
    """
    connection.execute(TEMPORARY)
    connection.execute(
        "insert into own_number select distinct unnest($1)",
        [[*person.references, *person.customer_ids]],
    )
    if not person.customer_ids:
        # Of a number that no record has, the warehouse makes the customer's.
        connection.execute(
            f"insert into own_number select {minted_id('reference')} "
            "from (select unnest($1) as reference)",
            [list(person.references)],
        )
    # A household bears the number of its eldest member: of another member it says nothing.
    connection.execute(
        "insert into own_household select 'H' || substr(number, 2) from own_number "
        "where starts_with(number, 'P')"
    )
    connection.execute(
        "insert into own_record select unnest($1), unnest($2)",
        [[system for system, _ in person.records], [number for _, number in person.records]],
    )
    connection.execute("insert into own_card select unnest($1)", [list(person.cards)])
    connection.execute("insert into own_identifier select unnest($1)", [sorted(person.identifiers)])
    connection.execute(
        "insert into own_text select distinct unnest($1)",
        [[*person.names, *person.contacts, *person.cards]],
    )


def of_raw(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Tables of raw.duckdb that may hold rows of a person, and which rows those are.

    Args:
        connection: A connection on raw.duckdb, prepared.
    """
    _add_contacts(connection)
    tables = {
        "privacy.dim_customer_pii": _RECORD.format("source_id"),
        "privacy.legal_hold": _HOLD,
        "identity.xref_customer_identity": _RECORD.format("source_id"),
        "identity.household": _NUMBER.format("customer_id"),
        "identity.decision": "(left_system, left_id) in (from own_record) "
        "or (right_system, right_id) in (from own_record)",
        "quarantine.row": _QUARANTINED,
        "retention.acquisition": _NUMBER.format("customer_ref"),
        "retention.held_row": "list_has_any(customers, (select list(text) from own_text))",
    }
    for contract in load_contracts().values():
        if contract.record_column:
            tables[contract.table] = _RECORD.format(contract.record_column.name)
        elif conditions := [*_direct(contract), *_as_part(contract)]:
            tables[contract.table] = " or ".join(f"({condition})" for condition in conditions)
    return tables


def of_build(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Tables of a published build that may hold rows of a person, and which rows those are.

    What is told of a household as a whole is held on each of its members; a row that names one
    member is that member's alone.

    Args:
        connection: A connection on the build, prepared.
    """
    own = _NUMBER.format("customer_id")
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name) "
        "from duckdb_columns() where not internal and schema_name in ('core', 'marts') "
        "group by 1 order by 1"
    ).fetchall()
    tables = {}
    for table, columns in rows:
        named = [name for name in NAMED_IN_WAREHOUSE if name in columns]
        if named:
            tables[table] = " or ".join(_NUMBER.format(name) for name in named)
        elif "household_id" in columns:
            tables[table] = (
                f"household_id in (select household_id from core.dim_customer where {own})"
            )
        elif "receipt_id" in columns:
            tables[table] = f"receipt_id in (select receipt_id from core.fct_basket where {own})"
    return tables


def _add_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    """Add mail addresses and phone numbers of the person, in the form that can be compared."""
    connection.execute(
        f"""
        insert into own_contact
        select distinct unnest([
            {normalised_mail("email")}, {normalised_phone("phone", "calling_code", "trunk_prefix")},
            {normalised_phone("phone", "null", "null")}
        ])
        from feeds.crm_customer as customer
        {WITH_CALLING_CODE}
        where {_RECORD.format("source_customer_id")}
        """
    )
    connection.execute("delete from own_contact where contact is null")


def _direct(contract: Contract) -> list[str]:
    """Conditions by which rows of a feed name the person."""
    conditions = [_NUMBER.format(column.name) for column in contract.customer_columns]
    conditions += [_CARD.format(column.name) for column in contract.card_columns]
    if not contract.customer_columns:
        conditions += [
            f"coalesce({normalised_mail(column.name)}, "
            f"{normalised_phone(column.name, 'null', 'null')}) in (from own_contact)"
            for column in contract.columns
            if column.personal_data == "contact"
        ]
    return conditions


def _as_part(contract: Contract) -> Iterator[str]:
    """Conditions by which rows that name nobody are parts of what is the person's."""
    names_nobody = "".join(f"{column.name} is null and " for column in contract.customer_columns)
    contracts = load_contracts()
    for number, feeds in WHOLES.items():
        if set(number) <= {column.name for column in contract.columns}:
            columns = ", ".join(number)
            whole = " union ".join(
                f"select {columns} from {contracts[feed].table} "
                f"where {' or '.join(_direct(contracts[feed]))}"
                for feed in feeds
            )
            yield f"{names_nobody}({columns}) in ({whole})"
