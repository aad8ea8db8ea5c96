"""The batch-size law of a recipe."""

from batchscope.report.wording import UNKNOWN, count, interval, number

LAW = "S = S_min (1 + B_crit / B)"

VERDICTS = {
    "not_fitted": (
        "it was not fitted. That takes {fewest} batch sizes at which more than half of the "
        "completed replicates reach the target."
    ),
    "holds": (
        f"{LAW} describes the updates S to the target at batch size B (rms log residual "
        "{residual}, at most {largest}).{numbers} Far below B_crit, twice the batch size needs "
        "half the updates; far above it, twice the batch size saves none."
    ),
    "does_not_hold": (
        f"{LAW} does not describe the updates S to the target at batch size B (rms log residual "
        "{residual}, above {largest}). Do not rely on its numbers.{numbers}"
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
        residual=f"{law['rms_log_residual'] or 0:.3f}",
        largest=number(law["largest_residual"], 2),
        numbers=_numbers(law),
    )
    return f"**Batch-size law:** {sentence}"


def _numbers(law):
    """A sentence for each number of the law that is known."""

    def size(value):
        return count(value) if isinstance(value, int) else number(value)

    seen = law["smallest_size"], law["largest_size"]
    numbers = {
        "The fewest updates at any batch size, S_min, are": interval(law["s_min_updates"]),
        "The fewest examples at any batch size, E_min, are": interval(law["e_min_examples"]),
        "The critical batch size, B_crit, is": interval(law["b_crit_samples"], size, seen),
    }
    known = {text: value for text, value in numbers.items() if value != UNKNOWN}
    return "".join(f" {text} {value}." for text, value in known.items())
