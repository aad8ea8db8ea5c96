"""The probe of a user's model: what it refuses, in which words, and which way it takes."""

import numpy as np
import pytest
from model_files import TEN, make_images, settings_of

HEAD = """
import keras
import numpy as np
from keras import layers

HALF = keras.initializers.Constant(0.5)
"""
DENSE = """
def build_model(input_shape, outputs):
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Flatten(),
        layers.Dense(outputs, activation="softmax"),
    ])
"""
LAST = 'layers.Dense(outputs, activation="softmax")'
INPUT = "keras.Input(input_shape)"
LAYERS = "[keras.Input(input_shape), layers.Flatten(), layers.Dense(outputs, activation='softmax')]"


@pytest.fixture(scope="module")
def library(keras):
    from batchscope.training import probe

    return probe


@pytest.fixture
def write(tmp_path):
    """Writes a model file: the dense one with changes, or another text."""

    def write(changes=(), text=DENSE, loss="sparse_categorical_crossentropy"):
        for old, new in dict(changes).items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "my_model.py"
        path.write_text(HEAD + text)
        return settings_of(path, loss)

    return write


def problems(settings):
    from batchscope.training.checks import check_model

    return check_model(settings, make_images())[1]


@pytest.mark.parametrize("path", TEN, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_ten_models(library, path):
    assert problems(settings_of(path)) == []


@pytest.mark.parametrize(
    ("loss", "last"),
    [
        ("binary_crossentropy", "layers.Dense(1, activation='sigmoid')"),
        ("mean_squared_error", "layers.Dense(1)"),
        # All its outputs are 0 at first.
        ("mean_squared_error", "layers.Dense(1, kernel_initializer='zeros')"),
        ("sparse_categorical_crossentropy", LAST[:-1] + ", kernel_initializer='zeros')"),
    ],
)
def test_the_output_that_a_loss_takes(library, write, loss, last):
    other = {"layers.Flatten()": "layers.Flatten(), layers.Dense(4)", LAST: last}
    assert problems(write(other, loss=loss)) == []


SOFTMAX = "layers.Dense(outputs, activation='softmax', "
FIXED = "kernel_initializer=keras.initializers.GlorotUniform(3))"
UNSEEDED = "bias_initializer=lambda *a, **k: np.random.default_rng().normal(size=3))"
WRONG = [
    ({LAST: "layers.Dense(5, activation='softmax')"}, "(22, 3). Received: (22, 5)."),
    ({"layers.Flatten(),": ""}, "(22, 3). Received: (22, 8, 8, 3)."),
    ({LAST: "layers.Dense(outputs)"}, "which sum to 1. Received: values from "),
    ({LAST: "layers.Dense(outputs, activation='sigmoid')"}, "which sum to 1. Received: values"),
    ({INPUT: "keras.Input((28, 28, 1))"}, "any number of samples. Received: (None, 28, 28, 1)."),
    ({INPUT: "keras.Input(input_shape, batch_size=4)"}, "Received: (4, 8, 8, 1)."),
    ({f"{INPUT},": ""}, "so that its weights are there. Received: one without weights."),
    ({LAST: f"{SOFTMAX}trainable=False)"}, "trainable parameter. Received: none."),
    ({LAST: SOFTMAX + FIXED}, "from seeds 1 and 2. Received: the same ones."),
    ({LAST: SOFTMAX + UNSEEDED}, "from seed 1, built twice. Received: different ones."),
]


@pytest.mark.parametrize(("changes", "words"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said(library, write, changes, words):
    [line] = problems(write(changes))
    assert words in line


@pytest.mark.parametrize(
    ("loss", "last", "words"),
    [
        ("binary_crossentropy", "layers.Dense(1)", "a probability between 0 and 1"),
        # Its outputs are all 0.5 or so, at first.
        (
            "binary_crossentropy",
            "layers.Dense(1, kernel_initializer='zeros', bias_initializer=HALF)",
            "a probability",
        ),
        (
            "binary_crossentropy",
            "layers.Dense(1, activation='softmax')",
            "1 for every sample. End with activation='sigmoid'",
        ),
        (
            "mean_squared_error",
            "layers.Dense(1, activation='softmax')",
            "1 for every sample. Remove the softmax",
        ),
        ("mean_squared_error", "layers.Dense(3)", "(22, 1). Received: (22, 3)."),
    ],
)
def test_a_wrong_output_for_the_loss(library, write, loss, last, words):
    other = {"layers.Flatten()": "layers.Flatten(), layers.Dense(4)", LAST: last}
    assert words in " ".join(problems(write(other, loss=loss)))


def returning(expression):
    body = f"    return {expression}\n"
    return f"def build_model(input_shape, outputs):\n{body}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (returning("'a model'"), "a keras.Model and nothing else. Received: builtins.str."),
        (
            returning(f"(keras.Sequential({LAYERS}), None)"),
            "a pipeline such as tf.data has batches",
        ),
        (
            """
def build_model(input_shape, outputs):
    one, two = keras.Input(input_shape), keras.Input(input_shape)
    x = layers.Flatten()(layers.Add()([one, two]))
    return keras.Model([one, two], layers.Dense(outputs, activation="softmax")(x))
""",
            "one, since a sample is one array. Received: 2 inputs.",
        ),
        (
            """
def build_model(input_shape, outputs):
    x = keras.Input(input_shape)
    y = layers.Dense(outputs, activation="softmax")(layers.Flatten()(x))
    return keras.Model(x, [y, y])
""",
            "an array of shape (22, 3). Received: list.",
        ),
        (
            f"""
def build_model(input_shape, outputs):
    model = keras.Sequential({LAYERS})
    model.compile("sgd", "mse")
    return model
""",
            "one that is not compiled. Received: a compiled one.",
        ),
    ],
)
def test_what_no_study_can_be_made_with_is_refused(library, write, text, words):
    assert words in " ".join(problems(write(text=text)))


SUBCLASS = """
class Net(keras.Model):
    def __init__(self, outputs):
        super().__init__()
        self.flatten = layers.Flatten()
        self.last = layers.Dense(outputs, activation="softmax")

    def call(self, x):
        return self.last(self.flatten(x))


def build_model(input_shape, outputs):
    net = Net(outputs)
    BUILD
    return net
"""


def test_a_subclass_is_built_by_calling_it(library, write):
    assert problems(write({"BUILD": "net(keras.Input(input_shape))"}, text=SUBCLASS)) == []


# Keras warns of the same.
@pytest.mark.filterwarnings("ignore:`build\\(\\)` was called:UserWarning")
def test_a_subclass_that_only_says_so_is_not_built(library, write):
    [line] = problems(write({"BUILD": "net.build((None, *input_shape))"}, text=SUBCLASS))
    assert "one that is built, so that its weights are there. Received: one without" in line


def test_all_problems_are_listed_at_once(library, write):
    settings = write({LAST: "layers.Dense(5, kernel_initializer='ones')"})
    from batchscope.training.model_file import ModelError

    with pytest.raises(ModelError) as raised:
        library.probe(settings, make_images(), ("CPU", "some"), 1)
    headline, *lines = str(raised.value).splitlines()
    assert headline == f"{settings['file']} cannot be trained:"
    assert [line.split(": expected")[0] for line in lines] == [
        "  initial weights",
        "  the model's output for 22 samples",
    ]


RAISING = """
class Broken(layers.Layer):
    def call(self, inputs):
        return inputs + self.nothing


def build_model(input_shape, outputs):
    raise_in = keras.Input(input_shape)
    return keras.Model(raise_in, Broken()(raise_in))
"""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (RAISING, "Traceback", "AttributeError: "),
        ("1 / 0", "Traceback", "ZeroDivisionError: division by zero"),
        ("def build_model(:", '  File "', "SyntaxError: "),
        ("raise SystemExit(0)", "Traceback", "SystemExit: 0"),
    ],
)
def test_an_error_is_told_by_the_users_own_traceback(library, write, text, first, last):
    from batchscope.training.model_file import ModelError, blamed_on

    settings = write(text=text)
    with pytest.raises(ModelError) as raised, blamed_on(settings["file"]):
        library.probe(settings, make_images(), ("CPU", "some"), 1)
    text = str(raised.value)
    assert text.startswith(first) and last in text
    assert f'File "{settings["file"]}", line' in text
    assert "batchscope" not in text


