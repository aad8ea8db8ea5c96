"""The batch-size law of a recipe."""

from batchscope.report.wording import UNKNOWN, interval, number, size_number

LAW = "S = S_min (1 + B_crit / B)"

VERDICTS = {
    "not_fitted": (
        "it was not fitted. That takes {fewest} batch sizes at which more than half of the "
        "completed replicates reach the target."
    ),
    "coarse": (
        "no verdict. Half of the batch sizes or more reach the target in fewer than {epochs} "
        "epochs, and whole epochs are too coarse to judge by."
    ),
    "rejected": (
        f"{LAW} does not describe the updates S to the target at batch sizes B from {{smallest}} "
        "to {largest} (lack of fit: p = {p}).{numbers}"
    ),
    "compatible": (
        "the updates S to the target at batch sizes B from {smallest} to {largest} are compatible "
        f"with {LAW} (lack of fit: p = {{p}}). These batch sizes cannot tell it from other curves."
        " If it holds, these are its numbers.{numbers}"
    ),
    "described": (
        f"{LAW} describes the updates S to the target at batch sizes B from {{smallest}} to "
        "{largest} (lack of fit: p = {p}; of a power law: p = {power}).{numbers} Beyond these "
        "batch sizes nothing is known."
    ),
}


def law_sentence(law):
    """Whether the law holds, and its numbers.

    Args:
        law: of a recipe in recommendation.json.

    Returns:
        text.
    """
    sentence = VERDICTS[law["verdict"]].format(
        fewest=law["fewest_sizes"],
        epochs=law["fewest_epochs"],
        smallest=law["smallest_size"],
        largest=law["largest_size"],
        p=_p_value(law["lack_of_fit"]),
        power=_p_value(law["power_law_lack_of_fit"]),
        numbers=_numbers(law),
    )
    return f"**Batch-size law:** {sentence}"


def _p_value(p):
    if p is None:
        return "not known"
    return "under 0.001" if p < 0.001 else number(p, 2)


def _numbers(law):
    """A sentence for each number that is told."""
    seen = law["smallest_size"], law["largest_size"]
    numbers = {
        "The fewest updates at any batch size, S_min, are": _bounded(law["s_min_updates"]),
        "The fewest examples at any batch size, E_min, are": _bounded(law["e_min_examples"]),
        "The critical batch size, B_crit, is": interval(law["b_crit_samples"], size_number, seen),
    }
    if law["verdict"] == "rejected":
        numbers = {
            "Fitted as a power law, S is proportional to B^-a, and a is": interval(law["exponent"])
        }
    known = {text: value for text, value in numbers.items() if value != UNKNOWN}
    return "".join(f" {text} {value}." for text, value in known.items())


def _bounded(item):
    """A number of which only an upper limit may be seen."""
    if "value" in item["below"] and item["high"] is not None:
        return f"at most {number(item['high'])}"
    return interval(item)
