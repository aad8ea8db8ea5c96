"""What a reader of summary.md has to know of its numbers."""

from batchscope.report.wording import count, percent
from batchscope.results import TEST

# What stands in brackets.
INTERVALS = {
    "confidence": (
        "Intervals in brackets are {level} confidence intervals, from a paired bootstrap: {draws} "
        "draws of {replicates} replicates, each draw with the same replicates at all batch sizes."
        "{seconds}{means}"
    ),
    "range": (
        "Intervals in brackets go from the smallest to the largest of {replicates} replicates. "
        "These are too few for confidence intervals."
    ),
    "none": (
        "There is one replicate, so only the share of runs that reach the target has a confidence "
        "interval."
    ),
}
OF_SECONDS = (
    " Those of seconds also hold how much rounds of measurement differ, and how much processes do."
)

OF_TEST = (
    "Test values are measured after the last epoch, on samples that nothing else was taken from. "
    "They have no part in the answer: which batch size is best after all epochs is another "
    "question than which one reaches the target soonest."
)

# What stands in brackets behind means, where the others have confidence intervals.
MEANS = {
    "confidence": "",
    "range": (
        " Of means (best, final and expected values) they go from the smallest to the largest "
        "replicate instead: these are too few for a confidence interval of a mean."
    ),
    "none": "",
}


def is_timed(answer):
    """Whether any seconds are known of a study."""
    devices = [r["recommendation"]["seconds_device"] for r in answer["recipes"].values()]
    return any(device is not None for device in devices)


def is_tested(answer):
    """Whether a study has test samples."""
    return any(name.startswith(f"final_{TEST}") for name in answer["points"][0]["measures"])


def intervals_sentence(answer):
    """What the intervals of a study are."""
    intervals = answer["intervals"]
    draws, level = intervals["draws"], intervals["level"]
    return INTERVALS[intervals["kind"]].format(
        seconds=OF_SECONDS if is_timed(answer) else "",
        means=MEANS[intervals["kind_of_means"]],
        level=level and percent(level),
        draws=draws and count(draws),
        replicates=intervals["replicates"],
    )


def reading_sentences(answer):
    """How the numbers of a study are to be read; of seconds only where some are known."""
    timed = is_timed(answer)
    yield (
        f"Epochs{', updates and seconds' if timed else ' and updates'} are medians over the "
        "replicates. Best and final values are means over the completed replicates."
    )
    yield (
        "`>` means later than this, the last number that could have been found. Before a median it "
        "means that half or more of the replicates did not reach the target, or a stable curve."
    )
    yield (
        "A target such as `1.02 × best` is so many times the median best value at the reference "
        "batch size."
    )
    expected = "Expected seconds are the same in epochs, times the median seconds of an epoch. "
    yield (
        "Expected examples are those of all runs, over the number of runs that reached the target. "
        f"A run that did not reach it counts with its whole length. {expected if timed else ''}"
        "These are means, so they can differ from the medians in the other tables."
    )
    if timed:
        yield (
            "Seconds are epochs times the time of an epoch with its validation, without imports "
            "and compilation. This time was measured after the trainings, in one job that took all "
            "batch sizes in turn, in several rounds. It is CPU time where one thread trained on a "
            "CPU."
        )
    yield (
        "The interval of the runs that reach is a Wilson interval. The limits of the law are from "
        "the first 2,000 draws."
    )
    if timed:
        yield (
            "The batch size with the lowest median seconds is one of those at which enough "
            "replicates converged."
        )
    yield (
        "The target, the best values and the choice of a tuned learning rate are all taken from "
        "the validation samples. So the best values are better than on new samples. The best value "
        "is the best over all epochs of a run."
    )
    if is_tested(answer):
        yield OF_TEST
