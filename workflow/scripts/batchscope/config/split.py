"""How many samples train, validate and test: counted once the number of samples is known."""

from fractions import Fraction

from batchscope.config.problem import problem


def part_sizes(n, train_size, test_size):
    """The samples of each part.

    Args:
        n: samples in all.
        train_size, test_size: a number of samples, or a fraction of all, which is rounded down.

    Returns:
        (training, validation, test) samples. What neither trains nor tests validates.
    """
    train, test = _count(train_size, n), _count(test_size, n)
    return train, n - train - test, test


def find_empty_parts(n, train_size, test_size):
    """The problem lines of a split that leaves a part without samples; arguments as above."""
    train, validation, test = part_sizes(n, train_size, test_size)
    for key, size, count in (("train_size", train_size, train), ("test_size", test_size, test)):
        if size and not count:
            yield problem(
                f"dataset.{key}", f"at least one of the {n} samples", size, "Raise it, or write 1."
            )
    if validation < 1:
        left = f"{n - test} samples that do not test" if test else f"{n} samples"
        yield problem(
            "dataset.train_size",
            f"less than the {left}, so that some are left to validate",
            train_size,
            f"Lower it{' or test_size' if test else ''}, or take more samples.",
        )


def _count(size, n):
    # As it is written: 0.29 of 100 are 29, which they are not as a float.
    return size if isinstance(size, int) else int(Fraction(str(size)) * n)
