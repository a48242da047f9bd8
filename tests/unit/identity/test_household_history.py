"""Who lived with whom, from when to when, as the extracts of each day tell it."""

import random
from datetime import date

import pytest

from pipelines.identity.decisions import Decision, decide_merge, decide_split, find_record
from pipelines.identity.explain import explain

EVER, ON = date(1900, 1, 1), date(9999, 12, 31)
ADDRESS = "same family name and address"
BORN = {"A": "1950-01-01", "B": "1962-02-02", "C": "1974-03-03", "D": "1986-04-04"}
NAMES = {"A": "Antonia", "B": "Boris", "C": "Cosima", "D": "Detlef"}
HOME = {"family_name": "Wechsel", "street": "Altweg 1", "city": "Musterstadt"}
"""A is the eldest and D the youngest; nobody is taken for anybody else."""


@pytest.fixture
def tell(registry):
    """Says what a record of the CRM tells on a day."""

    def tell(day, number, *, system="crm", **values):
        registry.customer(
            f"{system}:{number}",
            extract_ts=day,
            given_name=NAMES.get(number[0], number),
            birth_date=BORN.get(number[0]),
            created_ts=f"20{10 + ord(number[0]) - ord('A')}-01-01",
            **values,
        )

    return tell


def told(registry, number):
    """Households of a customer by their eldest member's number, with rule, first and last day."""
    registry.resolve()
    return registry.rows(
        """
        select eldest.source_id, household.rule, valid_from_date, valid_to_date
        from identity.household
        inner join identity.xref_customer_identity as eldest
            on 'H' || substr(eldest.customer_id, 2) = household_id
            and eldest.unlinked_at is null and eldest.rule = 'own number'
        where household.customer_id = ? order by valid_from_date
        """,
        registry.customer_id(f"crm:{number}"),
    )


def test_who_moves_is_a_member_here_to_the_day_before_and_there_from_then_on(registry, tell):
    tell("2024-01-01", "A", **HOME)
    tell("2024-01-01", "B", phone="+999 2222222")
    tell("2024-01-01", "C", **HOME)
    tell("2024-03-01", "C", family_name="Wechsel", phone="+999 2222222")
    assert told(registry, "C") == [
        ("A", ADDRESS, EVER, date(2024, 2, 29)),
        ("B", "same phone", date(2024, 3, 1), ON),
    ]
    assert told(registry, "A") == [
        ("A", ADDRESS, EVER, date(2024, 2, 29)),
        ("A", "own household", date(2024, 3, 1), ON),
    ]
    assert told(registry, "B") == [
        ("B", "own household", EVER, date(2024, 2, 29)),
        ("B", "same phone", date(2024, 3, 1), ON),
    ]
    lines = explain(registry.connection, "C")
    elder, other = (registry.customer_id(f"crm:{number}")[1:] for number in "BA")
    assert lines[0].endswith(f"household H{elder} (same phone)")
    assert lines[1] == f"  household H{other} ({ADDRESS}) until 2024-02-29"


def test_when_the_eldest_leaves_the_others_are_a_household_of_the_next(registry, tell):
    """D shares nothing with A: the mail joins A and B, the phone B, C and D."""
    tell("2024-01-01", "A", email="a@example.org")
    tell("2024-01-01", "B", email="a@example.org", phone="+999 2222222")
    for number in ("C", "D"):
        tell("2024-01-01", number, phone="+999 2222222")
    tell("2024-03-01", "A", email="new@example.org")
    for number in ("B", "C", "D"):
        assert [(eldest, first) for eldest, _, first, _ in told(registry, number)] == [
            ("A", EVER),
            ("B", date(2024, 3, 1)),
        ]


def test_who_comes_back_was_away_and_what_others_change_meanwhile_is_not_told_of_them(
    registry, tell
):
    for day, mail in (("2024-01-01", "us@"), ("2024-03-01", "own@"), ("2024-06-01", "us@")):
        tell(day, "B", email=mail + "example.org")
    tell("2024-01-01", "A", email="us@example.org")
    for month in range(1, 9):
        tell(f"2024-0{month}-01", "C", email=f"c{month}@example.org")
    assert [(eldest, first, last) for eldest, _, first, last in told(registry, "B")] == [
        ("A", EVER, date(2024, 2, 29)),
        ("B", date(2024, 3, 1), date(2024, 5, 31)),
        ("A", date(2024, 6, 1), ON),
    ]
    assert told(registry, "C") == [("C", "own household", EVER, ON)]


def test_a_house_of_flats_is_a_household_from_the_day_on_which_ten_are_left(registry):
    for number in range(10, 21):
        registry.customer(f"crm:{number}", birth_date=f"19{number}-01-01", phone="+999 3333333")
    registry.customer("crm:17", extract_ts="2024-05-01", birth_date="1917-01-01")
    assert told(registry, "12") == [
        ("12", "own household", EVER, date(2024, 4, 30)),
        ("10", "same phone", date(2024, 5, 1), ON),
    ]
    assert told(registry, "17") == [("17", "own household", EVER, ON)]


def test_a_phone_is_the_offices_while_a_company_has_it(registry, tell):
    for number in ("B", "C"):
        tell("2024-01-01", number, phone="+999 4444444")
    company = {"customer_type": "company", "family_name": "Muster AG"}
    registry.customer("crm:9", **company, phone="+999 4444444")
    registry.customer("crm:9", **company, extract_ts="2024-04-01")
    assert told(registry, "C") == [
        ("C", "own household", EVER, date(2024, 3, 31)),
        ("B", "same phone", date(2024, 4, 1), ON),
    ]


def test_a_second_record_of_a_customer_counts_from_its_first_extract(registry, tell):
    """The webshop heard of C in May; the CRM's first word of A, in June, holds since ever."""
    tell("2024-01-01", "C", email="c@example.org", phone="+999 5555555", family_name="Wechsel")
    tell("2024-05-01", "C", system="webshop", email="c@example.org", phone="+999 6666666",
         family_name="Wechsel")  # fmt: skip
    tell("2024-06-01", "A", phone="+999 6666666")
    assert told(registry, "C") == [
        ("C", "own household", EVER, date(2024, 4, 30)),
        ("A", "same phone", date(2024, 5, 1), ON),
    ]


def test_of_a_day_the_last_extract_counts_and_a_deletion_tells_nothing(registry, tell):
    tell("2024-01-01", "A", **HOME)
    tell("2024-01-01", "B", **HOME)
    tell("2024-03-01 08:00", "B", family_name="Wechsel", street="Irrweg 3", city="Musterstadt")
    tell("2024-03-01 09:00", "B", **HOME)
    tell("2024-05-01", "B", op="D")
    assert told(registry, "B") == [("A", ADDRESS, EVER, ON)]


def test_a_decision_restates_the_past_and_a_later_one_gives_it_back(registry, tell):
    tell("2024-01-01", "A", email="us@example.org")
    tell("2024-01-01", "B", email="us@example.org")
    tell("2024-03-01", "B", email="own@example.org")
    tell("2024-01-01", "X", phone="+999 8888888")
    before = told(registry, "B")
    whole = registry.rows("from identity.household order by all")

    def decide(act, *records):
        found = [find_record(registry.connection, record) for record in records]
        decision = Decision(decided_by="kim", reason="they say so", decided_at=registry.moment)
        act(registry.connection, *found, decision)

    decide(decide_merge, "crm:B", "crm:X")
    assert told(registry, "X") == before
    assert registry.rows("select count(distinct customer_id) from identity.household") == [(2,)]
    decide(decide_split, "crm:X")
    registry.resolve()
    assert registry.rows("from identity.household order by all") == whole


def states(seed):
    """What some people tell on some days: (day, record, values), the first day of all of them."""
    draw = random.Random(seed)

    def state():
        values = {"family_name": draw.choice(["Muster", "Wechsel"])}
        if draw.random() < 0.7:
            values["street"] = draw.choice(["Altweg 1", "Altweg 2", "Neuweg 3"])
            values |= {"postcode": "10115"} if draw.random() < 0.5 else {"city": "Musterstadt"}
        if draw.random() < 0.6:
            values["email"] = draw.choice("uvwxyz") + "@example.org"
        if draw.random() < 0.6:
            values["phone"] = "+999 123456" + draw.choice("0123")
        return values

    names = ("Antonia", "Boris", "Cosima", "Detlef", "Emil", "Frieda", "Gustav")
    people = {
        f"crm:{n}": {
            "given_name": name,
            "birth_date": f"19{50 + n}-0{n}-1{n}",
            "created_ts": f"20{20 - n}-01-01",
        }
        for n, name in enumerate(names, start=1)
    }
    people["crm:8"] = {"customer_type": "company"}
    for day in range(1, 9):
        for name, person in people.items():
            if day == 1 or draw.random() < 0.5:
                yield date(2024, day, 1), name, person | state()


@pytest.mark.parametrize("seed", range(2))
def test_the_households_of_a_day_are_those_that_were_found_on_it(make_registry, seed):
    """Of each day, what is told now is what a house that heard no more told of that day."""
    rows = list(states(seed))
    days = sorted({day for day, _, _ in rows})

    def resolved(extracts):
        registry = make_registry()
        for day, name, values in extracts:
            registry.customer(name, **values, extract_ts=str(day))
        registry.resolve()
        return registry

    shuffled = random.Random(seed).sample(rows, len(rows))
    whole = resolved(shuffled)
    everything = "from identity.household order by all"
    assert whole.rows(everything) == resolved(rows).rows(everything)
    on_day = (
        "select customer_id, household_id, rule from identity.household "
        "where ? between valid_from_date and valid_to_date order by all"
    )
    told_by_day = [whole.rows(on_day, day) for day in days]
    assert told_by_day == [
        resolved(row for row in rows if row[0] <= day).rows(on_day, ON) for day in days
    ]
    assert len({str(found) for found in told_by_day}) > 4, "households change"
    gaps_and_overlaps = """
        select customer_id from (
            select *, lead(valid_from_date) over customer as next_date,
                lag(valid_to_date) over customer as before_date
            from identity.household
            window customer as (partition by customer_id order by valid_from_date)
        )
        where valid_to_date + 1 <> next_date or valid_to_date < valid_from_date
            or (before_date is null and valid_from_date <> date '1900-01-01')
            or (next_date is null and valid_to_date <> date '9999-12-31')
    """
    assert whole.rows(gaps_and_overlaps) == []
