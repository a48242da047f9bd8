"""Rules of how long single rows are kept: what cannot be followed is refused by line and column."""

import pytest

from pipelines.privacy.retention_policy import POLICY, PolicyError, Rule, read_policy
from pipelines.settings import PROJECT_ROOT

HEADER = "entity,country,detail_weeks,legal_basis"


@pytest.fixture
def write(tmp_path):
    def file(*rows, header=HEADER):
        path = tmp_path / "retention.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return file


def test_a_rule_has_weeks_or_none_and_a_country_in_capitals(write):
    assert read_policy(write("sales,de,54,tax", "contacts,*,,service")) == [
        Rule(entity="sales", country="DE", detail_weeks=54, legal_basis="tax"),
        Rule(entity="contacts", country="*", detail_weeks=None, legal_basis="service"),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("crm_customer,*,54,tax", "line 2: entity: 'crm_customer' is none of contacts, sales"),
        ("sales,Germany,54,tax", "line 2: country: 'Germany' is no ISO 3166 code"),
        ("sales,*,53,tax", "line 2: detail_weeks: '53' is no number of weeks from 54 on"),
        ("contacts,*,0,service", "line 2: detail_weeks: '0'"),
        ("contacts,*,two,service", "line 2: detail_weeks: 'two'"),
        ("contacts,*,-5,service", "line 2: detail_weeks: '-5'"),
        ("sales,*,54,", "line 2: legal_basis: say why"),
        ("sales,*,54", "line 2: has not 4 fields"),
        ("sales,*,54,tax,law", "line 2: has not 4 fields"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(write, row, message):
    with pytest.raises(PolicyError, match=message):
        read_policy(write(row))


def test_one_country_has_one_rule(write):
    with pytest.raises(PolicyError, match="line 3: sales in DE stands there twice"):
        read_policy(write("sales,de,54,tax", "sales,DE,60,tax"))


def test_another_header_is_refused(write):
    with pytest.raises(PolicyError, match="line 1: the columns are entity, country"):
        read_policy(write(header="entity,weeks"))


def test_the_rules_that_are_shipped_keep_everything():
    rules = read_policy(PROJECT_ROOT / "dbt_project" / POLICY)
    assert rules
    assert {rule.detail_weeks for rule in rules} == {None}
