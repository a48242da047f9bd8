"""The privacy key: HMAC-SHA-256 by the standard, and no run without a key where it is needed."""

import hashlib
import hmac

import duckdb
import pytest
from click.testing import CliRunner
from pydantic import SecretStr, ValidationError

from pipelines.cli import main
from pipelines.privacy.key import (
    HashKey,
    PrivacyKeyChanged,
    PrivacyKeyMissing,
    keyed_hash,
    require_key,
)
from pipelines.resources import HouseResource
from pipelines.settings import Settings

KEY = SecretStr("0123456789abcdef0123456789abcdef")
OTHER_KEY = SecretStr("another key that is long enough, too")

RFC_4231 = [
    (b"\x0b" * 20, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 131, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
]  # fmt: skip
"""Test cases 1, 2 and 6 of RFC 4231; the others hash bytes that are no text."""


def hashed(secret: bytes, text: str | None) -> str | None:
    with duckdb.connect() as connection:
        values = {**HashKey.of(secret).values, "text": text}
        (found,) = connection.execute(f"select {keyed_hash('$text::varchar')}", values).fetchone()
    return found


@pytest.mark.parametrize(("secret", "text", "expected"), RFC_4231)
def test_a_keyed_hash_is_the_one_of_the_standard(secret, text, expected):
    assert hashed(secret, text) == expected


@pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
def test_a_keyed_hash_is_the_one_that_python_computes(length):
    secret, text = b"k" * length, "Zoë <zoe@example.org> 黃"
    assert hashed(secret, text) == hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def test_nothing_has_no_hash():
    assert hashed(b"k" * 32, None) is None


def test_a_key_that_could_be_guessed_is_refused_without_showing_it(monkeypatch):
    monkeypatch.setenv("TILLHOUSE_PRIVACY_KEY", "kq7-secret")
    with pytest.raises(ValidationError, match="has 10 characters") as refusal:
        Settings()
    told = CliRunner().invoke(main, ["status"])
    assert told.exit_code == 2
    assert "TILLHOUSE_PRIVACY_KEY has 10 characters; give it at least 32" in told.output
    assert "kq7-secret" not in told.output + str(refusal.value)


def test_a_blank_key_is_none(monkeypatch):
    monkeypatch.setenv("TILLHOUSE_PRIVACY_KEY", "")
    assert Settings().privacy_key is None


def test_the_key_is_shown_nowhere_and_dagster_never_has_it(monkeypatch):
    monkeypatch.setenv("TILLHOUSE_PRIVACY_KEY", KEY.get_secret_value())
    settings = Settings()
    resource = HouseResource.of(settings)
    shown = [repr(settings), str(settings), settings.model_dump_json(), resource.settings_json]
    shown += [repr(resource), repr(HashKey.of(KEY.get_secret_value().encode()))]
    assert [text for text in shown if KEY.get_secret_value() in text] == []
    # The process that runs the step has it from its own environment.
    assert resource.settings.privacy_key == KEY


def deliver_customer(connection: duckdb.DuckDBPyConnection, **values: str) -> None:
    row = {"source_system": "crm", "source_customer_id": "C1", **values}
    marks = ", ".join("?" for _ in row)
    connection.execute(
        f"insert into feeds.crm_customer ({', '.join(row)}, extract_ts) "
        f"values ({marks}, timestamp '2026-01-01')",
        list(row.values()),
    )


def test_a_house_without_people_needs_no_key(raw):
    deliver_customer(raw, age_band="45-54", birth_date="1970-01-01")
    assert require_key(raw, None) is None


@pytest.mark.parametrize("column", ["given_name", "email", "phone", "street", "city", "postcode"])
def test_a_house_that_names_people_needs_a_key(raw, column):
    deliver_customer(raw, **{column: "x"})
    with pytest.raises(PrivacyKeyMissing, match="feed crm_customer names or reaches people"):
        require_key(raw, None)
    assert require_key(raw, KEY)


def test_names_of_employees_alone_need_no_key(raw):
    """Nothing of them is hashed."""
    raw.execute("insert into feeds.employee (employee_id, employee_name) values ('E1', 'Kim')")
    assert require_key(raw, None) is None


def test_a_subscribed_address_needs_a_key(raw):
    raw.execute("insert into feeds.alert_subscription (address) values ('kim@example.org')")
    with pytest.raises(PrivacyKeyMissing, match="feed alert_subscription"):
        require_key(raw, None)


def test_a_house_where_someone_was_erased_needs_the_key_of_then(raw):
    require_key(raw, KEY)
    require_key(raw, OTHER_KEY)
    raw.execute("insert into privacy.tombstone values ('customer', 'aa', now())")
    require_key(raw, OTHER_KEY)
    with pytest.raises(PrivacyKeyChanged, match="set the key of before"):
        require_key(raw, KEY)
    with pytest.raises(PrivacyKeyMissing, match="people were erased"):
        require_key(raw, None)
