"""Every sentence of the page, by key, so that a second language is a second catalogue.

A key may end in `.one`: that text is taken when `count` is 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENGLISH: Mapping[str, str] = {
    # page
    "page.heading": "Sales, stores, customers and baskets",
    "page.skip": "Skip to the figures",
    "page.navigation": "Sections",
    "page.published": "Published {moment}",
    "page.numbers": "Numbers behind this chart",
    "page.no_script": "Charts need JavaScript; their numbers are in the tables below them.",
    "page.broken_chart": "This chart could not be drawn; its numbers are in the table below.",
    "page.footer": (
        "Written from the published database when it was published: one file, no server, no "
        "request to the outside. Amounts are net sales without tax, after discounts, coupons and "
        "returns, in reporting currency."
    ),
    "page.summary_good": "Every gate suite passed and every total agrees.",
    "page.summary_warn": "Published with warnings: see the state of the night.",
    "page.summary_bad": "Something does not agree: see the state of the night.",
    "page.no_sales": "No sales have been loaded yet.",
    "page.covers": "Covers {dates}.",
    # key figures
    "key.net": "Net sales",
    "key.transactions": "Transactions",
    "key.transactions.note": "{average} on average",
    "key.customers": "Customers",
    "key.customers.note": "{rate} of transactions known",
    "key.stores": "Stores",
    "key.stores.note": "with sales",
    "key.last_date": "Last business date",
    "key.last_date.note": "{count} dates with sales",
    "key.last_date.note.one": "1 date with sales",
    # night
    "night.title": "State of the night",
    "night.nav": "Night",
    "night.good": (
        "{feeds} of {all_feeds} feeds delivered, {rows} rows came in, and all of them are "
        "accounted for; {checks} totals agree to the cent."
    ),
    "night.unchecked": (
        "{feeds} of {all_feeds} feeds delivered and {rows} rows came in; no totals were compared."
    ),
    "night.unsettled": (
        "{rows} rows came in, but only {settled} are loaded, in quarantine or duplicates: rows "
        "are missing."
    ),
    "night.quarantine": (
        "{feeds} of {all_feeds} feeds delivered, {rows} rows came in; {quarantined} are in "
        "quarantine and {duplicates} came twice."
    ),
    "night.unequal": "{unequal} of {checks} totals do not agree: do not use these figures yet.",
    "night.build": "Build",
    "night.build.note": "started {started}",
    "night.build.none": "no run recorded",
    "night.dates": "Business dates",
    "night.dates.none": "no feed",
    "night.reconciliation": "Reconciliation",
    "night.reconciliation.value": "{equal} of {checks} equal",
    "night.reconciliation.none": "not checked",
    "night.reconciliation.good": "to the cent and to the row",
    "night.reconciliation.bad": "biggest difference {amount}",
    "night.gates": "Gate suites",
    "night.gates.value": "{passed} of {suites} passed",
    "night.gates.none": "no results",
    "night.gates.good": "{rules} rules, none broken",
    "night.gates.warn": "{failed} of {rules} rules broken, none critical",
    "night.gates.bad": "{failed} of {rules} rules broken, {critical} critical",
    "night.gaps": "{count} dates between without sales",
    "night.gaps.one": "1 date between without sales",
    "night.feeds": "Feeds",
    "night.feeds.caption": "Rows in = loaded + quarantined + duplicate, for every file.",
    "night.no_feed": "no feed",
    "night.silent": "No feed: {count} more, none of them required",
    "night.silent.one": "No feed: 1 more, not required",
    "night.silent.names": "No feed: {names}.",
    "night.feeds.empty": "No feed is known: the warehouse has not been built yet.",
    "night.ok": "delivered",
    "night.refused": "{count} files refused",
    "night.refused.one": "1 file refused",
    "night.totals": "Totals that must agree",
    "night.totals.empty": "No reconciliation was recorded in this build.",
    "night.equal": "equal",
    "night.differs": "differs",
    # sales
    "sales.title": "Sales trend",
    "sales.nav": "Sales",
    "sales.empty": "No sales have been loaded, so there is no trend to draw.",
    "sales.takeaway": (
        "In the week of {week} net sales were {net}, {change} the 13-week mean; "
        "{department} is the biggest department with {share} of all net sales."
    ),
    "sales.takeaway.short": (
        "In the week of {week} net sales were {net}; a 13-week mean needs 13 complete weeks."
    ),
    "sales.above": "{rate} above",
    "sales.below": "{rate} below",
    "sales.level": "level with",
    "sales.chart": "Weekly net sales",
    "sales.chart.caption": "Fiscal weeks, Sunday to Saturday. Paler bars are incomplete weeks.",
    "sales.chart.description": (
        "Bars of net sales by fiscal week from {first} to {last}, with a 4-week and a 13-week mean."
    ),
    "sales.choice": "Department",
    "sales.all": "All departments",
    "sales.week": "Week",
    "sales.week_net": "Net sales of the week",
    "sales.mean_4": "4-week mean",
    "sales.mean_13": "13-week mean",
    "sales.incomplete": "incomplete week",
    "sales.departments": "Departments",
    "sales.departments.caption": "Net sales and share of all, {dates}.",
    "sales.department": "Department",
    "sales.rest": "{count} more",
    # stores
    "stores.title": "Stores",
    "stores.nav": "Stores",
    "stores.empty": "No store has sales yet, so there is nothing to rank.",
    "stores.takeaway": ("{half} of {stores} stores make half of net sales; {comparison}"),
    "stores.comparison.some": ("comparable stores ({count}) changed by {rate} against last year."),
    "stores.comparison.mixed": ("no store can be compared with last year (mostly: {reason})."),
    "stores.comparison.none": ("no store can be compared with last year ({reason})."),
    "stores.curve": "Net sales by store, biggest first",
    "stores.curve.caption": "Deep bars: the stores that together make half of net sales.",
    "stores.curve.description": (
        "Bars of net sales of {count} stores from biggest to smallest. The first {half} make half."
    ),
    "stores.rank": "Rank",
    "stores.each": "{amount} each",
    "stores.comparable": "Comparable sales",
    "stores.comparable.caption": "Stores by why they can or cannot be compared with last year.",
    "stores.comparable.yes": "comparable",
    "stores.no_reason": "no reason given",
    "stores.why": "Comparison",
    "stores.count": "Stores",
    "stores.share": "Share of net sales",
    "stores.concentration": "How sales are spread",
    "stores.biggest": "Biggest stores",
    "stores.biggest.first": "first {count}",
    "stores.biggest.first.one": "the biggest",
    "stores.top": "Top stores",
    "stores.bottom": "Bottom stores",
    "stores.window": "{count} fiscal periods, {dates}",
    "stores.window.one": "1 fiscal period, {dates}",
    "stores.window.open": "{dates}, no fiscal period is over yet",
    "stores.store": "Store",
    "stores.net": "Net sales",
    "stores.course": "Course",
    "stores.course.spoken": "from {first} to {last} by fiscal period",
    "stores.transactions": "Transactions",
    "stores.margin": "Margin",
    "stores.margin.no_feed": "no feed",
    "stores.margin.partial": "partial",
    "stores.change": "Comparable",
    # rfm
    "rfm.title": "Customer map",
    "rfm.nav": "Customers",
    "rfm.empty": "No known customer has bought yet, so there are no scores.",
    "rfm.takeaway": (
        "Segment “{segment}” holds {customers} of known customers and {money} of their money of "
        "the last 365 days."
    ),
    "rfm.map": "Recency by frequency",
    "rfm.map.caption": (
        "Customers, and below them their money in the 365 days to {day}. Score 5 is best."
    ),
    "rfm.map.description": (
        "Map of five recency scores by five frequency scores; each cell counts customers and "
        "their money. Up and to the right are the customers who came often and lately."
    ),
    "rfm.recency": "Recency score (5 = came lately)",
    "rfm.frequency": "Frequency score (5 = comes often)",
    "rfm.customers": "Customers",
    "rfm.money": "Money, 365 days",
    "rfm.segment": "Segment",
    "rfm.segments": "Segments",
    "rfm.segments.caption": "Most money first. Days since the last visit and visit days: medians.",
    "rfm.money_share": "Share",
    "rfm.last_visit": "Last visit",
    "rfm.days_ago": "{count} d ago",
    "rfm.visits": "Visit days",
    # cohorts
    "cohorts.title": "Cohorts",
    "cohorts.nav": "Cohorts",
    "cohorts.empty": "No month of customers is complete yet, so no retention can be told.",
    "cohorts.takeaway": (
        "Of the customers who first bought in a month, {first} bought again one month later{later}."
    ),
    "cohorts.takeaway.later": " and {rate} after {count} months",
    "cohorts.takeaway.young": (
        "{customers} customers have a first month, and no later month is complete."
    ),
    "cohorts.chart": "Customers who bought again, by month since their first purchase",
    "cohorts.chart.caption": (
        "Rows: month of first purchase and how many customers. Only complete months are shown."
    ),
    "cohorts.chart.description": (
        "Triangle of retention: for {count} months of first purchase, the share of customers who "
        "bought in each later month."
    ),
    "cohorts.month": "First purchase",
    "cohorts.size": "Customers",
    "cohorts.tenure": "Months since the first purchase",
    "cohorts.retention": "Bought again",
    "cohorts.label": "{month} ({count})",
    # baskets
    "baskets.title": "Bought together",
    "baskets.nav": "Baskets",
    "baskets.empty": (
        "No pair was bought together often enough (20 receipts, beyond chance) to be named."
    ),
    "baskets.takeaway": (
        "In {period}, {left} and {right} were bought together {lift} as often as chance would "
        "have it, on {pairs} of {receipts} receipts."
    ),
    "baskets.choice": "Fiscal period",
    "baskets.open": "{period} (not over)",
    "baskets.category": "Strongest category pairs",
    "baskets.item": "Strongest item pairs",
    "baskets.caption": (
        "Lift: times as often as by chance. Support: share of all receipts. Confidence: share of "
        "receipts with one that also hold the other."
    ),
    "baskets.table": "{title}, {period}",
    "baskets.pair": "Pair",
    "baskets.with": "with {name}",
    "baskets.lift": "Lift",
    "baskets.support": "Support",
    "baskets.confidence": "Confidence",
    "baskets.confidence.both": "{there} / {back}",
    "baskets.receipts": "Receipts",
    "baskets.none": "No pair in {period}.",
    # gates
    "gates.title": "Quality gate",
    "gates.nav": "Gate",
    "gates.empty": "This file holds no gate results: it was not published through the gate.",
    "gates.good": (
        "All {suites} suites passed: {rules} rules were checked before this was published."
    ),
    "gates.warn": (
        "{failed} of {rules} rules are broken in {suites} of {all_suites} suites; none is "
        "critical, so the build was published."
    ),
    "gates.bad": "{critical} critical rules are broken: this build should not have been published.",
    "gates.suites": "Suites",
    "gates.suites.caption": "Run on the very file that was published; broken ones first.",
    "gates.suite": "Suite",
    "gates.rules": "Checks",
    "gates.failed": "Failed",
    "gates.worst": "Worst",
    "gates.worst.rows": "{rule}: {rows} rows",
    "gates.worst.value": "{rule}: found {value}",
    "gates.status": "Result",
    "gates.passed": "passed",
    "gates.warned": "warned",
    "gates.failed_status": "failed",
    # shared table heads
    "head.feed": "Feed",
    "head.status": "Status",
    "head.files": "Files",
    "head.rows": "Rows in",
    "head.loaded": "Loaded",
    "head.quarantined": "Quarantined",
    "head.duplicate": "Duplicate",
    "head.last_date": "Last date",
    "head.check": "Check",
    "head.left": "One side",
    "head.right": "Other side",
    "head.difference": "Difference",
}
"""The English catalogue."""


@dataclass(frozen=True)
class Wording:
    """A catalogue of sentences.

    Attributes:
        catalogue: key to text with `{named}` places.
        language: BCP 47 tag of the page.
    """

    catalogue: Mapping[str, str]
    language: str = "en"

    def say(self, key: str, **values: Any) -> str:
        """The sentence of a key, its places filled.

        Raises:
            KeyError: when the catalogue lacks the key or a place is not given.
        """
        if str(values.get("count")) == "1" and f"{key}.one" in self.catalogue:
            key = f"{key}.one"
        return self.catalogue[key].format(**values)


IN_ENGLISH = Wording(ENGLISH)
"""The only catalogue so far."""
