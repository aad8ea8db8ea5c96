"""One training job: pairing, rows, statuses, facts and clocks."""

import functools
import json
import os
from types import SimpleNamespace

import numpy as np
import pytest

from batchscope.config.problem import ConfigError

TRAIN, VALIDATION, EPOCHS, REPLICATES = 22, 10, 8, 3
HEADER = ("replicate", "epoch", "updates", "loss", "accuracy", "val_loss", "val_accuracy")
RUN_HEADER = (
    "replicate",
    "seed",
    "status",
    "epochs",
    "updates",
    "learning_rate",
    "train_seconds",
    "wall_seconds",
    "cpu_seconds",
    "resumed",
)
LAYERS = [
    {"Dense": {"units": 5, "activation": "relu"}},
    {"Dropout": {"rate": 0.2}},
    {"Dense": {"units": 3, "activation": "softmax"}},
]


def make_point(**changes):
    point = {
        "recipe": "adam",
        "batch_size": 4,
        "epochs": EPOCHS,
        "warmup_epochs": 0,
        "replicates": REPLICATES,
        "seed": 1,
        "optimizer": "Adam",
        "arguments": {"beta_1": 0.8},
        "clamped": [],
        "learning_rate": 0.01,
        "model": {
            "layers": LAYERS,
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
        },
    }
    assert set(changes) <= set(point)
    return point | changes


def make_arrays():
    generator = np.random.default_rng(7)
    arrays = {}
    for half, count in (("train", TRAIN), ("validation", VALIDATION)):
        x = generator.normal(size=(count, 2))
        arrays[f"x_{half}"] = x.astype(np.float32)
        arrays[f"y_{half}"] = generator.integers(0, 3, count).astype(np.int32)
    return arrays


@pytest.fixture(scope="module")
def library(keras):
    from batchscope.training import point

    return point


class Guard:
    """Stands in for the StopGuard: asked to stop when it is looked at for the n-th time."""

    def __init__(self, at=None):
        self.at, self.looks, self.holds = at, 0, False

    def hold(self):
        self.holds = True

    def request(self):
        assert self.holds
        self.looks += 1
        return "signal 15" if self.looks == self.at else None


@pytest.fixture(scope="module")
def train(library, tmp_path_factory):
    """Runs a job, whose checkpoint nobody has if no path is given."""

    def run(point=None, arrays=None, way="xla", kind="CPU", threads=1, guard=None, path=None):
        path = path or tmp_path_factory.mktemp("job") / "checkpoint.npz"
        point, arrays = point or make_point(), arrays or make_arrays()
        device = kind, "some device"
        return library.train_point(point, arrays, way, device, threads, guard or Guard(), path)

    return run


class Recorder:
    """Writes down what each training of a job is given: its weights, then its orders."""

    def __init__(self, library, patch):
        self.trainings = []
        reset, run = library.ways.Trainer.reset, library.ways.Trainer.run

        def recording_reset(trainer, weights):
            self.trainings.append((weights, [], []))
            reset(trainer, weights)

        def recording_run(trainer, orders, learning_rates):
            # Before a job's first training its program is compiled and warmed up.
            if self.trainings:
                self.trainings[-1][1].extend(orders)
                self.trainings[-1][2].extend(learning_rates)
            return run(trainer, orders, learning_rates)

        patch.setattr(library.ways.Trainer, "reset", recording_reset)
        patch.setattr(library.ways.Trainer, "run", recording_run)


@pytest.fixture(scope="module")
def jobs(library, train):
    """A job at a batch size that leaves a rest and one at full batch: {batch size: ...}."""
    results = {}
    for batch_size in (4, 512):
        with pytest.MonkeyPatch.context() as patch:
            recorder = Recorder(library, patch)
            result = train(make_point(batch_size=batch_size))
        results[batch_size] = SimpleNamespace(
            trainings=recorder.trainings,
            history=result.history,
            runs=result.runs,
            facts=result.job,
        )
    return results


