"""What a finished study says of itself."""

from pathlib import Path

from batchscope.files import read_json
from batchscope.results import is_trained


def read_made_from(folder):
    """What study.json holds.

    Args:
        folder: the results of the study.

    Raises:
        SystemExit: if there is no finished study, or if its study.json is damaged.
    """
    folder = Path(folder)
    if not (folder / "study.json").is_file():
        raise SystemExit(
            f"{folder}: expected the results of a finished study, with its study.json. Received "
            f"{'a folder without it' if folder.is_dir() else 'no folder'}. Run the study to its "
            "end, and name the folder that has its study.html."
        )
    try:
        return read_json(folder / "study.json")
    except ValueError as error:
        raise SystemExit(str(error)) from None


def point_names(folder, config):
    """The points of a finished study: a list of (recipe, batch size).

    Args:
        folder: its results.
        config: that of its study.json. With `allow_missing` it may be without some points.
    """
    names = [(r["name"], size) for r in config["recipes"] for size in config["batch_sizes"]]
    if not config.get("allow_missing"):
        return names
    return [name for name in names if is_trained(Path(folder, "train"), *name)]
