"""What a finished study says of itself."""

import json
from pathlib import Path


def read_made_from(folder):
    """What study.json holds.

    Args:
        folder: the results of the study.

    Raises:
        SystemExit: if there is no finished study.
    """
    folder = Path(folder)
    if not (folder / "study.json").is_file():
        raise SystemExit(
            f"{folder}: expected the results of a finished study, with its study.json. Received "
            f"{'a folder without it' if folder.is_dir() else 'no folder'}. Run the study to its "
            "end, and name the folder that has its study.html."
        )
    return json.loads((folder / "study.json").read_text(encoding="utf-8"))
