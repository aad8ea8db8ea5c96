"""How a study's points were trained, where a reader has to know it."""

from batchscope.report.wording import UNKNOWN, enumerate_words

# Of each way to train: its name in a table, and what a reader has to know of it.
WAYS = {
    "xla": ("compiled loop", None),
    "graph": ("graph loop", None),
    "fit": (
        "Keras's `fit`",
        "Keras's own `fit` trained this study, in the same orders of samples that the loops take. "
        "The loops came to other numbers, failed, or were not faster; `probe/probe.json` says so.",
    ),
    None: (UNKNOWN, None),
}

RANDOM = (
    "The model draws random numbers for each batch ({layers}). Another batch size draws others. "
    "Replicates are paired by their initial weights and their orders of samples, but not by these "
    "draws."
)


def training_sentences(answer):
    """What a reader has to know of how the points of a study were trained."""
    points = answer["points"]
    ways = dict.fromkeys(WAYS[point["trained_by"]][1] for point in points)
    yield from (sentence for sentence in ways if sentence)
    layers = dict.fromkeys(layer for point in points for layer in point["random_layers"])
    if layers:
        yield RANDOM.format(layers=enumerate_words([f"`{layer}`" for layer in layers]))
