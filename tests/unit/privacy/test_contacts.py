"""Contacts of customers: the latest record counts, and an address has one form before its hash."""

import hashlib
import hmac

import pytest

from pipelines.privacy.contacts import write_contacts
from pipelines.privacy.key import HashKey

SECRET = b"0123456789abcdef0123456789abcdef"

MAPPING = """\
feed: crm_customer
files: customers_{extract_ts}.csv
columns: {system: source_system, id: source_customer_id, op: op, name: family_name, mail: email,
  phone: phone, country: country}
"""
HEADER = "system,id,op,name,mail,phone,country"


@pytest.fixture
def contacts(house, deliver, load, raw):
    """Delivers customers of a day and gives the contacts that are known then."""
    (house.mappings / "customers.yml").write_text(MAPPING, encoding="utf-8")

    def write(day, *rows):
        deliver(f"customers_{day}.csv", *rows, header=HEADER)
        assert not load().refused
        write_contacts(raw, HashKey.of(SECRET))
        return raw.execute(
            "select source_id, family_name, email_hash, phone_hash "
            "from privacy.customer_contact order by all"
        ).fetchall()

    return write


def digest(text):
    return hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()


def test_the_latest_record_counts_and_a_deleted_one_is_gone(contacts):
    contacts("2026-01-01", "crm,C1,I,Old,a@x.org,,", "crm,C2,I,Gone,,,", "crm,C3,I,,,,DE")
    assert contacts("2026-01-02", "crm,C1,U,New,,,", "crm,C2,D,,,,") == [("C1", "New", None, None)]


def test_one_number_in_two_systems_is_two_records(contacts):
    rows = contacts("2026-01-01", "crm,C1,I,A,,,", "shop,C1,I,B,,,")
    assert [row[:2] for row in rows] == [("C1", "A"), ("C1", "B")]


def test_a_mail_address_is_hashed_in_lower_case(contacts):
    rows = contacts("2026-01-01", "crm,C1,I,, Kim@Example.ORG ,,", "crm,C2,I,,unknown,,")
    assert [row[2] for row in rows] == [digest("kim@example.org"), None]


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("+49 (0)170 123-4567", "FR", "+491701234567"),
        ("0049 170/1234567", "", "+491701234567"),
        ("0170 1234567", "DE", "+491701234567"),
        ("0170 1234567", "de", "+491701234567"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("(555) 123-4567", "US", "+15551234567"),
        ("1 555 123 4567", "US", "+15551234567"),
        ("138 1234 5678", "CN", "+8613812345678"),
        ("0170 1234567", "", "01701234567"),
        ("ext 12", "DE", None),
    ],
)
def test_a_phone_number_is_hashed_as_the_world_writes_it(contacts, phone, country, expected):
    ((_, _, _, found),) = contacts("2026-01-01", f"crm,C1,I,,,{phone},{country}")
    assert found == (digest(expected) if expected else None)


def test_a_name_has_one_token_however_it_is_written(contacts, raw):
    contacts("2026-01-01", "crm,C1,I,Dr. Müller,,,", "crm,C2,I, MULLER,,,", "crm,C3,I,,a@x.org,,")
    tokens = raw.execute("select source_id, name_token from privacy.customer_hash order by 1")
    assert tokens.fetchall() == [("C1", digest("muller")), ("C2", digest("muller")), ("C3", None)]


def test_nothing_is_hashed_anew_while_nothing_changed(contacts, raw):
    contacts("2026-01-01", "crm,C1,I,A,a@x.org,,")
    assert write_contacts(raw, HashKey.of(SECRET)) is None
    raw.execute("insert into privacy.key_check values ('another key')")
    assert write_contacts(raw, HashKey.of(SECRET)) == 1


def test_a_contact_belongs_to_the_customer_it_is_linked_to(contacts, raw):
    contacts("2026-01-01", "crm,C1,I,A,,,", "crm,C2,I,B,,,")
    raw.execute(
        "insert into identity.xref_customer_identity (source_system, source_id, customer_id, "
        "unlinked_at) values ('crm', 'C1', 'P0', now()), ('crm', 'C1', 'P1', null)"
    )
    assert raw.execute(
        "select customer_id, family_name from privacy.dim_customer_pii order by 2"
    ).fetchall() == [("P1", "A"), (None, "B")]
