"""Code in a user's model file that meddles with the process changes no training."""

import os

import pytest
from model_files import make_images, settings_of

MODEL = """
import os
import random

import keras
import numpy as np
from keras import layers


def meddle():
    pass


class Same(layers.Layer):
    def call(self, inputs):
        return inputs


def build_model(input_shape, outputs):
    return keras.Sequential([
        keras.Input(input_shape),
        Same(),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(outputs, activation="softmax"),
    ])
"""
MEDDLING = {
    "seeds": "keras.utils.set_random_seed(7)",
    "draws": "random.random(), np.random.rand(), keras.random.uniform((3,))",
    "prints megabytes": "print('größe' * 1_000_000)",
    "forks": "child = os.fork()\n    if not child:\n        os._exit(0)\n    os.waitpid(child, 0)",
}
# Where the model's file does it.
PLACES = {
    "at its import": MODEL + "\nmeddle()\n",
    "in its function": MODEL.replace("    return keras", "    meddle()\n    return keras"),
    "in a layer": MODEL.replace("        return inputs", "        meddle()\n        return inputs"),
}
POINT = {
    "recipe": "adam",
    "batch_size": 8,
    "epochs": 2,
    "warmup_epochs": 0,
    "replicates": 2,
    "seed": 1,
    "optimizer": "Adam",
    "arguments": {},
    "clamped": [],
    "learning_rate": 0.01,
}


class Guard:
    """Stands in for the StopGuard; nothing asks to stop."""

    def hold(self):
        pass

    def request(self):
        return None


@pytest.fixture(scope="module")
def train(keras, tmp_path_factory):
    """Checks a model file of this text, and trains it: what is wrong, and the history."""
    from batchscope.training.checks import check_model
    from batchscope.training.model_file import blamed_on
    from batchscope.training.point import train_point

    def train(text):
        folder = tmp_path_factory.mktemp("model")
        (folder / "my_model.py").write_text(text, encoding="utf-8")
        settings, device = settings_of(folder / "my_model.py"), ("CPU", "some device")
        point, path = POINT | {"model": settings}, folder / "checkpoint.npz"
        with blamed_on(settings["file"]):
            _, problems = check_model(settings, make_images())
            trained = train_point(point, make_images(), "xla", device, 1, Guard(), path)
        return problems, trained.history

    return train


ENDS = {
    "at its import": MODEL + "\nos._exit(0)\n",
    "in its function": MODEL.replace("    return keras", "    os._exit(0)\n    return keras"),
}


@pytest.mark.parametrize("place", ENDS)
def test_a_file_that_ends_the_process_as_if_it_had_worked_is_named(keras, tmp_path, place):
    """Snakemake would say of missing files alone."""
    from batchscope.training.checks import check_model
    from batchscope.training.model_file import ModelError, blamed_on

    path, end = tmp_path / "my_model.py", os._exit
    path.write_text(ENDS[place], encoding="utf-8")
    with pytest.raises(ModelError) as error, blamed_on(str(path)):
        check_model(settings_of(path), make_images())
    lines = str(error.value).splitlines()
    assert str(path) in lines[1] and lines[2].strip() == "os._exit(0)"
    assert lines[-1] == "SystemExit: os._exit(0): expected a process that goes on"
    assert os._exit is end


@pytest.fixture(scope="module")
def plain(train):
    return train(MODEL)


def meddled(name, place):
    return PLACES[place].replace("    pass", f"    {MEDDLING[name]}")


# What draws in the function gives other layers other seeds, as it does in Keras itself.
OF_WEIGHTS = [("seeds", "in its function"), ("draws", "in its function")]
HARMLESS = sorted({(name, place) for name in MEDDLING for place in PLACES} - set(OF_WEIGHTS))


@pytest.mark.parametrize("what", HARMLESS, ids=" ".join)
def test_what_the_file_does_besides_changes_nothing(plain, train, what):
    problems, history = train(meddled(*what))
    assert problems == [] and history == plain[1]


def test_a_function_that_seeds_or_draws_is_refused_or_does_the_same_again(plain, train):
    [problem], _ = train(meddled(*OF_WEIGHTS[0]))
    assert problem.startswith("initial weights: expected different ones from seeds 1 and 2.")
    first, again = train(meddled(*OF_WEIGHTS[1])), train(meddled(*OF_WEIGHTS[1]))
    assert first == again and first[0] == [] and first[1] != plain[1]
