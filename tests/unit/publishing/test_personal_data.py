"""Gate 15 bites on contacts and cards in any column, and believes the house's own numbers."""

from pathlib import Path

import duckdb
import pytest

from pipelines.publishing.personal_data import (
    SAMPLE_ROWS,
    PersonalDataFound,
    load_exemptions,
    require_no_personal_data,
)
from pipelines.settings import PROJECT_ROOT

OWN_NUMBERS = load_exemptions(PROJECT_ROOT / "expectations" / "own_numbers.yml")

CARD = "4111 1111 1111 1111"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A warehouse of one small table without personal data."""
    path = tmp_path / "tillhouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core")
        connection.execute(
            """
            create table core.fct_case (
                receipt_id varchar, product_id varchar, gtin varchar, run_id varchar,
                reason varchar, tags varchar[], file_name varchar, case_count bigint
            )
            """
        )
        connection.execute(
            """
            insert into core.fct_case values
            ('S001-1-2024-01-28-1', '4111111111111111', '04000000237570',
             '894f00d2-5423-427f-a42c-d12d584428df', 'late @ the door, 2024-01-28 10:00:00',
             ['a', 'b'], 'sales_20260105123455.csv', 13812345678),
            ('381-1-2017-10-15-40341772865', '13812345678', null, null, '12345678.90', null,
             null, 1)
            """
        )
    return path


def write(database: Path, statement: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)


def test_the_houses_own_numbers_may_be_published(database):
    require_no_personal_data(database, OWN_NUMBERS)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("reason", "call Kim.Secret@example.org", "mail address"),
        ("receipt_id", "kim.secret@example.org", "mail address"),
        ("reason", "+49 170 1234567", "phone number"),
        ("product_id", "ring +49 170 1234567.", "phone number"),
        ("reason", "(555) 123-4567", "phone number"),
        ("reason", "13812345678", "bare phone number"),
        ("reason", "ask 01701234567", "bare phone number"),
        ("reason", f"paid by {CARD}", "card number"),
        ("reason", CARD.replace(" ", ""), "card number"),
        ("run_id", "0170 1234567", "phone number"),
    ],
)
def test_a_value_that_looks_personal_is_named_by_place_rule_and_count(
    database, column, value, rule
):
    write(database, f"insert into core.fct_case ({column}) values ('{value}'), ('{value}')")
    with pytest.raises(PersonalDataFound) as raised:
        require_no_personal_data(database, OWN_NUMBERS)
    assert f"\n- core.fct_case.{column}: {rule} in 2 row(s)" in str(raised.value)
    assert value not in str(raised.value)


def test_values_in_lists_are_seen(database):
    write(database, "insert into core.fct_case (tags) values (['x', 'kim@example.org'])")
    with pytest.raises(PersonalDataFound, match="fct_case.tags: mail address in 1 row"):
        require_no_personal_data(database, OWN_NUMBERS)


def test_a_number_is_only_believed_where_it_is_declared(database):
    with pytest.raises(PersonalDataFound) as raised:
        require_no_personal_data(database, [])
    assert "- core.fct_case.product_id: card number in 1 row(s)" in str(raised.value)
    assert "- core.fct_case.product_id: bare phone number in 1 row(s)" in str(raised.value)


def test_a_large_table_is_judged_by_a_sample_from_all_of_it(database):
    """One row of a hundred holds a mail address, and none of the first half does."""
    rows = 20 * SAMPLE_ROWS
    write(
        database,
        f"create table core.fct_contact as select if(n > {rows // 2} and n % 100 = 0, "
        f"'kim' || n || '@example.org', 'contact ' || n) as reason from range({rows}) as r (n)",
    )
    with pytest.raises(PersonalDataFound) as raised:
        require_no_personal_data(database, OWN_NUMBERS)
    found = str(raised.value).splitlines()[-1]
    assert found.startswith("- core.fct_contact.reason: mail address in ")
    count = int(found.split(" in ")[1].split(" ")[0].replace(",", ""))
    assert 0 < count < SAMPLE_ROWS / 20, "not all 2,000 were read"
    with pytest.raises(PersonalDataFound) as again:
        require_no_personal_data(database, OWN_NUMBERS)
    assert str(again.value) == str(raised.value)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{columns: gtin, rules: [card number]}", "entry 1 needs columns, rules and reason"),
        ("{columns: gtin, rules: [cards], reason: x}", "entry 1: 'cards' is none of mail address"),
        ("{columns: '(', rules: [card number], reason: x}", "entry 1: columns is no regular"),
    ],
)
def test_an_exemption_that_says_too_little_is_refused(tmp_path, entry, message):
    path = tmp_path / "own_numbers.yml"
    path.write_text(f"- {entry}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="own_numbers.yml: ") as raised:
        load_exemptions(path)
    assert message in str(raised.value)


def test_no_exemption_excuses_a_mail_address():
    assert [each.columns.pattern for each in OWN_NUMBERS if "mail address" in each.rules] == []