def same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_replicate_starts_from_the_same_weights_at_every_batch_size(jobs):
    small, full = ([weights for weights, *_ in job.trainings] for job in jobs.values())
    assert len(small) == len(full) == REPLICATES
    for one, other in zip(small, full, strict=True):
        assert same_weights(one, other)
    kernels = [weights[0] for weights in small]
    assert kernels[0].shape == (2, 5)
    assert not np.array_equal(kernels[2], kernels[1])
    assert not np.array_equal(kernels[2], kernels[0])


def test_a_replicate_sees_the_same_order_at_every_batch_size(jobs):
    from batchscope.training.seeds import epoch_order

    small, full = (np.array([orders for _, orders, _ in job.trainings]) for job in jobs.values())
    assert small.shape == full.shape == (REPLICATES, EPOCHS, TRAIN)
    assert np.array_equal(small, full)
    assert np.array_equal(small[2, 6], epoch_order(1, 3, 7, TRAIN))
    assert len(np.unique(small.reshape(-1, TRAIN), axis=0)) == REPLICATES * EPOCHS


def test_the_seed_decides_the_weights(library, train, jobs, monkeypatch):
    recorder = Recorder(library, monkeypatch)
    train(make_point(seed=2, epochs=1, replicates=1, batch_size=512))
    [(weights, [order], _)] = recorder.trainings
    first_weights, first_orders, _ = jobs[512].trainings[0]
    assert not np.array_equal(weights[0], first_weights[0])
    assert not np.array_equal(order, first_orders[0])


@pytest.mark.parametrize(("batch_size", "updates_per_epoch"), [(4, 6), (512, 1)])
def test_history_has_a_row_per_replicate_and_epoch(jobs, batch_size, updates_per_epoch):
    header, rows = jobs[batch_size].history
    assert header == HEADER
    assert [row[:3] for row in rows] == [
        (replicate, epoch, epoch * updates_per_epoch)
        for replicate in range(1, REPLICATES + 1)
        for epoch in range(1, EPOCHS + 1)
    ]
    assert all(type(value) is float and np.isfinite(value) for row in rows for value in row[3:])
    # Accuracies are shares of the samples, losses are not.
    for column, count in (("accuracy", TRAIN), ("val_accuracy", VALIDATION)):
        shares = np.array([row[HEADER.index(column)] for row in rows]) * count
        np.testing.assert_allclose(shares, np.round(shares), rtol=0, atol=1e-4)
    losses = np.array([row[HEADER.index("val_loss")] for row in rows]) * VALIDATION
    assert np.abs(losses - np.round(losses)).max() > 1e-2


def test_the_validation_column_is_the_model_after_that_epoch(keras, train):
    """The first epoch at full batch is one step of the optimizer, which can be taken by hand."""
    from batchscope.training.model import build_model, build_optimizer

    layers = [LAYERS[0], LAYERS[2]]
    settings = make_point()["model"] | {"layers": layers}
    point = make_point(model=settings, batch_size=512, epochs=1, replicates=1)
    arrays = make_arrays()
    result = train(point, arrays)
    [row], [run] = result.history[1], result.runs[1]
    keras.utils.set_random_seed(run[RUN_HEADER.index("seed")])
    model = build_model(settings, (2,), 3)
    model.compile(build_optimizer(point), loss=settings["loss"], metrics=settings["metrics"])
    model.optimizer.learning_rate = point["learning_rate"]
    loss, accuracy = model.train_on_batch(arrays["x_train"], arrays["y_train"])
    val_loss, val_accuracy = model.test_on_batch(arrays["x_validation"], arrays["y_validation"])
    expected = (loss, accuracy, val_loss, val_accuracy)
    np.testing.assert_allclose(row[3:], expected, rtol=0, atol=1e-5)


def with_test(count=7):
    """Arrays with a test part, and its samples."""
    generator = np.random.default_rng(8)
    x = generator.normal(size=(count, 2)).astype(np.float32)
    y = generator.integers(0, 3, count).astype(np.int32)
    return make_arrays() | {"x_test": x, "y_test": y}, x, y


