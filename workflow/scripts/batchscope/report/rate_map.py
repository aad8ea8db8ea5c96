"""How the best learning rate of a grid depends on the batch size."""

from batchscope.report.wording import enumerate_words, interval, setting, sizes_text

# What is least at the best rate.
MEASURES = {
    "expected_epochs": "the least expected time to the target",
    "best_val_loss": "the least validation loss",
}

VERDICTS = {
    "slope": (
        "from batch size {smallest} to {largest} it goes as B^a, and a is {exponent}. {twice} The "
        "linear rule has a = 1, the square root rule a = 0.5."
    ),
    "bends": (
        "it is no power of the batch size B. From {smallest} to {middle} it goes as B^a with a = "
        "{of_small}, from {middle} to {largest} with a = {of_large}. The linear rule has a = 1, "
        "the square root rule a = 0.5."
    ),
    "not_monotone": (
        "from batch size {smallest} to {largest} it does not rise throughout, nor fall. So no rule "
        "scales it. From {smallest} to {middle} it goes as B^a with a = {of_small}, from {middle} "
        "to {largest} with a = {of_large}."
    ),
    "no_slope": (
        "the data do not tell whether it depends on the batch size: as B^a from {smallest} to "
        "{largest}, a is {exponent}."
    ),
    "too_few_replicates": (
        "these are too few replicates to tell how it depends on the batch size. As B^a from "
        "{smallest} to {largest}, a is {exponent}."
    ),
    "too_few_sizes": (
        "how it depends on the batch size is not told. That takes 3 batch sizes at which it is "
        "neither the lowest nor the highest of the grid."
    ),
}

TWICE = "When you double the batch, multiply the rate by {}."

ENDS = {
    "below": "At {sizes} it is the lowest of the grid, {rate}, or below.",
    "above": "At {sizes} it is the highest of the grid, {rate}, or above.",
}


def rate_map_sentences(found):
    """What the map of a recipe says.

    Args:
        found: `rate_map` of a recipe in recommendation.json.

    Returns:
        list of sentences.
    """
    exponent = found["exponent"]
    sentence = VERDICTS[found["verdict"]].format(
        smallest=found["smallest_size"],
        middle=found["middle_size"],
        largest=found["largest_size"],
        exponent=interval(exponent),
        of_small=interval(found["exponent_of_small"]),
        of_large=interval(found["exponent_of_large"]),
        twice=TWICE.format(interval(_to_the_power_of_two(exponent))),
    )
    ends = "".join(f" {end}" for end in _ends(found))
    measure = MEASURES[found["measure"]]
    return [f"**Best learning rate,** that with {measure}: {sentence}{ends}", *_good(found)]


def _to_the_power_of_two(exponent):
    parts = {name: exponent[name] for name in ("value", "low", "high")}
    return exponent | {name: None if x is None else 2**x for name, x in parts.items()}


def _ends(found):
    for where, rate in (("below", "lowest_rate"), ("above", "highest_rate")):
        sizes = [own["batch_size"] for own in found["sizes"] if "value" in own["best_rate"][where]]
        if sizes:
            yield ENDS[where].format(sizes=sizes_text(sizes), rate=setting(found[rate]))


def _good(found):
    told = [
        f"{interval(own['good_factor'])} at batch size {own['batch_size']}"
        for own in (found["sizes"][0], found["sizes"][-1])
        if own["good_factor"]["value"] is not None
    ]
    if len(told) == 2:
        yield (
            "**Rates within 5% of the best** of the grid span a factor of at least "
            f"{enumerate_words(told)}."
        )
