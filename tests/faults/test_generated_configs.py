"""Configs that are made at random of the shipped ones: a study, or an error of the config's own."""

import copy
import datetime
import itertools
import json
import random
import re

import pytest
import yaml
from project import ROOT, TINY

from batchscope.config.problem import ConfigError
from batchscope.config.reading import check_file
from batchscope.config.schema import SCHEMA
from batchscope.config.study import load_study, resolve_point

FOLDER = ROOT / "config"
NAMES = ["config", "recipes", "histories", "digits", "table", "regression"]
FILES = {name: (FOLDER / f"{name}.yaml").read_bytes() for name in NAMES}
SHIPPED = [TINY, *(yaml.safe_load(content) for content in FILES.values())]
SAID = r"expected \S.*\. Received: \S.*[.…?]"
KEY = "|".join(["the top level", *yaml.safe_load(SCHEMA.read_text())["properties"]])
PROBLEM = re.compile(rf"  ({KEY})\b.*: {SAID}")

NUMBERS = [0, 1, -1, 2, 8, 31, 2**31, 2**63 - 1, 2**63, -(2**63), 10**20, 10**30, 10**400]
NUMBERS += [0.0, -0.0, 0.5, 1.0, 1.5, -0.5, 1e-50, 1.2e-38, 3.4e38, 1e39, 1e300, 5e-324]
NUMBERS += [float("inf"), float("-inf"), float("nan"), True, False]
TEXTS = ["", " ", "x", "auto", "4", "1e-3", "0x10", ".inf", "null", "adam", "Adam", "name\n", "\n"]
TEXTS += ["a" * 300, "9" * 5000, "é" * 99, "\x00", "\ud800", "$(touch x)", "; rm x", "{input}"]
TEXTS += ["{recipe}", "<results>", "<script>alert(1)</script>", "`x`", "'\"", "%s", "../x", "/"]
TEXTS += ["~", "a/../..", "my.csv", "x.npz", "{x}.npy", "m.py", "d.json", "__class__"]
OTHERS = [None, [], {}, [[]], [None], [1, 1], [4, "4"], {"x": 1}, {"": None}, {None: 1}, {1.5: {}}]
OTHERS += [{(1, 2): 3}, {4: {"epochs": 2}, "4": {"epochs": 3}}, [{}], [{"Dense": {}}], {"grid": []}]
OTHERS += [{"rule": "sqrt", "value": 3e38}, {"grid": [1e-50, 1]}, b"x", {1, 2}, (1, 2)]
OTHERS += [datetime.date(2000, 1, 1), datetime.datetime(2000, 1, 1), 1j, object]
HOSTILE = [*NUMBERS, *TEXTS, *OTHERS]
PIECES = [b"\xff", b"\x00", b"\t", b":", b"[", b"}", b"&a ", b"*a", b"!!x ", b"# ", b""]
KEYS = ["seed", "histories", "devices", "pathvars", "overrides", "file", "arguments", "", 4, None]


def places(value, path=()):
    """The paths of all values below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for part, item in items:
        yield (*path, part)
        if isinstance(item, dict | list):
            yield from places(item, (*path, part))


def damage(config, generator):
    """Change a place of a config at random: another value, one of elsewhere, none, a new key."""
    path = generator.choice(list(places(config)))
    level = config
    for part in path[:-1]:
        level = level[part]
    kind = generator.random()
    if kind < 0.1:
        del level[path[-1]]
    elif kind < 0.2 and isinstance(level, dict):
        level[generator.choice(KEYS)] = copy.deepcopy(generator.choice(HOSTILE))
    elif kind < 0.3:
        other = generator.choice(SHIPPED)
        at = generator.choice(list(places(other)))
        for part in at:
            other = other[part]
        level[path[-1]] = copy.deepcopy(other)
    else:
        level[path[-1]] = copy.deepcopy(generator.choice(HOSTILE))


def check(config):
    """Whether a config is a study; if it is none, each line of the error has to name a key."""
    try:
        study = load_study(config, FOLDER)
    except ConfigError as error:
        for line in str(error).splitlines()[1:]:
            assert PROBLEM.fullmatch(line), line
            assert len(line) < 600, line
        return False
    names = [recipe["name"] for recipe in study["recipes"]]
    for name, size in itertools.product(names, study["batch_sizes"]):
        # It is written to job.json.
        json.dumps(resolve_point(study, name, size), allow_nan=False)
    return True


@pytest.mark.parametrize(
    "count", [1_000, pytest.param(20_000, marks=pytest.mark.slow)], ids="{:,}".format
)
def test_a_damaged_config_is_a_study_or_an_error_of_its_own(count):
    studies = 0
    for seed in range(count):
        # What a failure is shown with.
        print(seed, end=" ")
        generator = random.Random(seed)
        config = copy.deepcopy(generator.choice(SHIPPED))
        for _ in range(generator.choice([1, 1, 2, 3])):
            damage(config, generator)
        studies += check(config)
    # Neither none nor most of them are studies.
    assert 0.02 < studies / count < 0.5


@pytest.mark.parametrize("count", [50, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_damaged_file_is_read_or_an_error_of_its_own(count, tmp_path):
    file = tmp_path / "study.yaml"
    for seed in range(count):
        print(seed, end=" ")
        generator = random.Random(seed)
        content = bytearray(FILES[generator.choice(NAMES)])
        for _ in range(generator.choice([1, 2, 5])):
            at = generator.randrange(len(content))
            content[at : at + generator.choice([0, 1, 1, 40])] = generator.choice(PIECES)
        file.write_bytes(content)
        try:
            check_file(file)
        except ConfigError as error:
            line = str(error).splitlines()[1]
            assert re.fullmatch(rf"  {file}.*: {SAID}", line), line
        else:
            check(yaml.safe_load(bytes(content)))