def test_the_test_samples_are_measured_after_the_last_epoch(keras, train, jobs):
    """The model is trained again, by `train_on_batch`, and measured by `evaluate`."""
    from batchscope.training.model import build_model, build_optimizer

    settings = make_point()["model"] | {"layers": [LAYERS[0], LAYERS[2]]}
    point = make_point(model=settings, batch_size=512, epochs=3, replicates=2)
    arrays, x, y = with_test()
    result = train(point, arrays)
    header, rows = result.runs
    assert header == (*RUN_HEADER, "test_loss", "test_accuracy")
    assert result.job["test_samples"] == 7
    for row in rows:
        keras.utils.set_random_seed(row[RUN_HEADER.index("seed")])
        model = build_model(settings, (2,), 3)
        model.compile(build_optimizer(point), loss=settings["loss"], metrics=settings["metrics"])
        model.optimizer.learning_rate = point["learning_rate"]
        for _ in range(3):
            model.train_on_batch(arrays["x_train"], arrays["y_train"])
        np.testing.assert_allclose(row[-2:], model.evaluate(x, y, verbose=0), rtol=0, atol=1e-5)
    assert rows[0][-2] != rows[1][-2]


def test_the_test_samples_change_nothing_else(train, jobs):
    arrays, *_ = with_test()
    result = train(make_point(), arrays)
    assert result.history == jobs[4].history
    without = [row[:6] for row in jobs[4].runs[1]]
    assert [row[:6] for row in result.runs[1]] == without


def test_a_run_that_diverged_is_not_tested(train):
    arrays, *_ = with_test()
    point = make_point(optimizer="SGD", arguments={}, learning_rate=1e30)
    assert {row[-2:] for row in train(point, arrays).runs[1]} == {(None, None)}


@pytest.mark.parametrize(
    ("loss", "metric", "units", "activation"),
    [
        ("mean_squared_error", "mean_absolute_error", 1, "linear"),
        ("binary_crossentropy", "accuracy", 1, "sigmoid"),
    ],
)
def test_columns_are_named_after_the_metric(train, loss, metric, units, activation):
    layers = [LAYERS[0], {"Dense": {"units": units, "activation": activation}}]
    model = {"layers": layers, "loss": loss, "metrics": [metric]}
    arrays, *_ = with_test()
    y = {name: array % 2 for name, array in arrays.items() if name.startswith("y")}
    result = train(make_point(model=model, epochs=1, replicates=1), arrays | y)
    header = ("replicate", "epoch", "updates", "loss", metric, "val_loss", f"val_{metric}")
    assert result.history[0] == header
    assert result.runs[0][-2:] == ("test_loss", f"test_{metric}")


def test_a_point_is_settled_by_the_training_samples(train):
    """22 samples in batches of 4 are 6 updates: 13 need 3 epochs. The rule doubles the rate."""
    rate = {"rule": "linear", "value": 0.01, "reference_batch_size": 2}
    point = make_point(epochs=1, replicates=1, learning_rate=rate) | {"min_updates": 13}
    result = train(point)
    assert result.job["point"] == make_point(epochs=3, replicates=1, learning_rate=0.02)
    assert len(result.history[1]) == 3
    assert result.job["learning_rate"] == 0.02


def test_what_a_rule_comes_to_is_refused_where_no_training_can_take_it(train):
    """Of a table, only the data tell the config how many samples there are."""
    rate = {"rule": "linear", "value": 3e38, "reference_batch_size": 2}
    with pytest.raises(ConfigError, match="learning_rate of adam at batch size 4: expected a num"):
        train(make_point(learning_rate=rate))


@pytest.mark.parametrize(("batch_size", "updates_per_epoch"), [(4, 6), (512, 1)])
def test_runs_have_a_row_per_replicate(jobs, batch_size, updates_per_epoch):
    from batchscope.training.seeds import weights_seed

    header, rows = jobs[batch_size].runs
    assert header == RUN_HEADER
    updates = EPOCHS * updates_per_epoch
    assert [row[:6] for row in rows] == [
        (replicate, weights_seed(1, replicate), "completed", EPOCHS, updates, 0.01)
        for replicate in range(1, REPLICATES + 1)
    ]


