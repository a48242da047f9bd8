"""Colours and the Vega configuration of the charts, light and dark.

Series colours are told apart by every common kind of colour blindness (blue against orange, and
never red against green); maps use one hue from pale to deep, so they also print in grey. The same
colours stand as custom properties in `templates/style.css`.
"""

from dataclasses import dataclass
from typing import Any

FONT = (
    "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', "
    "Arial, sans-serif"
)
"""System fonts only: a font file would be a request or a megabyte."""


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours of one colour scheme, as CSS colours."""

    muted: str
    grid: str
    bar: str
    deep: str
    line: str
    second: str
    ramp: tuple[str, ...]


LIGHT = Palette(
    muted="#586673",
    grid="#e6ebf0",
    bar="#c3d7e6",
    deep="#2a6f9e",
    line="#155a86",
    second="#c2620e",
    ramp=("#edf4f9", "#cfe2ef", "#9cc4de", "#5f9fc6", "#2a75a6", "#0f4a73"),
)

DARK = Palette(
    muted="#9dabb8",
    grid="#27323c",
    bar="#2f4a5e",
    deep="#5fa8d8",
    line="#7cc0ee",
    second="#f0a35c",
    ramp=("#1b2a36", "#1f4159", "#255f85", "#3586b6", "#6cb3de", "#bfe2f7"),
)


def vega_config(palette: Palette) -> dict[str, Any]:
    """The Vega-Lite configuration of one colour scheme.

    Charts name parameters (`color_bar`), never colours, so that one spec serves both.
    """
    return {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": {
            "labelColor": palette.muted,
            "titleColor": palette.muted,
            "titleFontWeight": 500,
            "gridColor": palette.grid,
            "domain": False,
            "ticks": False,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "labelPadding": 6,
            "titlePadding": 10,
        },
        "legend": {
            "labelColor": palette.muted,
            "titleColor": palette.muted,
            "titleFontWeight": 500,
            "labelFontSize": 11,
            "titleFontSize": 11,
        },
        "range": {
            "category": [palette.line, palette.second, palette.deep, palette.muted],
            "heatmap": list(palette.ramp),
            "ramp": list(palette.ramp),
        },
        "params": [
            {"name": f"color_{name}", "value": getattr(palette, name)}
            for name in ("bar", "deep", "line", "second")
        ],
    }


def vega_configs() -> dict[str, dict[str, Any]]:
    """Both configurations, by the name the page's script picks them with."""
    return {"light": vega_config(LIGHT), "dark": vega_config(DARK)}
