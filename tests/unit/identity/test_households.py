"""A household is who lives or communicates together; it never makes one person of two."""

import pytest

PAULA = {
    "given_name": "Paula",
    "family_name": "Gemeinsam",
    "email": "familie@example.net",
    "phone": "+999 11111111",
    "street": "Gemeinweg 1",
    "postcode": "10115",
    "city": "Musterstadt",
}


def households(registry):
    """Members of each household, with the rule, by SYSTEM:ID."""
    rows = registry.rows(
        "select list(source_system || ':' || source_id order by source_id), min(household.rule) "
        "from identity.household "
        "inner join identity.xref_customer_identity using (customer_id) "
        "where valid_to_date = date '9999-12-31' "
        "group by household_id having count(*) > 1"
    )
    return {tuple(members): rule for members, rule in rows}


def two(registry, **second):
    registry.customer("crm:1", **PAULA, created_ts="2024-02-01")
    registry.customer("crm:2", **{"given_name": "Peter", "created_ts": "2024-01-01", **second})
    registry.resolve()
    assert registry.clusters() == set()
    return households(registry)


@pytest.mark.parametrize(
    ("shared", "rule"),
    [
        ({"family_name": "GEMEINSAM", "postcode": "10115"}, "same family name and address"),
        ({"family_name": "Gemeinsam", "city": "Musterstadt"}, "same family name and address"),
        ({"email": "familie@example.net"}, "same mail"),
        ({"phone": "00999 11111111"}, "same phone"),
    ],
)
def test_two_people_who_share_this_are_a_household(registry, shared, rule):
    assert two(registry, street="Gemeinweg 1", **shared) == {("crm:1", "crm:2"): rule}


@pytest.mark.parametrize(
    "shared",
    [
        pytest.param({"family_name": "Anders", "street": "Gemeinweg 1", "postcode": "10115"}),
        pytest.param({"family_name": "Gemeinsam", "postcode": "10115"}),
    ],
    ids=["neighbours", "namesakes"],
)
def test_two_people_who_share_no_more_than_this_are_none(registry, shared):
    assert two(registry, **shared) == {}


def test_colleagues_who_share_the_phone_of_their_company_are_none(registry):
    registry.customer(
        "crm:0", customer_type="company", family_name="Muster AG", phone=PAULA["phone"]
    )
    assert two(registry, phone=PAULA["phone"]) == {}


def test_a_house_of_flats_is_none(registry):
    for number in range(11):
        registry.customer(
            f"crm:{number}",
            family_name="Gemeinsam",
            street="Gemeinweg 1",
            postcode="10115",
            birth_date=f"19{50 + number}-0{1 + number % 9}-11",
        )
    registry.resolve()
    assert households(registry) == {}


def test_a_household_has_the_id_of_its_eldest_customer_and_everybody_has_one(registry):
    two(registry, email="familie@example.net")
    registry.customer("crm:3", given_name="Solo")
    registry.resolve()
    rows = dict(registry.rows("select customer_id, household_id from identity.household"))
    elder = registry.customer_id("crm:2")
    assert rows[registry.customer_id("crm:1")] == rows[elder] == "H" + elder[1:]
    alone = registry.customer_id("crm:3")
    assert rows[alone] == "H" + alone[1:]
