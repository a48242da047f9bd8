"""What a small house is delivered as plain text, and what is asked of it."""

import duckdb

from pipelines.feeds.kept import keep
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.privacy.erase import erase
from pipelines.privacy.tombstones import guard, keep_out
from pipelines.settings import Settings

MAPPINGS = {
    "customers": """\
feed: crm_customer
files: customers_{extract_ts}.csv
columns: {system: source_system, id: source_customer_id, name: family_name, mail: email,
  phone: phone, country: country, since: created_ts, parent: parent_account_id, note: null}
delimiter: ";"
encoding: cp1252
""",
    "touches": """\
feed: campaign_touch
files: touches_{event_date}.csv.gz
columns: {campaign: campaign_id, customer: customer_ref, event: event}
""",
    "alerts": """\
feed: alert_subscription
files: alerts_{extract_date}.jsonl
format: jsonl
columns: {number: subscription_id, type: alert_type, to: address}
""",
}

CUSTOMERS = """\
system;id;name;mail;phone;country;since;parent;note
crm;C1;Müller;Kim@example.org;0170 1234567;DE;2025-01-01T00:00:00;;calls often
crm;C2;Other;other@example.org;;DE;2025-01-01T00:00:00;C1;"a ""quoted""
note"
shop;C1;Shopper;shop@example.org;;DE;2025-01-01T00:00:00;;
"""

SALES = [
    "S1,1,1,1,A,1,2.50,C1",
    "S1,1,2,1,A,2,5.25,C2",
    "S1,1,3,1,A,oops,9.00,C1",
    "S1,1,4,1,A,3,7.75,",
]

ALERTS = (
    '{"number": "1", "type": "stockout", "to": "KIM@example.org"}\n'
    '{"number": "2", "type": "stockout", "to": "other@example.org"}\n'
)

DAY = "2026-01-05"


def load(settings: Settings) -> None:
    """What a night does before the warehouse is built."""
    with duckdb.connect(str(settings.raw_database)) as connection:
        guard(connection, settings)
        summary = load_landed_files(
            connection,
            landing=settings.landing,
            mappings=load_mappings(settings.mappings),
            work=settings.work,
        )
        assert summary.refused == {}
        keep_out(connection, settings)
        keep(connection, settings.kept)


def run(settings: Settings, customer: str = "P1", **options) -> None:
    erase(settings, customer, reason="test", rebuild=lambda: None, **options)


def ask(settings: Settings, query: str) -> list[tuple]:
    with duckdb.connect(str(settings.raw_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def counted(settings: Settings, feed: str, columns: str) -> list[tuple]:
    """Rows of a feed that count, without what a load writes of its own."""
    return ask(
        settings,
        f"select {columns} from feeds.{feed} as r anti join ledger.excluded_row as e "
        f"on e.feed = '{feed}' and e.file_id = r._file_id and e.line_number = r._line_number "
        "order by all",
    )


ROWS = {
    "crm_customer": "* exclude (_file_id, _loaded_at)",
    "pos_line": "* exclude (_file_id, _loaded_at)",
    "campaign_touch": "* exclude (_file_id, _loaded_at)",
    "alert_subscription": "* exclude (_file_id, _loaded_at)",
}


def state(settings: Settings) -> dict[str, list[tuple]]:
    return {feed: counted(settings, feed, columns) for feed, columns in ROWS.items()}