def test_an_error_of_ours_keeps_its_own_traceback():
    from batchscope.training.model_file import blamed_on

    for path in ("my_model.py", None):
        with pytest.raises(IndexError), blamed_on(path):
            [][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def build(input_shape, outputs):\n    pass", "Received: none of that name."),
        ("def build_model(shape):\n    pass", "Received: build_model(shape)."),
        ("build_model = 3", "Received: none of that name."),
    ],
)
def test_the_function_is_asked_for(library, write, text, words):
    from batchscope.training.model_file import ModelError

    with pytest.raises(ModelError) as raised:
        problems(write(text=text))
    assert f"expected a function build_model(input_shape, outputs). {words}" in str(raised.value)


def test_a_file_that_was_edited_meanwhile_is_refused(library, write):
    from batchscope.training.model_file import ModelError

    settings = write()
    write({"Flatten()": "Flatten(name='other')"})
    with pytest.raises(ModelError, match="was edited after this run had begun"):
        problems(settings)


CURVE = np.ones((2, 4), np.float32)


def tried(library, seconds=1.0, curve=CURVE):
    """What `_train` finds out, or the error that it raises where `curve` is None."""
    if curve is None:
        return RuntimeError("no such operation")
    return library.Tried(curve, {"seconds_per_epoch": seconds})


