"""What is known of a study's data before it is made."""

from batchscope.config.split import part_sizes

# Samples and classes of each function of sklearn.datasets: how many, or the argument that says it.
# None where the target is a number.
SOURCES = {
    "make_blobs": ("n_samples", "centers"),
    "make_moons": ("n_samples", 2),
    "make_circles": ("n_samples", 2),
    "make_classification": ("n_samples", "n_classes"),
    "make_regression": ("n_samples", None),
    "make_friedman1": ("n_samples", None),
    "load_digits": (1797, "n_class"),
    "load_iris": (150, 3),
    "load_wine": (178, 3),
    "load_breast_cancer": (569, 2),
    "load_diabetes": (442, None),
}


def samples(dataset):
    """How many samples `dataset` of a completed study has, None if only the data tell."""
    if "source" not in dataset:
        return None
    count, _ = SOURCES[dataset["source"]]
    if dataset["arguments"].get("n_class", 10) < 10:
        # The digits that are left out are not equally many.
        return None
    return dataset["arguments"].get(count, count)


def classes(dataset):
    """How many classes it has, None if only the data tell or if its target is a number."""
    if "source" not in dataset:
        return None
    _, count = SOURCES[dataset["source"]]
    return dataset["arguments"].get(count, count)


def training_samples(dataset):
    """How many samples train, None if only the data tell."""
    n, size = samples(dataset), dataset.get("train_size")
    if isinstance(size, int):
        return size
    if n is None or size is None:
        return None
    return part_sizes(n, size, dataset["test_size"])[0]