@pytest.mark.parametrize(
    ("batch_size", "effective", "updates_per_epoch"), [(4, 4, 6), (512, TRAIN, 1)]
)
def test_facts_of_the_job(jobs, batch_size, effective, updates_per_epoch):
    facts = jobs[batch_size].facts
    assert facts["point"] == make_point(batch_size=batch_size)
    assert facts["effective_batch_size"] == effective
    assert facts["updates_per_epoch"] == updates_per_epoch
    assert facts["parameters"] == (2 * 5 + 5) + (5 * 3 + 3)
    assert facts["threads"] == 1
    assert facts["trained_by"] == "xla"
    assert facts["random_layers"] == ["Dropout"]
    assert facts["skipped_updates"] == 0
    assert facts["compile_seconds"] > 0
    assert facts["samples_per_epoch"] == TRAIN
    assert facts["test_samples"] == 0
    assert facts["learning_rate"] == 0.01
    assert set(facts["versions"]) == {"python", "keras", "tensorflow", "numpy"}
    assert json.loads(json.dumps(facts)) == facts


def test_a_job_is_repeated_exactly_however_its_epochs_are_handed_over(
    library, train, jobs, monkeypatch
):
    again = train()
    assert again.history == jobs[4].history
    monkeypatch.setattr("batchscope.training.runs.CHUNK_SECONDS", 0)
    recorder = Recorder(library, monkeypatch)
    by_epoch = train()
    assert by_epoch.history == jobs[4].history
    assert [len(orders) for _, orders, _ in recorder.trainings] == [EPOCHS] * REPLICATES


def test_a_job_that_diverges_says_so_and_ends_there(train):
    point = make_point(optimizer="SGD", arguments={}, learning_rate=1e30)
    (_, history), (_, runs), *_ = train(point)
    for replicate, run in enumerate(runs, start=1):
        rows = [row for row in history if row[0] == replicate]
        assert run[2:5] == ("diverged", len(rows), len(rows) * 6)
        assert len(rows) < EPOCHS
        assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
        assert np.isfinite([row[3:] for row in rows[:-1]]).all()
        assert not np.isfinite(rows[-1][3:]).all()


def test_a_diverged_replicate_leaves_no_trace_in_the_next(library, train, jobs, monkeypatch):
    """Non-finite weights spoil the optimizer's moments and the metrics too."""
    reset, calls = library.ways.Trainer.reset, []

    def poisoned_reset(trainer, weights):
        calls.append(weights)
        if len(calls) == 2:
            weights = [np.full_like(w, np.nan) if w.dtype == np.float32 else w for w in weights]
        reset(trainer, weights)

    monkeypatch.setattr(library.ways.Trainer, "reset", poisoned_reset)
    (_, history), (_, runs), *_ = train()
    assert [run[2:5] for run in runs] == [
        ("completed", EPOCHS, EPOCHS * 6),
        ("diverged", 1, 6),
        ("completed", EPOCHS, EPOCHS * 6),
    ]
    expected = jobs[4].history[1]
    assert [row for row in history if row[0] != 2] == [row for row in expected if row[0] != 2]
    [diverged] = [row for row in history if row[0] == 2]
    assert np.isnan(diverged[3])


class Clock:
    """Stands in for the module `time`: both clocks move only when told."""

    def __init__(self):
        self.wall, self.cpu = 100.0, 10.0

    def perf_counter(self):
        return self.wall

    def process_time(self):
        return self.cpu


def make_trainer_class(clock, seconds=(3.0, 2.0), capacity=EPOCHS, last_row=None):
    """A stand-in for Trainer: its epochs take (wall, CPU) seconds, its values are made up."""

    class FakeTrainer:
        columns = HEADER[3:]
        random_layers = ()
        updates = EPOCHS * 6

        def __init__(self, model, arrays, batch_size, epochs, jit_compile):
            type(self).calls = []
            self.model = model
            self.n, self.capacity = len(arrays["x_train"]), capacity

        def compile(self):
            clock.wall += 1000.0
            clock.cpu += 1000.0

        def reset(self, weights):
            clock.wall += 50.0
            clock.cpu += 50.0
            self.calls.append([])

        def get_state(self):
            return []

        def test(self):
            return []

        def run(self, orders, learning_rates):
            clock.wall += seconds[0] * len(orders)
            clock.cpu += seconds[1] * len(orders)
            curve = np.ones((len(orders), len(self.columns)), np.float32)
            if self.calls:
                self.calls[-1].append(len(orders))
                if last_row is not None and sum(self.calls[-1]) == EPOCHS:
                    curve[-1] = last_row
            return curve

    return FakeTrainer


