"""What recommendation.json holds of three made-up studies."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
APPROVED = ROOT / "tests" / "report" / "approved"
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/recommendation.schema.yaml").read_text())

# One recipe at five batch sizes; three that share a target; three of one replicate each, of which
# points did not fit into memory, diverged, or were trained on another device.
STUDIES = ["one_recipe", "common_target", "much_missing"]


def read_answer(study):
    """The answer of a study, a dict of its own for each caller."""
    return yaml.safe_load((APPROVED / f"{study}.yaml").read_text())
