"""Features as a training takes them. What is learned of them is learned of the training samples."""

import warnings

import numpy as np

from batchscope.data.memory import check_fits
from batchscope.data.samples import refuse


def prepare(parts, missing, standardize, file):
    """Impute, encode and scale features.

    Args:
        parts: dict train, validation … -> x as of `samples.Samples`.
        missing: "refuse" or "impute".
        standardize: whether numbers get mean 0 and standard deviation 1 in the training samples.
        file: where they come from, for messages.

    Returns:
        (dict of float32 [samples, ...], names of the features or None). Columns of numbers come
        first, those of categories after them.

    Raises:
        DataError: if a column has no value in the training samples.
    """
    if not hasattr(parts["train"], "columns"):
        return _arrays(parts, standardize), None
    train = parts["train"]
    for name in train.columns[train.isna().all()]:
        fix = "Drop the column, or write another split."
        refuse(f"{file}, column {name}", "a value in the training samples", "none", fix)
    transformer = _transformer(train, missing, standardize)
    with warnings.catch_warnings():
        # A category that only validates is none of the training's: all its columns are 0.
        warnings.filterwarnings("ignore", "Found unknown categories", UserWarning)
        transformer.fit(train)
        names = [name.split("__", 1)[1] for name in transformer.get_feature_names_out()]
        # In double and in single precision.
        check_fits(file, 12 * len(names) * sum(map(len, parts.values())))
        arrays = {part: transformer.transform(x) for part, x in parts.items()}
    return {part: x.astype(np.float32) for part, x in arrays.items()}, names


def _transformer(train, missing, standardize):
    """Scikit-learn's own transformers for the columns of a DataFrame, not yet fitted."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    texts = [name for name, column in train.items() if column.dtype == object]
    numbers = [name for name in train.columns if name not in texts]
    impute = missing == "impute"
    of_numbers = [SimpleImputer(strategy="median")] * impute + [StandardScaler()] * standardize
    of_texts = [SimpleImputer(missing_values=None, strategy="most_frequent")] * impute
    encoder = OneHotEncoder(
        handle_unknown="ignore",
        sparse_output=False,
        feature_name_combiner=lambda column, category: f"{column}={category}",
    )
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(*of_numbers) if of_numbers else "passthrough", numbers),
            ("categories", make_pipeline(*of_texts, encoder), texts),
        ]
    )


def _arrays(parts, standardize):
    if standardize:
        from sklearn.preprocessing import StandardScaler

        # Each feature by itself, whatever axes the samples have.
        flat = {part: x.reshape(len(x), -1) for part, x in parts.items()}
        scaler = StandardScaler().fit(flat["train"])
        parts = {part: scaler.transform(flat[part]).reshape(x.shape) for part, x in parts.items()}
    return {part: x.astype(np.float32) for part, x in parts.items()}
