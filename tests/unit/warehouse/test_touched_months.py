"""Values and stages of customers, night by night, are what a full build would find.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

FIRST_DATE = date(2024, 1, 1)
DAYS = 1000
CUSTOMERS = range(1, 13)


class Nights:
    """What customers bought, cost, owe and allow, and what they are worth."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.month = rendered_models.Replaced(connection, {"customer_month": "month_end_date"})
        self.value = rendered_models.Replaced(connection, {"customer_value": "month_end_date"})
        self.cycle = rendered_models.Replaced(
            connection, {"customer_cycle": "customer_id", "btyd_summary": "customer_id"}
        )
        self.stage = rendered_models.Replaced(
            connection,
            {"customer_lifecycle": "customer_id", "lifecycle_transition": "month_start_date"},
        )
        self.total = rendered_models.Replaced(
            connection,
            {
                "retention_economics": "month_start_date",
                "cohort_retention": "cohort_month",
                "clv_curve": "cohort_month",
            },
        )
        self.random = random.Random(11)
        self.made_months: set[date] = set()
        self.changed: set[date] = set()
        self.keep_customers()

    def buy(self, customer: int, day: date, amount: int) -> None:
        """A customer's receipts of a day are others now; those of no amount are none."""
        self.connection.execute(
            "delete from warehouse.core.fct_customer_day "
            "where customer_key = ? and business_date = ?",
            [customer, day],
        )
        if amount:
            self.connection.execute(
                "insert into warehouse.core.fct_customer_day select $day, $customer, "
                "'C' || $customer, 1, if($customer < 3, 0, 1), 1, $amount, $amount, $amount / 4, "
                "$amount > 0, if($amount > 9, 'store', 'web')",
                {"customer": customer, "day": day, "amount": amount},
            )
        self.changed.add(day)

    def buy_anything(self, day: date) -> None:
        """A day of some customers, who return something now and then."""
        for customer in self.random.sample(CUSTOMERS, 4):
            self.buy(customer, day, self.random.choice([-3, 0, 5, 10, 20, 40]))

    def serve(self, customer: int, day: date, cost: int | None, activity: str = "contact") -> None:
        """What it cost to serve a customer."""
        self.connection.execute(
            "insert into warehouse.core.fct_service_cost values ('C' || ?, ?, ?, ?)",
            [customer, day, activity, cost],
        )

    def owe(self, customer: int, day: date, overdue: int | None) -> None:
        """What a customer owes on a day."""
        self.connection.execute(
            "insert into warehouse.core.fct_receivable_snapshot values ($1, 'C' || $1, $2, 50, "
            "$3, $3)",
            [customer, day, overdue],
        )

    def spend(self, day: date, cost: int) -> None:
        """What campaigns to win customers cost on a day."""
        self.connection.execute(
            "insert into warehouse.core.fct_campaign_cost values (?, 1, ?)", [day, cost]
        )

    def answer(self, customer: int, score: int, amount: int) -> None:
        """How content a customer was in a quarter, and what they bought then."""
        self.connection.execute(
            "insert into warehouse.marts.satisfaction_loyalty values (date '2026-05-03', ?, ?)",
            [score, amount * customer],
        )

    def enter(self, customer: int, store: str) -> None:
        """A customer's first purchase was in another store."""
        self.connection.execute(
            "update warehouse.core.fct_acquisition set entry_store_id = $2 "
            "where customer_id = 'C' || $1",
            [customer, store],
        )

    def object(self, customer: int) -> None:
        """A customer objects to profiling."""
        self.connection.execute(
            "insert into warehouse.core.dim_consent "
            "values ('C' || ?, 'profiling', 'withdrawn', true)",
            [customer],
        )

    def allow(self, customer: int) -> None:
        """A customer takes an objection back."""
        self.connection.execute(
            "delete from warehouse.core.dim_consent where customer_id = 'C' || ?", [customer]
        )

    def merge(self, customer: int, other: int) -> None:
        """What one customer bought turns out to be another's."""
        rows = self.connection.execute(
            "update warehouse.core.fct_customer_day "
            "set customer_key = $2, customer_id = 'C' || $2 "
            "where customer_key = $1 and business_date not in (select business_date "
            "from warehouse.core.fct_customer_day where customer_key = $2) "
            "returning business_date",
            [customer, other],
        ).fetchall()
        self.changed |= {day for (day,) in rows}

    def version(self, customer: int) -> None:
        """A customer's version of today is another one, and it came a year before."""
        self.connection.execute(
            "update warehouse.core.dim_customer set customer_key = customer_key + 100 "
            "where customer_id = 'C' || ?",
            [customer],
        )
        self.connection.execute(
            "update warehouse.core.fct_acquisition set acquired_date = acquired_date - 366 "
            "where customer_id = 'C' || ?",
            [customer],
        )

    def is_touched(self) -> bool:
        """Whether the last night found a month to replace."""
        return bool(self.connection.execute("from raw.history.customer_month_change").fetchall())

    def keep_consents(self) -> None:
        """Keep what customers said, as a run finds it."""
        self.connection.execute(
            "create or replace table raw.history.then_consent as from warehouse.core.dim_consent"
        )

    def keep_customers(self) -> None:
        """Keep who bought when, as a run finds it."""
        self.connection.execute(
            "create or replace table raw.history.then_day as "
            "select distinct business_date, customer_id from warehouse.core.fct_customer_day"
        )

    def build(self) -> None:
        """The first night."""
        self.cycle.build()
        self.month.build()
        self.value.build()
        self.total.build()
        self.stage.build()
        self.changed.clear()
        self.keep_consents()
        self.keep_customers()

    def replace_stages(self) -> set[str]:
        """A further night of stages, and the customers whose rows went or are new."""
        self.connection.execute(
            "create or replace table raw.history.standing_day_customer as "
            "select distinct customer_id from raw.history.then_day "
            "where business_date in (select business_date from raw.ledger.changed_business_date)"
        )
        for model in self.cycle.keys:
            self.cycle.replace(model)
        self.keep_customers()
        replaced = self.stage.replace("customer_lifecycle")
        self.stage.replace("lifecycle_transition")
        return replaced

    def night(self) -> set[date]:
        """A further night, and the ends of months that it replaced."""
        self.value.change(self.changed)
        self.changed.clear()
        self.connection.execute(
            "create or replace table raw.history.standing_consent as from raw.history.then_consent"
        )
        self.made_months = self.month.replace("customer_month")
        self.keep_consents()
        for model in self.total.keys:
            self.total.replace(model)
        return self.value.replace("customer_value")


