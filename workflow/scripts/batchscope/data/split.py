"""Which samples train, validate and test."""

import numpy as np

from batchscope.config.problem import problem
from batchscope.config.split import find_empty_parts, part_sizes
from batchscope.data.samples import DataError, refuse


def split(y, dataset, names):
    """The indices of the samples of each part.

    Args:
        y: encoded targets [n].
        dataset: `dataset` of the config: train_size, test_size, split, split_seed.
        names: of the classes, or None.

    Returns:
        dict train, validation and, if there is one, test -> int [samples], in their order. The test
        part is drawn first, so that it stays when train_size changes.

    Raises:
        DataError: if a part has no sample, or a class too few for a stratified split.
    """
    n = len(y)
    sizes = dataset["train_size"], dataset["test_size"]
    problems = list(find_empty_parts(n, *sizes))
    if problems:
        raise DataError("\n".join(problems))
    train, validation, test = part_sizes(n, *sizes)
    everything = np.arange(n)
    if dataset["split"] == "first":
        parts = np.split(everything, [train, train + validation])
        return _named(*parts)
    stratified = dataset["split"] == "stratified"
    if stratified:
        _check_classes(y, names, [train, validation, test])

    def draw(indices, size):
        from sklearn.model_selection import train_test_split

        return train_test_split(
            indices,
            test_size=size,
            random_state=dataset["split_seed"],
            stratify=y[indices] if stratified else None,
        )

    rest, test_part = draw(everything, test) if test else (everything, everything[:0])
    return _named(*draw(rest, validation), test_part)


def check_training_classes(y, names, how):
    """Refuse a training part that lacks a class of the whole, which it could not learn.

    Args:
        y: targets of the training samples.
        names: of all classes.
        how: `dataset.split` of the config.
    """
    lacking = [name for label, name in enumerate(names) if not np.any(y == label)]
    if lacking:
        fix = "Write split: shuffled or stratified, or raise train_size."
        if how == "given":
            fix = "Add some to x_train, or remove the class."
        received = f"none of {', '.join(lacking)} in {len(y)} samples (split: {how})"
        refuse("training samples", "samples of each class", received, fix)


def _named(train, validation, test):
    parts = {"train": train, "validation": validation}
    return parts | {"test": test} if len(test) else parts


def _check_classes(y, names, sizes):
    """Refuse what a stratified split is not possible for."""
    sizes = [size for size in sizes if size]
    problems = []
    for label, name in enumerate(names):
        count = int(np.sum(y == label))
        if count < len(sizes):
            words = f"{len(sizes)} or more samples of class {name}, one for each part"
            fix = "Add samples, remove the class, or write split: shuffled."
            problems.append(problem("dataset.split", words, count, fix))
    if min(sizes) < len(names):
        words = f"parts of {len(names)} or more samples, one of each class"
        fix = "Change train_size or test_size, or write split: shuffled."
        problems.append(problem("dataset.split", words, min(sizes), fix))
    if problems:
        raise DataError("\n".join(problems))