@pytest.mark.parametrize(
    ("seconds", "off", "failing", "expected"),
    [
        ({}, {}, [], "xla"),
        ({"xla": 1.2}, {}, [], "xla"),
        ({"xla": 1.3}, {}, [], "graph"),
        ({"xla": 1.3, "graph": 1.3}, {}, [], "fit"),
        ({"fit_xla": 0.1}, {}, [], "xla"),
        ({}, {"xla": 1e-5}, [], "xla"),
        ({}, {"xla": 3e-5}, [], "graph"),
        ({}, {"xla": 3e-5, "fit_xla": 3e-5}, [], "xla"),
        ({}, {"xla": 3e-5, "graph": 3e-5}, [], "fit"),
        ({}, {}, ["xla"], "graph"),
        ({}, {}, ["fit_xla"], "graph"),
        ({}, {}, ["fit"], "xla"),
        ({}, {}, ["xla", "graph"], "fit"),
    ],
)
def test_the_way_is_the_first_that_equals_fit_unless_another_is_clearly_faster(
    library, monkeypatch, seconds, off, failing, expected
):
    def train(point, arrays, way, clock):
        if way in failing:
            raise RuntimeError("no such operation")
        facts = {"seconds_per_epoch": seconds.get(way, 1.0)}
        return library.Tried(CURVE + np.float32(off.get(way, 0)), facts)

    monkeypatch.setattr(library, "_train", train)
    way, found = library._choose({}, {}, None)
    assert way == expected
    assert {name for name in found if "problem" in found[name]} == set(failing)


def test_if_no_way_works_the_error_is_that_of_fit(library, monkeypatch):
    def train(point, arrays, way, clock):
        raise RuntimeError(f"{way} failed")

    monkeypatch.setattr(library, "_train", train)
    with pytest.raises(RuntimeError, match=r"^fit failed"):
        library._choose({}, {}, None)


def test_what_xla_does_not_know_is_trained_as_a_graph(library):
    [path] = [path for path in TEN if path.stem == "augmentation"]
    way, report = library.probe(settings_of(path), make_images(), ("CPU", "some"), 1)
    assert way == {"trained_by": "graph"}
    assert "unsupported operations" in report["ways"]["xla"]["problem"]
    assert report["ways"]["graph"]["equals_fit"] is True
    assert report["ways"]["fit"]["seconds_per_epoch"] > 0


# Its `fit` is another training than its steps.
OWN_FIT = """
class Slower(keras.Sequential):
    def fit(self, *arguments, **named):
        self.optimizer.learning_rate.assign(self.optimizer.learning_rate / 2)
        return super().fit(*arguments, **named)
"""


def test_a_model_whose_fit_is_another_training_is_trained_by_fit(library, write):
    settings = write(text=OWN_FIT + DENSE.replace("keras.Sequential", "Slower"))
    way, report = library.probe(settings, make_images(), ("CPU", "some"), 1)
    assert way == {"trained_by": "fit"}
    assert not report["ways"]["xla"]["equals_fit"] and not report["ways"]["graph"]["equals_fit"]


DRAWING = """
import tensorflow as tf


class Noise(layers.Layer):
    def call(self, inputs, training=False):
        return inputs + tf.random.normal(tf.shape(inputs)) if training else inputs
"""


def test_random_numbers_that_would_not_come_again_are_refused(library, write):
    from batchscope.training.model_file import ModelError

    settings = write(text=DRAWING + DENSE.replace("layers.Flatten()", "Noise(), layers.Flatten()"))
    with pytest.raises(ModelError, match="repeated from the same state") as raised:
        library.probe(settings, make_images(), ("CPU", "some"), 1)
    assert "keras.random.SeedGenerator" in str(raised.value)


MEASURING = """
class Measuring(keras.Sequential):
    @property
    def metrics(self):
        return [*super().metrics, self.extra]


def build_model(input_shape, outputs):
    model = Measuring(MODEL_LAYERS)
    model.extra = keras.metrics.Mean(name="extra")
    return model
"""


def test_metrics_of_its_own_are_refused(library, write):
    from batchscope.training.model_file import ModelError

    with pytest.raises(ModelError, match=r"expected loss, accuracy. Received: .*extra"):
        library.probe(
            write({"MODEL_LAYERS": LAYERS}, text=MEASURING), make_images(), ("CPU", "some"), 1
        )


def test_memory_grows_with_parameters_and_with_samples_of_a_batch(library, write):
    """Ten units on 64 pixels, by hand: no bias, no activation; three classes for the loss."""
    from batchscope.training.memory import estimate
    from batchscope.training.model import build_model

    units = "layers.Dense(1000, use_bias=False), " + LAST
    settings, arrays = write({LAST: units}), make_images()
    model = build_model(settings, (8, 8, 1), 3)
    memory = estimate(model, arrays)
    parameters, data = 64 * 1000 + 1000 * 3 + 3, sum(array.nbytes for array in arrays.values())
    assert memory["fixed"] == pytest.approx((4 * 4 * parameters + data) / 2**20)
    # What the Dense layer gives, and its gradient, and little else.
    assert 2 * 4 * 1000 <= memory["per_sample"] * 2**20 <= 2 * 4 * 1100
