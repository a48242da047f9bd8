"""What messages must not carry is masked, and what helps to mend a file stays readable."""

import duckdb
import pytest

from pipelines.redaction import mask, mask_contacts, without_values


@pytest.mark.parametrize(
    "contact",
    [
        "kim@example.org",
        "Kim.O-Neil+till@mail.example.co.uk",
        "+49 170 1234567",
        "+491701234567",
        "+86-138-0013-8000",
        "0049 170 1234567",
        "0170 1234567",
        "(030) 123456",
        "555-123-4567",
        "(555) 123-4567",
    ],
)
def test_contacts_are_masked_wherever_they_stand(contact):
    assert mask_contacts(contact) == "[contact]"
    assert mask(f"it reads S1, {contact}, x") == "it reads S1, [contact], x"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T10:00:00Z",
        "S001-1-2024-01-28-1",
        "381-1-2017-01-31-31699318702",
        "04000000237570",
        "-1234567.8901",
        "12.345.678,90",
        "0.0123456789",
        "line 17: qty: 'x' is not a number",
        "@home",
        "894f00d2-5423-427f-a42c-d12d584428df",
        "000042 000043",
    ],
)
def test_numbers_and_names_of_the_house_are_no_contacts(text):
    assert mask_contacts(text) == text


@pytest.mark.parametrize(
    "statement",
    [
        "select cast('Kim secret' as integer)",
        "select cast('Kim secret' as date)",
        "select cast('Kim secret' as timestamp)",
        "select cast('Kim secret' as decimal(9, 2))",
        "select strptime('Kim secret', '%Y')",
        "insert into keyed values ('Kim secret')",
        "insert into checked values ('Kim secret')",
        "select error('''Kim secret'' is wrong')",
    ],
)
def test_an_error_of_the_data_tells_no_value(statement):
    with duckdb.connect() as connection:
        connection.execute("create table keyed (name text primary key)")
        connection.execute("insert into keyed values ('Kim secret')")
        connection.execute("create table checked (name text check (length(name) < 3))")
        with pytest.raises(duckdb.Error) as raised:
            connection.execute(statement)
    # Behind the first paragraph DuckDB shows the statement, which is ours.
    told = without_values(str(raised.value).partition("\n\n")[0])
    assert "secret" not in told
    assert "Error" in told


def test_an_error_of_the_statement_keeps_its_names():
    message = 'Binder Error: Referenced column "amuont" not found in FROM clause!'
    assert without_values(message) == message