@pytest.fixture
def train_with_fake(library, train, monkeypatch):
    return functools.partial(run_with_fake, library, train, monkeypatch)


def run_with_fake(library, train, monkeypatch, kind="CPU", threads=1, arrays=None, **arguments):
    clock = Clock()
    trainer = make_trainer_class(clock, **arguments)
    monkeypatch.setattr(library.ways, "time", clock)
    monkeypatch.setattr("batchscope.training.runs.time", clock)
    monkeypatch.setattr("batchscope.training.timer.time", clock)
    # The fake's epochs may take no time, and it is told which calls belong to which run.
    monkeypatch.setattr("batchscope.training.timer.MEASURED_SECONDS", 0)
    monkeypatch.setattr(library.ways, "Trainer", trainer)
    return trainer, train(arrays=arrays, kind=kind, threads=threads)


@pytest.mark.parametrize(
    ("kind", "threads", "clock"),
    [("CPU", 1, "cpu"), ("CPU", 2, "wall"), ("GPU", 1, "wall"), ("GPU", 4, "wall")],
)
def test_train_seconds_is_cpu_time_only_if_one_thread_did_the_work(
    train_with_fake, kind, threads, clock
):
    wall, cpu = 3.0 * EPOCHS, 2.0 * EPOCHS
    _, tables = train_with_fake(kind, threads)
    facts = tables.job
    # Neither the compilation nor the reset between the replicates is in it.
    assert [run[6:] for run in tables.runs[1]] == [
        (cpu if clock == "cpu" else wall, wall, cpu, False)
    ] * REPLICATES
    assert facts["compile_seconds"] == 1000.0
    assert facts["device"] == f"{kind}: some device"
    assert facts["threads"] == threads


@pytest.mark.parametrize(
    ("seconds_per_epoch", "capacity", "expected"),
    [(3.0, EPOCHS, [1] * 8), (0.3, EPOCHS, [3, 3, 2]), (0.01, EPOCHS, [8]), (0.01, 5, [5, 3])],
)
def test_epochs_are_handed_over_a_second_at_a_time(
    train_with_fake, seconds_per_epoch, capacity, expected
):
    trainer, tables = train_with_fake(seconds=(seconds_per_epoch, 0.0), capacity=capacity)
    assert trainer.calls == [expected] * REPLICATES
    assert [row[1] for row in tables.history[1]] == list(range(1, EPOCHS + 1)) * REPLICATES


@pytest.mark.parametrize("last_row", [(np.nan, 1, 1, 1), (1, 1, np.inf, 1)])
def test_a_run_that_diverges_in_its_last_epoch_has_diverged(train_with_fake, last_row):
    _, tables = train_with_fake(last_row=last_row)
    assert [run[2:4] for run in tables.runs[1]] == [("diverged", EPOCHS)] * REPLICATES


@pytest.mark.parametrize("way", ["graph", "fit"])
def test_another_way_is_the_same_training(train, jobs, way):
    """The layers draw nothing: from the same seed XLA draws other masks than TensorFlow."""
    settings = make_point()["model"] | {"layers": [LAYERS[0], LAYERS[2]]}
    compiled, other = (train(make_point(model=settings), way=w) for w in ("xla", way))
    assert other.job["trained_by"] == way
    assert other.history[0] == compiled.history[0]
    values = [np.array([row[3:] for row in job.history[1]]) for job in (compiled, other)]
    np.testing.assert_allclose(*values, rtol=0, atol=1e-5)
    facts = ("parameters", "random_layers", "skipped_updates")
    assert [other.job[fact] for fact in facts] == [compiled.job[fact] for fact in facts]
    assert [run[:6] for run in other.runs[1]] == [run[:6] for run in compiled.runs[1]]


