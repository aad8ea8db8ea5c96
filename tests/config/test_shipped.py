"""The configs that are shipped: the article's study, and the study of recipes."""

from pathlib import Path

import pytest
import yaml

from batchscope.config.study import load_study, resolve_point

ARTICLE = Path(__file__).parents[2] / "config" / "config.yaml"
RECIPES = ARTICLE.with_name("recipes.yaml")
NEEDED = {"name", "optimizer", "learning_rate"}


def test_the_study_of_the_article():
    study = load_study(yaml.safe_load(ARTICLE.read_text()))
    assert study["batch_sizes"] == [4, 8, 16, 32, 64, 128, 256, 512]
    assert study["epochs"] == 100
    assert study["min_updates"] == 0
    assert study["overrides"] == {}
    assert study["dataset"] == {
        "source": "make_blobs",
        "arguments": {
            "n_samples": 1000,
            "centers": 3,
            "n_features": 2,
            "cluster_std": 2,
            "random_state": 2,
        },
        "train_size": 500,
        "test_size": 0,
        "split": "first",
        "split_seed": 0,
        "standardize": False,
    }
    assert study["model"] == {
        "layers": [
            {"Dense": {"units": 50, "activation": "relu", "kernel_initializer": "he_uniform"}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ],
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    }
    assert study["recipes"] == [
        {
            "name": "adam",
            "optimizer": "Adam",
            "learning_rate": 0.001,
            "warmup_epochs": 0,
            "arguments": {},
            "keep_timescale": False,
        }
    ]


def test_it_writes_out_the_defaults():
    """Its keys with a default show that default, but for the article's cluster_std."""
    shipped = yaml.safe_load(ARTICLE.read_text())
    arguments = ("n_samples", "cluster_std", "random_state")
    shortest = {
        "batch_sizes": shipped["batch_sizes"],
        "dataset": {
            "source": shipped["dataset"]["source"],
            "arguments": {name: shipped["dataset"]["arguments"][name] for name in arguments},
            "train_size": shipped["dataset"]["train_size"],
        },
        "model": {"layers": shipped["model"]["layers"]},
        "recipes": shipped["recipes"],
    }
    assert load_study(shipped) == load_study(shortest)


def test_it_shows_every_key_with_a_default():
    """A key that only the schema knows is one that nobody finds."""

    def keys(value, path=()):
        for part, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, part)
            if isinstance(item, dict | list):
                yield from keys(item, (*path, part))

    shipped = yaml.safe_load(ARTICLE.read_text())
    for recipe in shipped["recipes"]:
        # Named in a comment.
        recipe |= {"warmup_epochs": 0, "arguments": {}, "keep_timescale": False}
        assert all(f"`{name}` (optional)" in ARTICLE.read_text() for name in recipe.keys() - NEEDED)
    assert set(keys(shipped)) == set(keys(load_study(shipped)))


def test_its_comments_work():
    lines = ARTICLE.read_text().splitlines()
    first = lines.index("#   - name: sgd")
    recipe = [line.removeprefix("# ") for line in lines[first : first + 3]]
    override = lines[lines.index("overrides: {}") - 1].removeprefix("# ")
    last = lines.index("    learning_rate: 0.001")
    text = "\n".join([*lines[: last + 1], *recipe, *lines[last + 1 :]])
    text = text.replace("overrides: {}", f"overrides:\n{override}")
    study = load_study(yaml.safe_load(text))
    assert [recipe["optimizer"] for recipe in study["recipes"]] == ["Adam", "SGD"]
    assert resolve_point(study, "sgd", 512)["epochs"] == 400
    assert resolve_point(study, "sgd", 256)["epochs"] == 100
    start = "#     learning_rate: {"
    other = [line.removeprefix("# ") for line in lines if line.startswith(start)]
    assert len(other) == 2
    for line in other:
        study = load_study(yaml.safe_load(text.replace(recipe[-1], line)))
        rate = next(r["learning_rate"] for r in study["recipes"] if r["name"] == "sgd")
        assert rate == yaml.safe_load(line)["learning_rate"]


def test_study_of_recipes_is_that_of_the_article_but_for_recipes():
    article, study = (load_study(yaml.safe_load(path.read_text())) for path in (ARTICLE, RECIPES))
    for key in ("batch_sizes", "dataset", "model", "overrides"):
        assert study[key] == article[key]
    assert study["pathvars"] == {"results": "results/recipes"}
    # `auto` would give each recipe a target of its own, and nothing to compare.
    assert study["convergence"]["target"]["value"] != "auto"
    assert study["min_updates"] > article["epochs"]


def test_study_of_recipes_sets_three_learning_rates_for_two_optimizers():
    """The given one, where the one that follows is the same, and one in a grid."""
    study = load_study(yaml.safe_load(RECIPES.read_text()))
    names = [recipe["name"] for recipe in study["recipes"]]
    assert len(names) == 6
    for fixed, scaled, tuned in (names[:3], names[3:]):
        one, other, third = (resolve_point(study, name, 32) for name in (fixed, scaled, tuned))
        assert one["optimizer"] == other["optimizer"] == third["optimizer"]
        assert other["learning_rate"] == pytest.approx(one["learning_rate"], rel=1e-12)
        assert one["learning_rate"] in third["learning_rate"]["grid"]
        rates = {resolve_point(study, scaled, size)["learning_rate"] for size in (4, 32, 512)}
        assert len(rates) == 3


def test_the_quick_study_is_the_article_s_in_small():
    quick = yaml.safe_load(ARTICLE.with_name("quick.yaml").read_text())
    article = yaml.safe_load(ARTICLE.read_text())
    study, whole = load_study(article | quick), load_study(article)
    assert study["pathvars"] == {"results": "results/quick"}
    assert set(study["batch_sizes"]) < set(whole["batch_sizes"])
    # Fewer than 6 conclude nothing.
    assert 6 <= study["replicates"] < whole["replicates"]
