"""Each rule links what it should, and each guard holds back what only looks alike."""

import pytest

ANNA = {
    "given_name": "Anna",
    "family_name": "Müller",
    "birth_date": "1980-05-06",
    "email": "anna@example.org",
    "phone": "+999 123 4567",
    "street": "Hauptstraße 5",
    "postcode": "10115",
    "city": "Musterstadt",
}


def part(*columns, **changed):
    """Some of what is known of Anna, and what another system says otherwise."""
    return {**{column: ANNA[column] for column in columns}, **changed}


@pytest.mark.parametrize(
    ("other", "rule", "confidence"),
    [
        (
            part("given_name", email=" ANNA@Example.org ", family_name="Mueller"),
            "same mail and name",
            "exact",
        ),
        (part("given_name", "birth_date", "email"), "same mail and birth date", "exact"),
        (part("birth_date", "email"), "same mail and birth date", "exact"),
        (
            part("given_name", "birth_date", phone="00999 1234567"),
            "same phone, given name and birth date",
            "strict",
        ),
        (
            part("birth_date", "postcode", given_name="ANNA", family_name="Dr. MÜLLER"),
            "same name, birth date and postcode",
            "strict",
        ),
        (
            part("given_name", "family_name", "street", "postcode", city="Elsewhere"),
            "same name and address",
            "strict",
        ),
    ],
)
def test_a_rule_links_two_records_of_a_person(registry, other, rule, confidence):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **other)
    registry.resolve()
    assert registry.clusters() == {frozenset({"crm:1", "webshop:2"})}
    assert registry.reasons() == {"webshop:2": (rule, confidence)}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({**ANNA, "given_name": "Peter"}, id="twins share all but the given name"),
        pytest.param({**ANNA, "birth_date": "2005-11-30"}, id="mother and daughter of one name"),
        pytest.param(
            part("family_name", "email", "phone", "street", "postcode", "city", given_name="Peter"),
            id="a family shares mail and phone",
        ),
        pytest.param(
            part("family_name", "email", "phone", "street", "postcode", "city"),
            id="nobody knows who of the family",
        ),
        pytest.param({**ANNA, "customer_type": "company"}, id="a person is no company"),
        pytest.param({**ANNA, "customer_type": "household"}, id="a household is no person"),
        pytest.param(part("given_name", "family_name"), id="a name alone"),
        pytest.param(part("birth_date", "postcode"), id="a day and a place"),
        pytest.param(
            part("given_name", "family_name", email="no mail"), id="what is no mail address"
        ),
    ],
)
def test_a_guard_keeps_two_people_apart(registry, other):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **other)
    registry.resolve()
    assert registry.clusters() == set()


def test_days_that_forms_put_in_are_no_birth_dates(registry):
    for source_id in ("1", "2"):
        registry.customer(
            f"crm:{source_id}", email="x@example.org", birth_date="1970-01-01", given_name=None
        )
    registry.resolve()
    assert registry.clusters() == set()


def test_who_shares_a_mail_with_a_name_that_two_people_have_is_linked_to_neither(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("crm:2", **{**ANNA, "birth_date": "2005-11-30"})
    registry.customer("webshop:3", **part("given_name", "family_name", "email"))
    registry.resolve()
    assert registry.clusters() == set()


def test_a_name_that_two_people_of_one_house_have_says_nothing_of_a_third_record(registry):
    """Father and son: which of them ordered without a birth date?"""
    registry.customer("crm:1", **ANNA)
    registry.customer("crm:2", **{**ANNA, "birth_date": "2005-11-30"})
    registry.customer(
        "webshop:3", **part("given_name", "family_name", "street", "postcode", "city")
    )
    registry.resolve()
    assert registry.clusters() == set()


def test_a_third_record_does_not_tie_two_people_together(registry):
    """Peter's record with Anna's mail and day of birth would hang between both."""
    registry.customer("crm:1", **ANNA)
    registry.customer("crm:2", **{**ANNA, "given_name": "Peter", "birth_date": "1979-02-03"})
    registry.receipt("9", "L1")
    registry.customer("loyalty:L1", given_name="Anna", birth_date="1980-05-06", phone="+9991234567")
    registry.add("crm_lead", lead_id="9", changed_ts="2024-01-01", customer_ref="2")
    registry.resolve()
    assert registry.customer_id("crm:1") != registry.customer_id("crm:2")


def test_a_mail_of_very_many_is_no_evidence(registry):
    for number in range(21):
        registry.customer(f"crm:{number}", given_name="Max", family_name="Muster", email="a@b.org")
    registry.resolve()
    assert registry.clusters() == set()


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"email": "INFO@firm.example"}, "same company name and mail"),
        ({"phone": "+999 7654321"}, "same company name and phone"),
        ({"street": "Am Hof 1", "postcode": "20095"}, "same company name and address"),
    ],
)
def test_a_rule_links_two_records_of_a_company(registry, other, rule):
    firm = {"customer_type": "company", "family_name": "Muster G.m.b.H."}
    registry.customer(
        "crm:1",
        **firm,
        email="info@firm.example",
        phone="+9997654321",
        street="Am Hof 1",
        postcode="20095",
    )
    registry.customer("erp:2", **{**firm, "family_name": "MUSTER GMBH"}, **other)
    registry.customer("erp:3", **{**firm, "family_name": "Muster AG"}, **other)
    registry.resolve()
    assert registry.reasons() == {"erp:2": (rule, registry.reasons()["erp:2"][1])}


