"""What the spread in epochs over batch sizes is due to."""

from batchscope.report.wording import interval, percent

HOW = {
    "rule": "learning rate following the batch size",
    "half_life": "beta_2 following the batch size",
    "grid": "learning rate tuned at each batch size",
    None: None,
}

STATUSES = {
    "measured": (
        "from batch size {sizes} the median epochs to the target change by a factor of {spread} "
        "with {base} and of {left} with {other}. On a log scale, {share} of the spread is left"
        "{reversed}."
    ),
    "no_pair": (
        "how much of the spread over batch sizes is due to the learning rate was not measured. "
        "That takes a recipe with one learning rate, and a second one whose learning rate follows "
        "the batch size or is tuned, as in `config/recipes.yaml`."
    ),
    "differ_otherwise": "the two differ in more than this, so its effect alone is not known.",
    "several_rates": (
        "{base} has different learning rates at different batch sizes, so it does not show the "
        "spread at one learning rate."
    ),
    "no_target": "no target could be set for at least one of the two.",
    "own_targets": "each of the two has its own target, so their epochs cannot be compared.",
    "too_few_sizes": (
        "fewer than two batch sizes reached the target in both recipes, so there is no spread to "
        "compare."
    ),
    "no_spread": (
        "from batch size {sizes} the data do not show that the epochs to the target change with "
        "{base} (by a factor of {spread}), so there is no spread to explain."
    ),
}


def cause_sentence(cause):
    """How much of a recipe's spread is left once the learning rate is set by batch size.

    Args:
        cause: an entry of `causes` in recommendation.json.

    Returns:
        text.
    """
    sizes = " to ".join(map(str, cause["sizes"]))
    share = cause["share_left"]
    sentence = STATUSES[cause["status"]].format(
        base=cause["base"],
        other=cause["other"],
        sizes=sizes if cause["all_sizes"] else f"{sizes}, as far as both reached the target,",
        spread=interval(cause["spread"]),
        left=interval(cause["spread_left"]),
        share=interval(share, percent),
        reversed="; below 0% it is reversed" if cause["reversed"] else "",
    )
    how = HOW[cause["how"]]
    if not how:
        return f"**{cause['optimizer']}:** {sentence}"
    pair = f"{cause['other']} against {cause['base']}"
    return f"**{cause['optimizer']}, {how}** ({pair}): {sentence}"