def test_long_jobs_save_now_and_then(library, train_with_fake, monkeypatch):
    """(Finished runs, epochs of the next one) at each save.

    A reset takes 50 s and an epoch 16 s: sixty seconds are over after an epoch of the first
    replicate and after four more; and in the reset of the next one, three epochs later. What is
    finished at the end is saved at once.
    """
    saves = []

    def save(path, key, progress):
        saves.append((len(progress.finished), len(progress.curve)))

    monkeypatch.setattr(library.checkpoint, "save", save)
    train_with_fake(seconds=(16.0, 0.0))
    assert saves == [(0, 1), (0, 5), (1, 0), (1, 4), (2, 0), (2, 4), (3, 0)]


def looks_before(replicate, epoch):
    """How often a job whose epochs are handed over one by one has been looked at, with this one."""
    return (replicate - 1) * EPOCHS + epoch


@pytest.mark.parametrize(
    ("replicate", "epoch", "resumed"),
    [
        (2, 4, [False, True, False]),
        # Nothing of a run that had not begun was interrupted.
        (3, 1, [False, False, False]),
    ],
)
def test_stopped_job_saves_and_goes_on_from_there(
    train, jobs, monkeypatch, tmp_path, replicate, epoch, resumed
):
    from batchscope.training.stopping import Stopped

    path = tmp_path / "checkpoint.npz"
    monkeypatch.setattr("batchscope.training.runs.CHUNK_SECONDS", 0)
    with pytest.raises(Stopped, match="stopped by signal 15; the checkpoint is saved"):
        train(guard=Guard(looks_before(replicate, epoch)), path=path)
    guard = Guard()
    (_, history), (_, runs), *_ = train(guard=guard, path=path)
    assert guard.looks == REPLICATES * EPOCHS - looks_before(replicate, epoch) + 1
    assert history == jobs[4].history[1]
    assert [run[-1] for run in runs] == resumed
    assert [run[:6] for run in runs] == [run[:6] for run in jobs[4].runs[1]]


def test_under_other_flags_of_xla_a_checkpoint_is_of_another_job(
    library, train_with_fake, monkeypatch
):
    keys, load = [], library.checkpoint.load

    def recording_load(path, key):
        keys.append(key)
        return load(path, key)

    monkeypatch.setattr(library.checkpoint, "load", recording_load)
    train_with_fake()
    train_with_fake()
    # Its default, so that it does not matter to later tests.
    flags = f"{os.environ['XLA_FLAGS']} --xla_cpu_enable_fast_math=false"
    monkeypatch.setenv("XLA_FLAGS", flags)
    train_with_fake()
    assert keys[0] == keys[1] != keys[2]


def test_what_is_finished_is_not_trained_again(train, jobs, library, monkeypatch, tmp_path):
    path = tmp_path / "checkpoint.npz"
    first = train(path=path)
    recorder, guard = Recorder(library, monkeypatch), Guard(1)
    again = train(path=path, guard=guard)
    assert recorder.trainings == [] and guard.looks == 0
    assert again[:2] == first[:2]


def test_the_warm_up_is_in_the_first_epochs_of_every_replicate(library, train, jobs, monkeypatch):
    recorder = Recorder(library, monkeypatch)
    train(make_point(warmup_epochs=3))
    rising = [0.0025, 0.005, 0.0075]
    for _, _, rates in recorder.trainings:
        assert rates == pytest.approx([*rising, *[0.01] * (EPOCHS - 3)])
    assert all(rates == [0.01] * EPOCHS for *_, rates in jobs[4].trainings)


RATES = [0.001, 0.05, 1e30]
GRID = {"grid": RATES}


@pytest.fixture(scope="module")
def tuned(library, train):
    with pytest.MonkeyPatch.context() as patch:
        recorder = Recorder(library, patch)
        point = make_point(optimizer="SGD", arguments={}, learning_rate=GRID)
        return train(point), recorder.trainings


