"""Simulated studies, fewer than benchmarks/coverage.py has: limits cover and verdicts are right.

Seeds are fixed, so nothing here is left to chance. The tolerances are three standard errors of a
share of so many studies: a change that moves coverage by more fails.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

FILE = Path(__file__).parents[2] / "benchmarks" / "coverage.py"
SPEC = importlib.util.spec_from_file_location("simulations", FILE)
simulations = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(simulations)


def tolerance(studies, share=0.95):
    return 3 * np.sqrt(share * (1 - share) / studies)


@pytest.mark.parametrize("replicates", [5, 10, 30])
def test_limits_of_measures_cover(replicates):
    studies = 300
    found = simulations.coverage_of_measures(replicates, studies)
    assert found.pop("differ") <= 0.05 + tolerance(studies)
    for name, share in found.items():
        # A range claims no level.
        if replicates >= 10 or "mean" not in name.split(",")[0].split():
            assert share >= 0.95 - tolerance(studies), name


@pytest.mark.parametrize("replicates", [5, 10])
def test_limits_of_the_best_size_on_a_device_cover(replicates):
    studies = 60
    found = simulations.coverage_of_advice(replicates, studies, draws=200)
    assert found.pop("told") >= 0.99 - tolerance(studies, 0.99)
    for name, share in found.items():
        assert share >= 0.95 - tolerance(studies), name


def test_limits_of_what_two_studies_differ_by_cover():
    studies = 100
    found = simulations.coverage_of_differences((10, 10), 0.7, studies)
    for name, share in found.items():
        if "claimed" in name:
            assert share <= 0.05 + tolerance(studies), name
        else:
            assert share >= 0.95 - tolerance(studies), name


@pytest.mark.parametrize("replicates", [5, 10])
@pytest.mark.parametrize("runs", ["coarse epochs, paired", "censored, not paired"])
def test_limits_of_the_law_cover(replicates, runs):
    studies = 60
    settings = simulations.SWEEPS[runs]
    found = simulations.coverage_of_law(replicates, studies, draws=200, **settings)
    assert found.pop("told") >= 0.99 - tolerance(studies, 0.99)
    for name, share in found.items():
        assert share >= 0.95 - tolerance(studies), name


@pytest.mark.parametrize("rates", simulations.GRIDS)
def test_limits_at_the_best_of_several_rates_cover(rates):
    """Whoever chooses by the runs that he reports does not, where rates are alike."""
    studies = 60
    found = simulations.coverage_of_choice(simulations.GRIDS[rates], 10, studies)
    assert found["by all other runs"][0] >= 0.95 - tolerance(studies)
    if rates == "all alike":
        assert found["by the draw's own runs"][0] <= 0.7


@pytest.mark.parametrize(
    ("curve", "verdict"),
    [
        ("the law", "described"),
        ("exponent 0.5", "rejected"),
        ("exponent 0.7", "rejected"),
        ("rising again", "rejected"),
    ],
)
def test_verdicts_are_right(curve, verdict):
    found = simulations.verdicts(simulations.CURVES[curve], 10, 20, paired=0.7)
    assert found[verdict] >= 0.9
