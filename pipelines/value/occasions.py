"""Purchase occasions of customers as the models see them: grouped sufficient statistics.

An occasion is a day with positive net sales. Customers with the same frequency, recency and age are
one row with a count, since no model can tell them apart.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class ImpossibleOccasions(ValueError):
    """A group says what no customer can have done, or there is none; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Occasions:
    """Grouped purchase occasions; all arrays are of one length, times in one unit.

    Attributes:
        frequency: Occasions after the first one.
        recency: Time from the first occasion to the last; 0 where there is one only.
        age: Time from the first occasion to the end of the observation.
        customer_count: Customers of the group.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    customer_count: Floats

    def __post_init__(self) -> None:
        """Refuse what no customer can have done.

        Raises:
            ImpossibleOccasions: When a group is impossible, or there is none.
        """
        if not len(self.frequency):
            raise ImpossibleOccasions("there is no customer with an occasion")
        possible = (
            (self.frequency >= 0)
            & (self.recency >= 0)
            & (self.age >= self.recency)
            & ((self.frequency == 0) == (self.recency == 0))
            & (self.customer_count > 0)
        )
        if not possible.all():
            row = int(np.flatnonzero(~possible)[0])
            raise ImpossibleOccasions(
                f"group {row}: frequency {self.frequency[row]:g}, recency {self.recency[row]:g}, "
                f"age {self.age[row]:g} and {self.customer_count[row]:g} customers cannot be"
            )

    @cached_property
    def distinct_frequency(self) -> tuple[Floats, NDArray[np.intp]]:
        """Each frequency once, and which of them each group has: one sort for all uses."""
        each, where = np.unique(self.frequency, return_inverse=True)
        return each, where

    @property
    def size(self) -> float:
        """Number of customers."""
        return float(self.customer_count.sum())

    @property
    def mean_age(self) -> float:
        """Mean time that customers are known for."""
        return float((self.age * self.customer_count).sum()) / self.size

    def scaled(self, factor: float) -> "Occasions":
        """The same customers with times in another unit."""
        return Occasions(
            frequency=self.frequency,
            recency=self.recency * factor,
            age=self.age * factor,
            customer_count=self.customer_count,
        )

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Occasions":
        """Some of the groups."""
        return Occasions(
            frequency=self.frequency[chosen],
            recency=self.recency[chosen],
            age=self.age[chosen],
            customer_count=self.customer_count[chosen],
        )
