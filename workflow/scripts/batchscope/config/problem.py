"""The line that names one problem of a study."""


def problem(where, expected, received, fix=""):
    """The line of one problem.

    Args:
        where: the key of the config, or the place in a file of data.
        expected, received: in words.
        fix: a sentence of its own.
    """
    return f"{where}: expected {expected}. Received: {received}. {fix}".rstrip()
