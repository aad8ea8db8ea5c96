"""Samples from the functions of sklearn.datasets."""

from batchscope.data.samples import Samples, refuse


def read_source(source, arguments):
    """Call one of the functions that the config's schema lists.

    Args:
        source: its name.
        arguments: its keyword arguments.

    Returns:
        Samples, x float64 [n, features].

    Raises:
        DataError: if the function refuses the arguments, or the data do not fit into memory, with
            its own words.
    """
    from sklearn import datasets

    # Those that make data return (x, y) by themselves.
    loads = {"return_X_y": True} if source.startswith("load_") else {}
    try:
        x, y = getattr(datasets, source)(**arguments, **loads)
    except (ValueError, MemoryError) as error:
        refuse("dataset.arguments", f"what {source} takes", arguments, f"It says: {error}")
    return Samples(x, y, source, f"the target of {source}", lambda index: source)
