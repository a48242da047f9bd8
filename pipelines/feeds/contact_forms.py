"""Mail addresses and phone numbers in the one form in which two systems' can be compared."""

from pathlib import Path

from pipelines.sql import literal

CALLING_CODES = Path(__file__).parent / "calling_codes.csv"
"""Calling code and national trunk prefix by country: what a number without a country needs."""

WITH_CALLING_CODE = (
    f"left join read_csv({literal(str(CALLING_CODES))}, header = true, all_varchar = true) as code "
    "on upper(trim(customer.country)) = code.country"
)
"""SQL that joins calling_code and trunk_prefix to a relation `customer`."""

MINIMUM_PHONE_DIGITS = 7
"""A shorter number names an extension, or nothing."""


def normalised_mail(text: str) -> str:
    """SQL: a mail address in lower case without outer blanks; NULL where it is none."""
    return f"case when contains({text}, '@') then lower(trim({text})) end"


def normalised_phone(text: str, calling_code: str, trunk_prefix: str) -> str:
    """SQL: a phone number as + and digits; bare digits where its country is not known.

    Args:
        text: SQL of the number as people write it.
        calling_code: SQL of the calling code of the customer's country; NULL where unknown.
        trunk_prefix: SQL of what the country dials before a national number; NULL for nothing.
    """
    digits = f"regexp_replace(replace({text}, '(0)', ''), '[^0-9]', '', 'g')"
    national = (
        f"case when starts_with({digits}, coalesce({trunk_prefix}, '')) "
        f"then substr({digits}, 1 + strlen(coalesce({trunk_prefix}, ''))) else {digits} end"
    )
    return f"""
        case
            when strlen({digits}) < {MINIMUM_PHONE_DIGITS} then null
            when starts_with(trim({text}), '+') then '+' || {digits}
            when starts_with({digits}, '00') then '+' || substr({digits}, 3)
            when {calling_code} is null then {digits}
            else '+' || {calling_code} || {national}
        end"""
