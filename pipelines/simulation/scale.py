"""How large a simulated retailer is, and the parameters it is drawn with."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """The known parameters of purchase, dropout (MBG/NBD) and spend (Gamma-Gamma).

    Shapes are whole numbers, so that SQL draws a Gamma variable as a sum of exponentials.

    Attributes:
        r: Shape of the purchase rate's Gamma distribution.
        alpha: Its inverse scale, in days.
        a: First shape of the dropout probability's Beta distribution.
        b: Second shape of it.
        p_spend: Shape of the spend of one purchase.
        q_spend: Shape of the Gamma distribution of its inverse scale.
        v_spend: Inverse scale of that, in money.
    """

    r: int = 2
    alpha: float
    a: int = 2
    b: int = 10
    p_spend: int = 4
    q_spend: int = 4
    v_spend: float = 52.5


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The size of a simulated retailer.

    Attributes:
        first_date: First business date; the window lies so that it holds the 53rd week of the
            fiscal year 2023 and a change of the clocks.
        days: Business dates.
        lines: Receipt lines to aim at; what comes out is within a few per cent.
        heavy: Whether the big feeds are written week by week, by two processes.
    """

    name: str
    first_date: date
    days: int
    stores: int
    items: int
    customers: int
    lines: int
    heavy: bool

    @property
    def behaviour(self) -> Behaviour:
        """The parameters that the natural customers are drawn with."""
        return Behaviour(alpha=0.3 * self.days)

    @property
    def remodelled(self) -> tuple[int, int]:
        """First and last day, counted from 0, on which the last store is closed."""
        return 20, 29


SCALES = {
    scale.name: scale
    for scale in (
        Scale(
            name="tiny",
            first_date=date(2024, 1, 28),
            days=70,
            stores=3,
            items=64,
            customers=150,
            lines=7_500,
            heavy=False,
        ),
        Scale(
            name="small",
            first_date=date(2024, 1, 1),
            days=366,
            stores=10,
            items=1_000,
            customers=4_000,
            lines=200_000,
            heavy=False,
        ),
        Scale(
            name="large",
            first_date=date(2024, 1, 1),
            days=366,
            stores=50,
            items=5_000,
            customers=200_000,
            lines=10_000_000,
            heavy=True,
        ),
    )
}
"""The three sizes, by name."""

LINES_A_CUSTOMER = 50

FEWEST_LINES = 5_000
"""Below this the stories would be most of the retailer."""


def scale_for_lines(lines: int) -> Scale:
    """The scale of a number of lines: the shape of the named one that it comes nearest to.

    Raises:
        ValueError: When there are too few lines for the stories to stand among.
    """
    if lines < FEWEST_LINES:
        raise ValueError(f"--lines {lines}: use at least {FEWEST_LINES}, the stories need company")
    name = "tiny" if lines < 50_000 else "small" if lines < 1_000_000 else "large"
    return replace(
        SCALES[name],
        name=f"{lines} lines",
        lines=lines,
        customers=lines // LINES_A_CUSTOMER,
        heavy=lines >= 1_000_000,
    )