@pytest.fixture
def nights() -> Iterator[Nights]:
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            set threads = 1;
            attach ':memory:' as raw;
            attach ':memory:' as warehouse;
            create schema raw.ledger;
            create schema raw.history;
            create schema raw.seeds;
            create schema warehouse.core;
            create schema warehouse.marts;
            create table raw.ledger.changed_business_date (
                business_date date, is_fact_changed boolean
            );
            create table raw.seeds.value_score_parameter as
            from read_csv('{rendered_models.PROJECT}/seeds/value_score_parameter.csv');
            create table warehouse.core.dim_date as
            select day::date as date_day, date_trunc('month', day)::date as month_start_date
            from range(date '2023-01-01', date '2028-01-01', interval 1 day) as days (day);
            create table warehouse.core.fct_customer_day (
                business_date date, customer_key int, customer_id text, receipt_count int,
                costed_receipt_count int, transaction_count int, unit_count int, net_amount int,
                margin_amount decimal(18, 4), is_purchase_day boolean, day_channel text
            );
            create table warehouse.core.fct_service_cost (
                customer_id text, activity_date date, activity_name text, service_cost_amount int
            );
            create table warehouse.core.fct_receivable_snapshot (
                customer_key int, customer_id text, snapshot_date date, open_amount int,
                overdue_amount int, overdue_cost_amount int
            );
            create table warehouse.core.dim_consent (
                customer_id text, consent_purpose text, consent_status text, is_current boolean
            );
            create table warehouse.core.fct_campaign_cost (
                business_date date, campaign_key int, campaign_day_cost_amount int
            );
            create table warehouse.core.dim_campaign as
            select 1 as campaign_key, 'acquisition' as spend_code;
            create table warehouse.core.fct_sales_day (business_date date, is_rolled boolean);
            create table warehouse.marts.satisfaction_loyalty (
                fiscal_quarter_start_date date, average_satisfaction_score int, net_amount int
            );
            create table warehouse.core.dim_lifecycle_stage as
            from read_csv('{rendered_models.PROJECT}/seeds/lifecycle_stage.csv');
            create table warehouse.core.dim_customer as
            select
                number as customer_key, 'C' || number as customer_id, true as is_current,
                'private' as customer_type
            from range(1, 15) as customer (number);
            create table warehouse.core.fct_acquisition as
            select
                customer_id, date '2024-01-20' + 30 * customer_key::int as acquired_date,
                if(customer_key < 5, 'S1', 'S2') as entry_store_id, 'store' as entry_channel,
                customer_key = 7 as is_rolled
            from warehouse.core.dim_customer;
            """
        )
        yield Nights(connection)


def test_whatever_changes_in_whatever_order_values_are_those_of_a_full_build(
    nights: Nights,
) -> None:
    drawn = nights.random
    days = [FIRST_DATE + timedelta(days=number) for number in range(0, DAYS, 9)]
    for day in days:
        nights.buy_anything(day)
    nights.buy(13, days[0], 7)
    nights.build()
    sizes, stage_sizes = [], []
    last = days[-1]
    for night in range(20):
        last += timedelta(days=drawn.randint(1, 20))
        nights.buy_anything(last)
        customer, other = drawn.sample(CUSTOMERS, 2)
        nights.answer(customer, drawn.randint(1, 5), drawn.randint(1, 40))
        match night % 10:
            case 0:
                nights.enter(customer, f"S{night}")
            case 1:
                nights.buy_anything(drawn.choice(days))
            case 2:
                nights.version(customer)
            case 3:
                nights.serve(customer, drawn.choice(days), drawn.randint(1, 9))
            case 4:
                nights.merge(customer, other)
            case 5:
                nights.owe(customer, drawn.choice(days[-9:]), drawn.randint(0, 20))
            case 6 if night < 10:
                nights.object(customer)
            case 7:
                nights.buy(customer, days[0] - timedelta(days=night), 7)
            case 8:
                nights.spend(drawn.choice(days), drawn.randint(1, 9))
            case 9:
                nights.buy(13, days[-5], 7 if night < 10 else 0)
        sizes.append(len(nights.night()))
        stage_sizes.append(len(nights.replace_stages()))
        assert nights.value.differences() == [], f"night {night}"
        assert nights.month.differences() == [], f"night {night}"
        assert nights.total.differences() == [], f"night {night}"
        assert nights.cycle.differences() == [], f"night {night}"
        assert nights.stage.differences() == [], f"night {night}"
    assert min(sizes) == 0
    assert max(sizes) > 20
    assert min(stage_sizes) < len(CUSTOMERS) - 2


def test_a_night_replaces_the_months_from_the_one_on_that_changed(nights: Nights) -> None:
    for number in range(0, DAYS, 9):
        nights.buy_anything(FIRST_DATE + timedelta(days=number))
    nights.build()
    # 26 September 2026 is the last date: the last month that has ended is August.
    nights.buy(1, date(2026, 9, 26), 10)
    assert nights.night() == set()
    assert nights.made_months == set(), "no month that has ended is another one"

    nights.buy(1, date(2026, 7, 14), 10)
    assert nights.night() == {date(2026, 7, 31), date(2026, 8, 31)}

    nights.buy(1, date(2026, 10, 1), 10)
    assert nights.night() == {date(2026, 9, 30)}

    nights.serve(2, date(2026, 8, 2), 4)
    first = min(nights.night())
    assert first == date(2024, 1, 31), "the first cost that any feed tells is zero in all months"
    nights.serve(2, date(2026, 8, 3), 4)
    assert nights.night() == {date(2026, 8, 31), date(2026, 9, 30)}

    nights.enter(2, "S9")
    assert nights.night() == set()
    assert nights.total.differences() == [], "no date tells in which store a customer began"

    nights.version(3)
    assert nights.night() == set()
    assert nights.connection.execute(
        "select distinct customer_key from warehouse.marts.customer_value where customer_id = 'C3'"
    ).fetchall() == [(103,)]
    assert nights.value.differences() == []


def test_months_before_the_first_touched_one_stand_whatever_touches_it(nights: Nights) -> None:
    for number in range(0, DAYS, 9):
        nights.buy_anything(FIRST_DATE + timedelta(days=number))
    # Who bought once is seen for a year, whoever a feed tells something of later.
    nights.buy(13, date(2024, 2, 5), 50)
    nights.serve(13, date(2025, 6, 3), None)
    nights.build()
    ends = nights.month.standing("customer_month")
    first, august = min(ends), max(ends)
    assert august == date(2026, 8, 31)
    steps: list[tuple[str, Callable[[], None], date | None]] = [
        ("the month that runs", lambda: nights.buy(1, date(2026, 9, 25), 10), None),
        ("a late receipt", lambda: nights.buy(1, date(2026, 7, 14), 10), date(2026, 7, 31)),
        ("a year later", lambda: nights.buy(1, date(2025, 2, 11), 10), date(2025, 2, 28)),
        ("who comes again", lambda: nights.buy(13, date(2026, 8, 10), 5), august),
        ("a cost in the gap", lambda: nights.serve(13, date(2025, 6, 4), None), date(2025, 6, 30)),
        ("who was not here again", lambda: nights.buy(13, date(2026, 8, 10), 0), august),
        ("a first cost", lambda: nights.serve(13, date(2025, 6, 3), 4), first),
        ("the same of others", lambda: nights.serve(2, date(2025, 7, 3), 4), date(2025, 7, 31)),
        ("another first cost", lambda: nights.serve(2, date(2026, 8, 3), 4, "case"), first),
        ("a cost of the running month", lambda: nights.serve(2, date(2026, 9, 3), 4, "case"), None),
        ("which is a first one", lambda: nights.serve(2, date(2026, 9, 3), 4, "return"), first),
        ("a first debt", lambda: nights.owe(3, date(2026, 6, 5), None), date(2026, 6, 30)),
        ("a first cost of debts", lambda: nights.owe(3, date(2026, 7, 5), 1), first),
        ("a debt", lambda: nights.owe(4, date(2026, 7, 5), 1), date(2026, 7, 31)),
        ("a debt in the gap", lambda: nights.owe(13, date(2025, 5, 5), 1), date(2025, 5, 31)),
        ("whose debtor comes", lambda: nights.buy(13, date(2026, 8, 11), 5), august),
        ("a month that ended", lambda: nights.buy(1, date(2026, 10, 1), 5), date(2026, 9, 30)),
        ("and two more", lambda: nights.buy(13, date(2026, 12, 1), 5), date(2026, 10, 31)),
        ("who goes again", lambda: nights.buy(13, date(2026, 8, 11), 0), august),
        ("days that are gone", lambda: nights.buy(13, date(2026, 12, 1), 0), date(2026, 10, 31)),
        ("an objection", lambda: nights.object(13), date(2024, 2, 29)),
        ("that is taken back", lambda: nights.allow(13), date(2024, 2, 29)),
    ]
    for what, step, from_end in steps:
        step()
        nights.night()
        assert min(nights.made_months, default=None) == from_end, what
        assert nights.is_touched() == (from_end is not None), what
        assert nights.month.differences() == [], what
        assert nights.total.differences() == [], what


def test_a_house_of_few_months_and_few_customers_is_followed(nights: Nights) -> None:
    nights.connection.execute("delete from warehouse.core.dim_date where date_day < '2024-01-01'")
    nights.buy(1, date(2024, 1, 5), 10)
    nights.build()
    steps: dict[str, Callable[[], None]] = {
        "the first month that ends": lambda: nights.buy(1, date(2024, 2, 3), 10),
        "none has ended any more": lambda: nights.buy(1, date(2024, 2, 3), 0),
        "and again": lambda: nights.buy(1, date(2024, 2, 3), 10),
        "goods have no cost": lambda: nights.buy(1, date(2024, 4, 3), 10),
        "and then a month that runs tells one": lambda: nights.buy(3, date(2024, 4, 4), 10),
        "nobody is left": lambda: nights.buy(2, date(2026, 6, 10), 10),
        "but who is new": lambda: nights.buy(2, date(2026, 7, 2), 10),
        "and the gap of who came again": lambda: nights.buy(1, date(2026, 6, 12), 10),
        "and did not": lambda: nights.buy(1, date(2026, 6, 12), 0),
        "goods have no cost again": lambda: nights.buy(3, date(2024, 4, 4), 0),
    }
    margins = "select count(margin_amount) > 0 from warehouse.marts.customer_month"
    for what, step in steps.items():
        step()
        nights.night()
        is_costed = nights.connection.execute(
            "select sum(costed_receipt_count) > 0 from warehouse.core.fct_customer_day"
        ).fetchall()
        assert nights.connection.execute(margins).fetchall() == is_costed, what
        assert nights.month.differences() == [], what
        assert nights.total.differences() == [], what


def test_what_stands_is_not_found_again(nights: Nights) -> None:
    for number in range(0, DAYS, 9):
        nights.buy_anything(FIRST_DATE + timedelta(days=number))
    nights.build()
    wrong = {
        "customer_month": ("unit_count", "month_end_date = '2026-06-30'"),
        "cohort_retention": (
            "margin_amount",
            "cohort_month + to_months(tenure_month) = '2026-06-01'",
        ),
        "clv_curve": (
            "contribution_amount",
            "cohort_month + to_months(tenure_month) = '2026-06-01'",
        ),
        "retention_economics": ("base_customer_count", "month_end_date = '2026-06-30'"),
    }
    for model, (column, condition) in wrong.items():
        nights.connection.execute(
            f"update warehouse.marts.{model} set {column} = 999 where {condition}"
        )
    # Nobody says so, and nobody looks.
    nights.buy(14, date(2024, 2, 5), 50)
    nights.changed.clear()
    nights.buy(1, date(2026, 7, 14), 10)
    nights.night()
    assert nights.connection.execute(
        "select count(*) from warehouse.marts.customer_month where customer_id = 'C14'"
    ).fetchall() == [(0,)]
    for model, (column, condition) in wrong.items():
        found = nights.connection.execute(
            f"select distinct {column} from warehouse.marts.{model} where {condition}"
        ).fetchall()
        assert found == [(999,)], model


def test_cohorts_are_followed_when_nobody_is_left_to_profile(nights: Nights) -> None:
    for number in range(0, DAYS, 9):
        nights.buy_anything(FIRST_DATE + timedelta(days=number))
    for customer in CUSTOMERS:
        nights.object(customer)
    nights.build()
    nights.buy(1, date(2026, 7, 14), 10)
    assert nights.night() == set()
    assert nights.total.differences() == []


def test_who_comes_and_who_goes_is_followed_and_all_others_stand(nights: Nights) -> None:
    for number in range(0, DAYS, 9):
        nights.buy_anything(FIRST_DATE + timedelta(days=number))
    nights.buy(13, date(2026, 9, 1), 5)
    nights.build()
    consents = "from warehouse.core.dim_consent"
    steps = {
        "who bought once is lent what others tell": lambda: nights.buy(1, date(2026, 9, 27), 10),
        "who objects goes": lambda: nights.object(2),
        "and comes back": lambda: nights.connection.execute(f"delete {consents}"),
        "a first purchase": lambda: nights.buy(14, date(2026, 9, 28), 3),
        "a day that is gone": lambda: nights.buy(14, date(2026, 9, 28), 0),
        "time alone": lambda: nights.buy(14, date(2027, 6, 1), 3),
        "that did not pass": lambda: nights.buy(14, date(2027, 6, 1), 0),
        "another version": lambda: nights.connection.execute(
            "update warehouse.core.dim_customer set customer_key = 103 where customer_id = 'C3'"
        ),
        "a first purchase of which no receipt is kept": lambda: nights.connection.execute(
            "update warehouse.core.fct_acquisition set acquired_date = date '2023-11-01' "
            "where customer_id = 'C7'"
        ),
        "who is known and never bought": lambda: nights.connection.execute(
            "insert into warehouse.core.dim_customer values (15, 'C15', true, 'private')"
        ),
        "and is no more": lambda: nights.connection.execute(
            "delete from warehouse.core.dim_customer where customer_key = 15"
        ),
        "a rhythm of one's own": lambda: [
            nights.buy(14, date(2026, 9, day), 3) for day in (28, 29, 30)
        ],
        "that nobody else is left to lend": lambda: [nights.object(each) for each in CUSTOMERS],
    }
    for what, step in steps.items():
        step()
        nights.night()
        nights.replace_stages()
        assert nights.cycle.differences() == [], what
        assert nights.stage.differences() == [], what


def test_customers_who_stand_are_not_counted_again_by_their_stages(nights: Nights) -> None:
    for number in range(0, DAYS, 9):
        nights.buy_anything(FIRST_DATE + timedelta(days=number))
    nights.build()
    nights.replace_stages()
    nights.connection.execute(
        "update warehouse.marts.lifecycle_transition set customer_count = customer_count + 100"
    )
    nights.replace_stages()
    assert nights.connection.execute(
        "select min(customer_count) > 100 from warehouse.marts.lifecycle_transition"
    ).fetchall() == [(True,)]
    # Nobody knows any more how they had moved.
    nights.stage.rebuild("customer_lifecycle")
    nights.stage.replace("lifecycle_transition")
    assert nights.stage.differences() == []
