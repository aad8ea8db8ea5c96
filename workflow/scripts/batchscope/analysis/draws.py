"""Numbers of points in the draws of a bootstrap, worked out where they are asked for.

Of thousands of points in 20,000 draws they would not fit into memory at once.
"""

import functools

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# Points that are worked out at once: 10 MB in 20,000 draws.
BLOCK = 64


class Draws(NDArrayOperatorsMixin):
    """A number of each point in each draw. Arithmetic with arrays whose first axis is the points,
    with numbers and with other Draws gives Draws; a row, or rows, are float64 [..., draws].

    Args:
        points: how many there are.
        of_rows: function of a slice of points within one block to float64 [of the slice, draws].
    """

    def __init__(self, points, of_rows):
        self.points, self._of_rows = points, of_rows

    @classmethod
    def by_block(cls, points, of_block):
        """Draws that are worked out for a block at a time, of which the last is kept.

        Args:
            points: how many there are.
            of_block: function of a slice of points, a whole block, as `of_rows`.
        """

        @functools.lru_cache(maxsize=1)
        def block(first):
            return of_block(slice(first, min(first + BLOCK, points)))

        def of_rows(rows):
            first = rows.start // BLOCK * BLOCK
            return block(first)[rows.start - first : rows.stop - first]

        return cls(points, of_rows)

    def __getitem__(self, rows):
        if np.ndim(rows):
            return np.stack([self[row] for row in rows])
        # Beyond the last row iteration ends.
        row = range(self.points)[rows]
        return self._rows(slice(row, row + 1))[0]

    def __array__(self, dtype=None, copy=None):
        return np.concatenate(list(self.blocks()), dtype=dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method != "__call__" or options:
            return NotImplemented
        return Draws(self.points, lambda rows: ufunc(*(_part(own, rows) for own in inputs)))

    def blocks(self):
        """The numbers of all points, in their order: yields float64 [points of a block, draws]."""
        for first in range(0, self.points, BLOCK):
            yield self._rows(slice(first, min(first + BLOCK, self.points)))

    def _rows(self, rows):
        # Where neither of two times was reached, their ratio is not known.
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._of_rows(rows)


def _part(operand, rows):
    """What an operand has of some points."""
    if isinstance(operand, Draws):
        return operand._rows(rows)
    return operand[rows] if np.ndim(operand) else operand
