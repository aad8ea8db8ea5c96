"""The line that names one problem of a study, and the error that lists them."""


class ConfigError(ValueError):
    """A config that cannot be run; the message lists every problem found."""


def refuse(problems):
    """Raise a ConfigError of all problem lines, if there are any."""
    lines = [f"  {line}" for line in problems]
    if lines:
        raise ConfigError("\n".join(["the config cannot be run:", *lines]))


def problem(where, expected, received, fix=""):
    """The line of one problem.

    Args:
        where: the key of the config, or the place in a file.
        expected, received: in words.
        fix: a sentence of its own.
    """
    line = f"{where}: expected {expected}. Received: {received}. {fix}".rstrip()
    # What was received may go over several.
    return " ".join(line.splitlines())