def test_every_replicate_is_trained_at_every_learning_rate_of_a_grid(tuned, jobs):
    tables, trainings = tuned
    column = RUN_HEADER.index("learning_rate")
    assert [(row[column], row[0]) for row in tables.runs[1]] == [
        (rate, replicate) for rate in RATES for replicate in range(1, REPLICATES + 1)
    ]
    statuses = [row[RUN_HEADER.index("status")] for row in tables.runs[1]]
    assert statuses == ["completed"] * 2 * REPLICATES + ["diverged"] * REPLICATES
    # From the same weights and in the same orders, those of every other point.
    for index, (weights, orders, rates) in enumerate(trainings):
        other = jobs[4].trainings[index % REPLICATES]
        assert same_weights(weights, other[0])
        assert np.array_equal(orders, other[1][: len(orders)])
        assert set(rates) == {RATES[index // REPLICATES]}
    assert tables.job["learning_rate"] is None


@pytest.mark.parametrize("rate", RATES[:2])
def test_a_learning_rate_of_a_grid_is_trained_as_it_is_alone(train, tuned, rate):
    tables, _ = tuned
    alone = train(make_point(optimizer="SGD", arguments={}, learning_rate=rate))
    assert tables.history[0] == ("learning_rate", *alone.history[0])
    own = [row[1:] for row in tables.history[1] if row[0] == rate]
    assert own == alone.history[1]
    without_seconds = [row[:6] for row in tables.runs[1] if row[5] == rate]
    assert without_seconds == [row[:6] for row in alone.runs[1]]


@pytest.mark.parametrize("finished", [1, REPLICATES])
def test_a_stopped_grid_goes_on_from_there(library, train, tuned, monkeypatch, tmp_path, finished):
    """In the second replicate, and at the second learning rate."""
    from batchscope.training.stopping import Stopped

    path, saves, save = tmp_path / "checkpoint.npz", [], library.checkpoint.save

    def recording_save(path, key, progress):
        saves.append((len(progress.finished), len(progress.curve)))
        save(path, key, progress)

    monkeypatch.setattr(library.checkpoint, "save", recording_save)
    monkeypatch.setattr("batchscope.training.runs.CHUNK_SECONDS", 0)
    point = make_point(optimizer="SGD", arguments={}, learning_rate=GRID)
    with pytest.raises(Stopped):
        train(point, guard=Guard(finished * EPOCHS + 4), path=path)
    assert saves[-1] == (finished, 3)
    tables = train(point, path=path)
    np.testing.assert_array_equal(tables.history[1], tuned[0].history[1])
    resumed = [row[RUN_HEADER.index("resumed")] for row in tables.runs[1]]
    assert resumed == [index == finished for index in range(len(RATES) * REPLICATES)]


@pytest.mark.parametrize("error", [MemoryError, "ResourceExhaustedError"])
@pytest.mark.parametrize("learning_rate", [0.01, GRID], ids=["given", "tuned"])
def test_what_does_not_fit_into_memory_is_a_result(
    library, train, monkeypatch, error, learning_rate
):
    def refuse(trainer, *arguments):
        if error is MemoryError:
            raise MemoryError
        raise library.tf.errors.ResourceExhaustedError(None, None, "Out of memory")

    monkeypatch.setattr(library.ways.Trainer, "run", refuse)
    point = make_point(batch_size=512, learning_rate=learning_rate)
    guard = Guard()
    tables = train(point, guard=guard)
    # Its files are worth to be written to the end.
    assert guard.holds
    rates = RATES if learning_rate is GRID else [learning_rate]
    assert tables.history == ((("learning_rate",) if learning_rate is GRID else ()) + HEADER, [])
    assert tables.runs[0] == RUN_HEADER
    assert [(row[0], *row[2:6]) for row in tables.runs[1]] == [
        (replicate, "out_of_memory", 0, 0, rate)
        for rate in rates
        for replicate in range(1, REPLICATES + 1)
    ]
    assert tables.job["effective_batch_size"] == TRAIN
    assert tables.job["learning_rate"] == (None if learning_rate is GRID else 0.01)
    assert json.loads(json.dumps(tables.job)) == tables.job


def test_what_fails_after_an_epoch_has_fitted_is_no_result(library, train, monkeypatch):
    """Another process may have taken the memory: the job fails, and may be tried again."""
    run, calls = library.ways.Trainer.run, []

    def refuse_late(trainer, *arguments):
        calls.append(arguments)
        if len(calls) == 5:
            raise MemoryError
        return run(trainer, *arguments)

    monkeypatch.setattr(library.ways.Trainer, "run", refuse_late)
    with pytest.raises(MemoryError):
        train()
