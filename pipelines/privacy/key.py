"""The privacy key: keyed hashes (HMAC-SHA-256) of contacts and identifiers, computed in SQL.

The key is bound to a statement as two blocks of bytes and never part of its text, which DuckDB may
show in an error, a plan or a profile.
"""

import hashlib
from dataclasses import dataclass, field

import duckdb
from pydantic import SecretStr

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.settings import MINIMUM_KEY_LENGTH
from pipelines.sql import fetch_one

_BLOCK = 64
"""Bytes of a block of SHA-256."""

_CHECKED = "'tillhouse privacy key'"
"""What is hashed to tell later whether a key is still the same one."""


class PrivacyKeyMissing(RuntimeError):
    """The house holds personal data and there is no key to hash it with."""


class PrivacyKeyChanged(RuntimeError):
    """Erased people are known by hashes of another key: with this one they would come back."""


@dataclass(frozen=True, kw_only=True)
class HashKey:
    """A key as the two padded blocks of HMAC (RFC 2104), named as a statement's parameters."""

    inner_pad: bytes = field(repr=False)
    outer_pad: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "HashKey":
        """The blocks of a key."""
        block = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(
            _BLOCK, b"\0"
        )
        return cls(
            inner_pad=bytes(byte ^ 0x36 for byte in block),
            outer_pad=bytes(byte ^ 0x5C for byte in block),
        )

    @property
    def values(self) -> dict[str, object]:
        """The parameters that a statement with `keyed_hash` is executed with."""
        return {"inner_pad": self.inner_pad, "outer_pad": self.outer_pad}


def keyed_hash(text: str) -> str:
    """SQL: HMAC-SHA-256 of a text in UTF-8, as 64 hexadecimal digits; NULL of NULL.

    Args:
        text: SQL of the text. The statement is executed with the `values` of a `HashKey`.
    """
    return f"sha256($outer_pad::blob || unhex(sha256($inner_pad::blob || encode({text}))))"


def require_key(connection: duckdb.DuckDBPyConnection, secret: SecretStr | None) -> HashKey | None:
    """The key; None where there is none and none is needed.

    A house needs a key as soon as a feed that reaches people says whom, or someone was erased.

    Raises:
        PrivacyKeyMissing: When one is needed; the message says why and what to do.
        PrivacyKeyChanged: When people were erased with another key.
    """
    if secret is None:
        if reason := _needs_key(connection):
            raise PrivacyKeyMissing(
                f"{reason}, so a key is needed to hash contacts with: set TILLHOUSE_PRIVACY_KEY to "
                f"at least {MINIMUM_KEY_LENGTH} random characters, such as the output of: "
                "openssl rand -hex 32"
            )
        return None
    key = HashKey.of(secret.get_secret_value().encode())
    known = connection.execute("select key_hash from privacy.key_check").fetchall()
    (own,) = fetch_one(connection, f"select {keyed_hash(_CHECKED)}", key.values)
    if known != [(own,)]:
        if _has_rows(connection, "privacy.tombstone"):
            raise PrivacyKeyChanged(
                "people were erased with another TILLHOUSE_PRIVACY_KEY, and a later delivery would "
                "bring them back unseen: set the key of before"
            )
        connection.execute("delete from privacy.key_check")
        connection.execute("insert into privacy.key_check values (?)", [own])
    return key


def _needs_key(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Why the house needs a key, in words; None where it does not."""
    for contract in load_contracts().values():
        columns = _near_to_a_person(contract)
        if columns and _has_rows(
            connection, f"{contract.table} where coalesce({', '.join(columns)}) is not null"
        ):
            return f"the feed {contract.feed} names or reaches people ({', '.join(columns)})"
    if _has_rows(connection, "privacy.tombstone"):
        return "people were erased and later deliveries must not bring them back"
    return None


def _near_to_a_person(contract: Contract) -> list[str]:
    """Columns that name, reach or locate a person, of a feed that reaches people."""
    columns = [
        column
        for column in contract.columns
        if column.personal_data in ("name", "contact", "address")
    ]
    reaches = any(column.personal_data == "contact" for column in columns)
    return [column.name for column in columns] if reaches else []


def _has_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    return bool(connection.execute(f"select 1 from {relation} limit 1").fetchall())