def test_a_company_and_its_contacts_are_related_and_never_one(registry):
    registry.customer("crm:1", customer_type="company", family_name="Muster", email="x@m.example")
    registry.customer(
        "crm:2",
        given_name="Frida",
        family_name="Muster",
        email="x@m.example",
        parent_account_id="1",
    )
    registry.resolve()
    assert registry.clusters() == set()


def test_a_card_that_receipts_name_with_a_customer_is_his(registry):
    registry.customer("crm:1", **ANNA)
    registry.receipt("1", "L1")
    registry.resolve()
    assert registry.clusters() == {frozenset({"crm:1", "loyalty:L1"})}
    assert registry.reasons()["loyalty:L1"] == ("receipts name card and customer", "exact")


def test_a_card_of_a_family_is_nobodys(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("crm:2", given_name="Peter")
    registry.receipt("1", "L1")
    registry.receipt("2", "L1")
    registry.resolve()
    assert registry.clusters() == set()


def test_a_reference_that_a_till_puts_on_every_receipt_ties_no_cards(registry):
    for number in range(6):
        registry.receipt("9999", f"L{number}")
    registry.resolve()
    assert registry.clusters() == set()


def test_the_card_of_a_reference_that_no_master_knows_is_linked_to_it(registry):
    registry.receipt("77", "L1")
    registry.resolve()
    assert registry.clusters() == {frozenset({"reference:77", "loyalty:L1"})}


def test_a_lead_that_buys_is_the_customer(registry):
    """The lead is the elder, so what was known of it keeps its customer id."""
    registry.add("crm_lead", lead_id="LD1", changed_ts="2024-01-05", changed_date="2024-01-05")
    registry.resolve()
    lead = registry.customer_id("lead:LD1")
    registry.customer("crm:1", **ANNA, created_ts="2024-02-01")
    registry.add("crm_lead", lead_id="LD1", changed_ts="2024-02-01", customer_ref="1")
    registry.resolve()
    assert registry.customer_id("crm:1") == registry.customer_id("lead:LD1") == lead


def test_a_deleted_record_keeps_its_link(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **part("given_name", "birth_date", "email"))
    registry.resolve()
    registry.customer("webshop:2", op="D", extract_ts="2024-03-01")
    registry.resolve()
    assert registry.clusters() == {frozenset({"crm:1", "webshop:2"})}


def test_the_newest_record_counts_and_what_was_excluded_does_not(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **{**ANNA, "given_name": "Peter"})
    registry.customer("webshop:2", **ANNA, extract_ts="2024-03-01")
    registry.resolve()
    assert registry.clusters() == {frozenset({"crm:1", "webshop:2"})}
    registry.connection.execute(
        "insert into ledger.excluded_row values ('crm_customer', 1, 3, null, 'conflict', '')"
    )
    registry.resolve()
    assert registry.clusters() == set()


@pytest.mark.parametrize(
    "slip",
    [
        {"given_name": "Ana", "email": "other@example.org"},
        {"birth_date": "1980-06-05", "email": "other@example.org", "phone": None},
        {"given_name": "Müller", "family_name": "Anna", "email": None, "phone": None},
        {"given_name": "Miler", "family_name": "Anna", "email": None, "phone": None},
        {"postcode": "10155", "family_name": "Miller", "email": None, "phone": None},
    ],
)
def test_the_model_links_what_a_slip_of_the_hand_keeps_from_the_rules(registry, slip):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **{**ANNA, **slip})
    registry.resolve()
    assert registry.reasons() == {"webshop:2": ("model", "loose")}
    ((score, decided_by),) = registry.rows(
        "select score, decided_by from identity.xref_customer_identity where rule = 'model'"
    )
    assert 0.99 <= score <= 1
    assert decided_by == "splink"
