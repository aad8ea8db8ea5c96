"""Which numbers a study may have, as written or as its recipes make them."""

from batchscope.config.problem import problem

# What a recipe sets at each batch size.
SETTLED = ("weight_decay", "epsilon")


def is_integer(value):
    """Whether a value is a whole number of 64 bits.

    JSON counts 4.0 as an integer; as a folder's name it is another batch size than 4.
    """
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def is_number(value):
    """Whether a value is a number to training, which is in single precision; nan is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == 0 or 1.2e-38 <= abs(value) <= 3.4e38


def find_out_of_range(point):
    """The problem lines of a settled point, of what its recipe has made too large or too small."""
    found = {name: point["arguments"].get(name) for name in SETTLED}
    if not isinstance(point["learning_rate"], dict):
        found["learning_rate"] = point["learning_rate"]
    for name, value in found.items():
        if value is not None and not (is_number(value) and value > 0):
            where = f"recipes, {name} of {point['recipe']} at batch size {point['batch_size']}"
            yield problem(
                where,
                "a number that single precision has, from 1.2e-38 to 3.4e+38",
                value,
                "The recipe comes to it here. Change what it scales, or the reference batch size.",
            )
