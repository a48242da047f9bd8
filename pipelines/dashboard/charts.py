"""Vega-Lite specs, built with Altair: shapes only. Colours come from the theme, words are given.

Text that a reader sees is formatted in Python and travels in the data, so that it does not depend
on the reader's time zone or locale. Altair is imported within the functions: it costs half a CPU
second, and only writing a page needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

Values = list[dict[str, Any]]
"""Inline data: one dict a mark."""

_ROWS = "rows"
"""Name of the one data set of a spec."""

_CELL_TEXT = "luminance(scale('color', datum.{field})) > 0.22 ? '#10222f' : '#ffffff'"
"""Dark text on pale cells and white on deep ones, in both colour schemes."""


def weekly_bars(values: Values, *, names: dict[str, str], height: int = 320) -> dict[str, Any]:
    """Weekly bars with two trailing means; the parameter `department` picks the rows.

    Args:
        values: scope (a code of the choice), start and end (ISO dates), net, mean_4, mean_13
            (numbers or None), is_complete, week, net_text, mean_4_text, mean_13_text.
        names: labels of the tooltip: week, net, mean_4, mean_13.
        height: of the plot, in pixels.
    """
    import altair as alt

    department = alt.param(name="department", value="all")
    time = alt.Scale(type="utc")
    tooltip = [
        alt.Tooltip("week:N", title=names["week"]),
        alt.Tooltip("net_text:N", title=names["net"]),
        alt.Tooltip("mean_4_text:N", title=names["mean_4"]),
        alt.Tooltip("mean_13_text:N", title=names["mean_13"]),
    ]
    base = alt.Chart(alt.NamedData(_ROWS)).transform_filter("datum.scope == department")
    x = alt.X("start:T", scale=time, title=None, axis=alt.Axis(grid=False, format="%b %y"))
    bars = base.mark_rect(fill=_color("bar")).encode(
        x=x,
        x2="end:T",
        y=alt.Y("net:Q", title=None, axis=alt.Axis(format="~s", tickCount=5)),
        y2=alt.Y2Datum(0),
        opacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0.4)),
        tooltip=tooltip,
    )
    middle = alt.X("middle:T", scale=time)
    line: dict[str, Any] = {"interpolate": "monotone", "strokeWidth": 2.25}
    mean_4 = base.mark_line(stroke=_color("line"), **line).encode(x=middle, y="mean_4:Q")
    mean_13 = base.mark_line(stroke=_color("second"), strokeDash=[6, 3], **line).encode(
        x=middle, y="mean_13:Q"
    )
    chart = alt.layer(bars, mean_4, mean_13).add_params(department)
    return _finish(chart, values=values, height=height)


def ranked_bars(values: Values, *, names: dict[str, str], height: int = 240) -> dict[str, Any]:
    """One thin bar a store, biggest first; those with `is_half` are deep.

    Args:
        values: rank, from_rank, to_rank, net, is_half, store, net_text.
        names: labels: rank, store, net.
        height: of the plot, in pixels.
    """
    import altair as alt

    count = len(values)
    base = alt.Chart(alt.NamedData(_ROWS))
    x = alt.X(
        "from_rank:Q",
        title=names["rank"],
        scale=alt.Scale(domain=[0.5, count + 0.5], nice=False),
        axis=alt.Axis(grid=False, format="d", tickMinStep=1, tickCount=6),
    )
    encoding = {
        "x": x,
        "x2": "to_rank:Q",
        "y": alt.Y("net:Q", title=None, axis=alt.Axis(format="~s", tickCount=4)),
        "y2": alt.Y2Datum(0),
        "tooltip": [
            alt.Tooltip("rank:Q", title=names["rank"]),
            alt.Tooltip("store:N", title=names["store"]),
            alt.Tooltip("net_text:N", title=names["net"]),
        ],
    }
    deep = base.transform_filter("datum.is_half").mark_rect(fill=_color("deep")).encode(**encoding)
    soft = base.transform_filter("!datum.is_half").mark_rect(fill=_color("bar")).encode(**encoding)
    return _finish(alt.layer(deep, soft), values=values, height=height)


def score_map(values: Values, *, names: dict[str, str], height: int = 470) -> dict[str, Any]:
    """Five by five scores: colour is money, the text customers over money.

    Args:
        values: recency, frequency (1..5), customers, money, customers_text, money_text,
            money_short, segment.
        names: labels: recency, frequency, customers, money, segment.
        height: of the plot, in pixels.
    """
    import altair as alt

    scores = [1, 2, 3, 4, 5]
    base = alt.Chart(alt.NamedData(_ROWS)).encode(
        x=alt.X(
            "recency:O",
            title=names["recency"],
            scale=alt.Scale(domain=scores, paddingInner=0.03, paddingOuter=0),
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y(
            "frequency:O",
            title=names["frequency"],
            scale=alt.Scale(domain=scores[::-1], paddingInner=0.04, paddingOuter=0),
        ),
        # On the text too: it lies over its cell and would swallow the pointer.
        tooltip=[
            alt.Tooltip("segment:N", title=names["segment"]),
            alt.Tooltip("customers_text:N", title=names["customers"]),
            alt.Tooltip("money_text:N", title=names["money"]),
        ],
    )
    cells = base.mark_rect(cornerRadius=4).encode(
        color=alt.Color("money:Q", legend=None, scale=alt.Scale(type="sqrt", zero=True)),
    )
    ink = {"expr": _CELL_TEXT.format(field="money")}
    customers = base.mark_text(dy=-7, fontSize=15, fontWeight=600, fill=ink).encode(
        text="customers_text:N"
    )
    money = base.mark_text(dy=11, fontSize=11, fill=ink).encode(text="money_short:N")
    return _finish(alt.layer(cells, customers, money), values=values, height=height)


def retention_triangle(
    values: Values, *, cohorts: list[str], tenures: list[int], names: dict[str, str]
) -> dict[str, Any]:
    """Acquisition month by months since: colour and text are the share that bought again.

    Args:
        values: cohort (label), tenure, retention (0..1), retention_text, retention_short,
            active_text.
        cohorts: row labels, oldest first.
        tenures: columns from 1.
        names: labels: cohort, tenure, retention, customers.
    """
    import altair as alt

    base = alt.Chart(alt.NamedData(_ROWS)).encode(
        x=alt.X(
            "tenure:O",
            title=names["tenure"],
            scale=alt.Scale(domain=tenures, paddingInner=0.03, paddingOuter=0),
            axis=alt.Axis(orient="top", labelAngle=0),
        ),
        y=alt.Y(
            "cohort:N",
            title=None,
            scale=alt.Scale(domain=cohorts, paddingInner=0.06, paddingOuter=0),
        ),
        # On the text too: it lies over its cell and would swallow the pointer.
        tooltip=[
            alt.Tooltip("cohort:N", title=names["cohort"]),
            alt.Tooltip("tenure:O", title=names["tenure"]),
            alt.Tooltip("retention_text:N", title=names["retention"]),
            alt.Tooltip("active_text:N", title=names["customers"]),
        ],
    )
    cells = base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("retention:Q", legend=None, scale=alt.Scale(zero=False)),
    )
    text = base.mark_text(
        fill={"expr": _CELL_TEXT.format(field="retention")},
        # A cell of less than 26 pixels cannot hold a number: the colour and the table remain.
        fontSize={"expr": f"width < {26 * max(len(tenures), 1)} ? 0 : 11"},
    ).encode(text="retention_short:N")
    height = max(28 * len(cohorts), 60)
    return _finish(alt.layer(cells, text), values=values, height=height)


def _color(name: str) -> dict[str, str]:
    """A colour of the theme; each colour scheme defines it as the parameter `color_<name>`."""
    return {"expr": f"color_{name}"}


def _finish(
    chart: alt.LayerChart | alt.FacetChart, *, values: Values, height: int
) -> dict[str, Any]:
    """The chart as a spec that fills its container, without Altair's own theme."""
    spec: dict[str, Any] = chart.properties(width="container", height=height).to_dict()
    # The page's script puts the theme of the reader's colour scheme here.
    spec.pop("config", None)
    # Put in last: Altair would copy and validate every value of it, at a second of CPU a page.
    spec["datasets"] = {_ROWS: values}
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec
