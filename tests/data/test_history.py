"""Histories of Keras, Lightning and Hugging Face are read as what they are, or refused by place."""

import math

import pytest
from histories import keras_file, trainer_state, write_csv

from batchscope.config.histories import DEFAULTS, TRAINER_STATE_DEFAULTS
from batchscope.data.history import read_history
from batchscope.data.history_file import HistoryError

LOSS_ONLY = {"epoch": "epoch", "val_loss": "val_loss"}


def read(path, updates_per_epoch=5, **settings):
    """What is read of a file, by the defaults of its kind and `settings` of histories."""
    defaults = TRAINER_STATE_DEFAULTS if path.suffix == ".json" else DEFAULTS
    point = {"validation_samples": None} | defaults | settings
    return read_history(str(path), path.read_bytes(), point, updates_per_epoch)


def fit(keras, path, rates):
    """What Keras returns of a training, an epoch at each rate, whose CSVLogger writes to a path."""
    x = keras.ops.convert_to_tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    y = keras.ops.convert_to_tensor([0, 1, 1, 0])
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile(
        optimizer="sgd",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(
        x,
        y,
        batch_size=2,
        epochs=len(rates),
        validation_data=(x, y),
        callbacks=[
            keras.callbacks.LearningRateScheduler(lambda epoch: rates[epoch]),
            keras.callbacks.CSVLogger(str(path)),
        ],
        verbose=0,
    ).history


def test_keras_own_file_is_what_fit_returns(keras, tmp_path):
    path = tmp_path / "1.csv"
    told = fit(keras, path, [0.1, 0.1, 0.1])
    history = read(path, validation_samples=4)
    assert not history.diverged
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert [epoch[name] for epoch in history.epochs] == told[name]


def test_keras_own_file_of_a_diverged_run_ends_where_it_did(keras, tmp_path):
    path = tmp_path / "1.csv"
    told = fit(keras, path, [0.1, math.inf, 0.1, 0.1])
    assert [math.isfinite(loss) for loss in told["val_loss"]] == [True, False, False, False]
    assert len(path.read_text().splitlines()) == 1 + 4
    history = read(path)
    assert history.diverged and len(history.epochs) == 2


def test_lightning_has_validation_in_other_rows_than_training(tmp_path):
    """Its steps are from 0, and its rows as sparse as this."""
    rows = [
        (0, 1, 0.9, None, None),
        (0, 3, 0.8, None, None),
        (0, 4, None, 0.7, 0.5),
        (1, 6, 0.6, None, None),
        (1, 9, None, 0.5, 0.75),
        # Stopped within this epoch.
        (2, 11, 0.4, None, None),
    ]
    columns = ["epoch", "step", "train_loss", "val_loss", "val_acc"]
    path = write_csv(tmp_path / "metrics.csv", columns, rows)
    names = {"epoch": "epoch", "step": "step", "loss": "train_loss", "val_loss": "val_loss"}
    names |= {"val_accuracy": "val_acc"}
    expected = [
        {"loss": 0.8, "val_loss": 0.7, "val_accuracy": 0.5},
        {"loss": 0.6, "val_loss": 0.5, "val_accuracy": 0.75},
    ]
    assert read(path, columns=names) == (expected, False)
    # Of 5 updates in an epoch, steps alone tell the epochs.
    del names["epoch"]
    assert read(path, columns=names) == (expected, False)


def test_validation_within_an_epoch_counts_as_that_of_its_end(tmp_path):
    rows = [(0, 2, 0.9), (0, 4, 0.8), (1, 7, 0.7), (1, 9, 0.6)]
    path = write_csv(tmp_path / "1.csv", ["epoch", "step", "val_loss"], rows)
    found = read(path, columns=LOSS_ONLY | {"step": "step"})
    assert found.epochs == [{"val_loss": 0.8}, {"val_loss": 0.6}]


LOG = [
    {"epoch": 0, "step": 0, "eval_loss": 9.0, "eval_accuracy": 0.1},
    {"epoch": 0.5, "step": 5, "loss": 0.9, "learning_rate": 1e-5},
    {"epoch": 1.0, "step": 10, "loss": 0.8},
    {"epoch": 1.0, "step": 10, "eval_loss": 0.7, "eval_accuracy": 0.5},
    # Older versions round, and do not come to 2.
    {"epoch": 1.99, "step": 20, "eval_loss": 0.6, "eval_accuracy": 0.75},
    {"epoch": 1.99, "step": 20, "train_runtime": 3.0, "train_loss": 0.85},
]


def test_trainer_state_counts_parts_of_epochs(tmp_path):
    """An evaluation before the first update is of no epoch; a loss is not logged in each."""
    assert read(trainer_state(tmp_path / "trainer_state.json", LOG)).epochs == [
        {"loss": 0.8, "val_loss": 0.7, "val_accuracy": 0.5},
        {"val_loss": 0.6, "val_accuracy": 0.75},
    ]


def test_loss_that_is_not_a_number_any_more_ends_a_run(tmp_path):
    log = [*LOG[:4], {"epoch": 1.5, "step": 15, "loss": math.nan}, *LOG[4:5]]
    log.append({"epoch": 3.0, "step": 30, "eval_loss": 5.0, "eval_accuracy": 0.1})
    history = read(trainer_state(tmp_path / "trainer_state.json", log))
    assert history.diverged and len(history.epochs) == 2
    assert math.isnan(history.epochs[1]["loss"])


@pytest.mark.parametrize(("first", "numbers"), [(0, [0, 1, 2]), (1, [1, 2, 3]), (1, [0.5, 2, 2.1])])
def test_epochs_are_counted_from_one(tmp_path, first, numbers):
    path = write_csv(tmp_path / "1.csv", ["epoch", "val_loss"], [(n, 0.5 + n) for n in numbers])
    found = read(path, columns=LOSS_ONLY, counts_from=first)
    assert [epoch["val_loss"] for epoch in found.epochs] == [0.5 + n for n in numbers]


@pytest.mark.parametrize(("first", "steps"), [(0, [0, 4, 5, 9]), (1, [1, 5, 6, 10])])
def test_steps_make_epochs_by_the_updates_of_one(tmp_path, first, steps):
    rows = list(zip(steps, (4, 3, 2, 1), strict=True))
    path = write_csv(tmp_path / "1.csv", ["iteration", "val_loss"], rows)
    columns = {"step": "iteration", "val_loss": "val_loss"}
    found = read(path, columns=columns, counts_from=first, updates_per_epoch=5)
    assert found.epochs == [{"val_loss": 3}, {"val_loss": 1}]
    # Of 2 updates in an epoch, the second epoch was not validated.
    with pytest.raises(HistoryError, match="epoch 2, counted from 1"):
        read(path, columns=columns, counts_from=first, updates_per_epoch=2)


def test_absent_values_are_no_numbers_that_are_not_finite(tmp_path):
    """Keras writes NA where an epoch had no such value, and nan for a loss that became it."""
    path = tmp_path / "1.csv"
    path.write_text("epoch,loss,val_loss\n0,NA,0.5\n1,,0.4\n2,0.3,nan\n3,0.2,0.1\n")
    history = read(path, columns=LOSS_ONLY | {"loss": "loss"})
    assert history.diverged and len(history.epochs) == 3
    assert [epoch.get("loss") for epoch in history.epochs] == [None, None, 0.3]


def test_byte_order_marks_and_columns_of_no_interest_are_no_matter(tmp_path):
    path = tmp_path / "1.csv"
    path.write_text("\ufeffepoch,lr,val_loss\r\n0,high,0.5\r\n\r\n1,low,0.4\r\n")
    assert [epoch["val_loss"] for epoch in read(path, columns=LOSS_ONLY).epochs] == [0.5, 0.4]


WRONG = {
    "no column": (
        "epoch;val_loss\n0;0.5\n",
        "expected one column epoch and one val_loss. Received: epoch;val_loss. Name the columns in "
        "histories.columns.",
    ),
    "a column twice": (
        "epoch,val_loss,val_loss\n0,0.5,0.4\n",
        "expected one column val_loss. Received: epoch, val_loss, val_loss. Name the columns in "
        "histories.columns.",
    ),
    "empty": (
        "",
        "expected one column epoch and one val_loss. Received: nothing. Name the columns in "
        "histories.columns.",
    ),
    "no row": ("epoch,val_loss\n", "expected a value of val_loss. Received: none."),
    "text": (
        "epoch,val_loss\n0,0.5\n1,good\n",
        ", row 3, column val_loss: expected a number. Received: 'good'. Correct it, or "
        "name another column.",
    ),
    "no epoch": (
        "epoch,val_loss\n0,0.5\n,0.4\n",
        ", row 3, column epoch: expected a number. Received: nothing. Add it.",
    ),
    "a gap": (
        "epoch,val_loss\n0,0.5\n2,0.4\n",
        ", epoch 2, counted from 1: expected a value of val_loss. Received: none. Every epoch "
        "has to be validated.",
    ),
    "validated now and then": (
        "epoch,val_loss\n0,\n1,0.4\n2,\n3,0.3\n",
        ", epoch 1, counted from 1: expected a value of val_loss. Received: none.",
    ),
    "counted from 1": (
        "epoch,val_loss\n1,0.5\n2,0.4\n",
        ", epoch 1, counted from 1: expected a value of val_loss. Received: none. Every epoch "
        "has to be validated. The first row is of epoch 2; see histories.counts_from.",
    ),
    "two runs": (
        "epoch,val_loss\n0,0.5\n1,0.4\n0,0.5\n1,0.4\n",
        ", row 4: expected no step back after 1. Received: epoch 0. If the file has two runs, give "
        "each a file of its own.",
    ),
    "an epoch twice": (
        "epoch,val_loss\n0,0.5\n1,0.4\n1,0.3\n",
        ", row 4, column val_loss: expected one value of epoch 1. Received: a second one, 0.3. "
        "Keep one, or name the column of steps in histories.columns.",
    ),
    "a part of an epoch": (
        "epoch,val_loss\n0.5,0.5\n",
        ", row 2, column epoch: expected a whole number. Received: 0.5. Parts of an epoch are "
        "counted from 1: see histories.counts_from.",
    ),
    "before the first": (
        "epoch,val_loss\n-1,0.5\n",
        ", row 2, column epoch: expected a number above -1. Received: -1.",
    ),
    "too many values": (
        "epoch,val_loss\n0,0.5\n1,0.4,7\n",
        ", row 3: expected 2 values. Received: 3.",
    ),
    "no CSV": (
        "epoch,val_loss\n0,0.5\n1," + "4" * 200_000,
        ", row 2: expected CSV. Received: field",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_file_is_named_with_the_place_and_the_fix(tmp_path, case):
    text, message = WRONG[case]
    path = tmp_path / "1.csv"
    path.write_text(text)
    with pytest.raises(HistoryError) as error:
        read(path, columns=LOSS_ONLY)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("accuracies", "samples", "message"),
    [
        (
            [50, 60],
            None,
            ", row 2, column val_accuracy: expected a share from 0 to 1. Received: 50.",
        ),
        ([0.5, 0.75], 10, ", row 3, column val_accuracy: expected a share of 10 samples."),
    ],
)
def test_accuracies_are_shares_of_the_samples(tmp_path, accuracies, samples, message):
    path = keras_file(tmp_path / "1.csv", [0.5, 0.4], accuracies)
    columns = LOSS_ONLY | {"val_accuracy": "val_accuracy"}
    with pytest.raises(HistoryError) as error:
        read(path, columns=columns, validation_samples=samples)
    assert message in str(error.value)


def test_shares_in_single_precision_are_shares(tmp_path):
    path = keras_file(tmp_path / "1.csv", [0.5, 0.4], [0.6700125336647034, 0.6666666865348816])
    assert len(read(path, validation_samples=2391).epochs) == 2


@pytest.mark.parametrize(
    ("seconds", "fits"), [([1, 2.5], True), ([2, 1], False), ([1, "nan"], False)]
)
def test_seconds_are_those_since_the_training_began(tmp_path, seconds, fits):
    rows = [(epoch, 0.5, second) for epoch, second in enumerate(seconds)]
    path = write_csv(tmp_path / "1.csv", ["epoch", "val_loss", "time"], rows)
    columns = LOSS_ONLY | {"seconds": "time"}
    if fits:
        assert read(path, columns=columns).epochs[-1]["seconds"] == 2.5
        return
    with pytest.raises(HistoryError, match="row 3, column time: expected seconds since"):
        read(path, columns=columns)


@pytest.mark.parametrize(
    "text", ["{}", "[]", "nonsense", '{"log_history": 3}', '{"log_history": [1]}']
)
def test_json_of_something_else_is_refused(tmp_path, text):
    path = tmp_path / "trainer_state.json"
    path.write_text(text)
    with pytest.raises(HistoryError, match="expected JSON with a list log_history") as error:
        read(path)
    assert str(error.value).startswith(str(path))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "1.csv"
    path.write_bytes(b"epoch\xff")
    with pytest.raises(HistoryError, match=r"expected text in UTF-8. Received: byte 5 is none"):
        read(path)
