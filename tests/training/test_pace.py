"""The pace: which programs are measured, in which order, for how long. Clocks move when told."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from batchscope.data.dataset import save, sha256
from batchscope.job_facts import COUNTS, TOLD, with_digests

SAMPLES = 6


@pytest.fixture(scope="module")
def library(keras):
    from batchscope.training import pace

    return pace


@pytest.fixture(scope="module")
def timer(keras):
    from batchscope.training import timer

    return timer


def make_job(batch_size=4, **changes):
    point = {
        "recipe": "adam",
        "batch_size": batch_size,
        "epochs": 5,
        "seed": 1,
        "optimizer": "Adam",
        "arguments": {},
        "learning_rate": 0.01,
        "model": {
            "layers": [{"Dense": {"units": 3, "activation": "softmax"}}],
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
        },
    }
    size = min(batch_size, SAMPLES)
    return {
        "point": point | changes,
        "effective_batch_size": size,
        "parameters": 9,
        "trained_by": "xla",
    }


def named(programs):
    return [[(point["recipe"], point["batch_size"]) for point in points] for _, points in programs]


def test_points_that_differ_in_the_learning_rate_alone_share_a_program(library):
    jobs = [
        make_job(4),
        make_job(4, recipe="tuned", learning_rate={"grid": [0.1, 0.2], "replicates": 1}),
        make_job(4, recipe="sgd", optimizer="SGD"),
        make_job(4, recipe="beta", arguments={"beta_1": 0.8}),
        make_job(4, recipe="large", model={"layers": []}),
        make_job(8),
        make_job(512),
    ]
    assert named(library.share_programs(jobs)) == [
        [("adam", 4), ("tuned", 4)],
        [("sgd", 4)],
        [("beta", 4)],
        [("large", 4)],
        # Both are full batch.
        [("adam", 8), ("adam", 512)],
    ]


def test_every_round_has_all_of_them_in_an_order_of_its_own(library):
    names = list("abcdef")
    turns = list(library.take_turns({name: name.upper for name in names}, 5))
    rounds = [[name for turn, name, _ in turns if turn == number] for number in range(1, 6)]
    assert [turn for turn, _, _ in turns] == sorted([1, 2, 3, 4, 5] * 6)
    assert all(sorted(order) == names for order in rounds)
    assert len(set(map(tuple, rounds))) == 5
    assert all(found == name.upper() for _, name, found in turns)
    assert turns == list(library.take_turns({name: name.upper for name in names}, 5))


class Trainer:
    """Its calls take what is told, and so much more an epoch; they may stop after an epoch."""

    n = SAMPLES

    def __init__(self, call, epoch, capacity, finite=True):
        self.call, self.epoch, self.capacity, self.finite = call, epoch, capacity, finite
        self.calls, self.now = [], 0.0

    def run(self, orders, learning_rates):
        assert learning_rates == 0 and sorted(orders[0]) == list(range(SAMPLES))
        epochs = len(orders) if self.finite else 1
        self.calls.append(len(orders))
        self.now += self.call + self.epoch * epochs
        return np.ones((epochs, 4))


@pytest.mark.parametrize(
    ("trainer", "calls", "epochs"),
    [
        # An epoch alone takes long enough.
        (Trainer(0, 0.06, 100), [1], 1),
        # What a call takes is spread over as many epochs as take half of the time.
        (Trainer(0.004, 0.001, 1000), [32, 32], 64),
        # A short training is handed over again and again.
        (Trainer(0.001, 0.003, 4), [4, 4, 4, 4], 16),
        # Calls that end after an epoch count as one.
        (Trainer(0, 0.02, 4, finite=False), [4, 4, 4], 3),
    ],
)
def test_a_measurement_takes_long_enough(timer, trainer, calls, epochs):
    measure = timer.Timer(trainer, 1, lambda: trainer.now)
    for _ in range(2):
        trainer.calls.clear()
        before = trainer.now
        found, seconds = measure()
        assert (trainer.calls, found) == (calls, epochs)
        assert seconds == pytest.approx((trainer.now - before) / epochs)


@pytest.mark.parametrize(
    ("kind", "threads", "clock"),
    [("CPU", 1, "process_time"), ("CPU", 2, "perf_counter"), ("GPU", 1, "perf_counter")],
)
def test_the_clock_is_that_of_the_trainings(timer, kind, threads, clock):
    assert timer.choose_clock(kind, threads).__name__ == clock


@pytest.fixture
def arrays():
    generator = np.random.default_rng(3)
    return {
        "x_train": generator.normal(size=(SAMPLES, 2)).astype(np.float32),
        "y_train": np.arange(SAMPLES, dtype=np.int32) % 3,
        "x_validation": np.ones((2, 2), np.float32),
        "y_validation": np.zeros(2, np.int32),
    }


@pytest.fixture
def quick(timer, monkeypatch):
    monkeypatch.setattr(timer, "MEASURED_SECONDS", 0)


def test_a_program_is_compiled_once_and_its_points_have_the_same_numbers(
    library, monkeypatch, arrays, quick
):
    compiled = []

    def compile_trainer(point, tensors, way, compile=library.compile_trainer):
        compiled.append((point["recipe"], point["batch_size"]))
        if point["batch_size"] == 2:
            raise MemoryError
        return compile(point, tensors, way)

    monkeypatch.setattr(library, "compile_trainer", compile_trainer)
    jobs = [make_job(4), make_job(4, recipe="sqrt", learning_rate=0.1), make_job(2), make_job(6)]
    (columns, rows), facts = library.measure_pace(jobs, arrays, ("CPU", "some device"), threads=1)
    assert compiled == [("adam", 4), ("adam", 2), ("adam", 6)]
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    assert {row["device"] for row in table} == {facts["device"]} == {"CPU: some device"}
    # The one that does not fit any more is left out.
    assert sorted({(row["recipe"], row["batch_size"]) for row in table}) == [
        ("adam", 4),
        ("adam", 6),
        ("sqrt", 4),
    ]
    assert [row["round"] for row in table] == sorted(list(range(1, 8)) * 3)
    of_points = [
        [(row["epochs"], row["seconds_per_epoch"]) for row in table if row["recipe"] == recipe]
        for recipe in ("adam", "sqrt")
    ]
    assert set(of_points[1]) <= set(of_points[0]) and len(of_points[1]) == 7
    assert set(facts) == {"device", "threads", "versions", "clock", "seconds"}
    json.dumps(facts)


def test_points_that_never_fitted_are_not_tried(library, monkeypatch, tmp_path, arrays, scripts):
    for size, parameters in ((4, 9), (512, None)):
        counts = dict.fromkeys(COUNTS, 1) | {"learning_rate": 0.01}
        job = dict.fromkeys(TOLD) | make_job(size) | {"parameters": parameters} | counts
        digests = {"history.csv": "", "runs.csv": ""}
        (tmp_path / f"{size}.json").write_text(json.dumps(with_digests(job, digests)))
    dataset = tmp_path / "dataset.npz", tmp_path / "dataset.json"
    save(arrays, {"sha256": sha256(arrays)}, *dataset)
    tried = []

    def measure_pace(jobs, arrays, device, threads):
        tried.extend(job["point"]["batch_size"] for job in jobs)
        return (("a", "b"), [(1, 2)]), {"device": "some"}

    monkeypatch.setattr(library, "measure_pace", measure_pace)
    monkeypatch.setattr("batchscope.training.runtime.start_keras", lambda threads: None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    told = []
    guard = SimpleNamespace(
        hold=lambda: told.append("hold"),
        stop_if_orphan=lambda: told.append("orphan?"),
        request=lambda: None,
    )
    outputs = SimpleNamespace(csv=tmp_path / "pace.csv", json=tmp_path / "pace.json")
    jobs = [tmp_path / "4.json", tmp_path / "512.json"]
    resources = SimpleNamespace(attempt=1, get={"gpu": 0}.get)
    scripts.main(guard, *dataset, jobs, outputs, threads=1, resources=resources)
    assert tried == [4]
    # Nothing is held before there is something to lose.
    assert told == ["hold", "orphan?"]
    assert outputs.csv.read_text() == "a,b\n1,2\n"
    assert json.loads(outputs.json.read_text()) == {"device": "some"}


@pytest.fixture
def scripts():
    """The entry script, which has the name of a module of these tests."""
    import importlib.util
    from pathlib import Path

    path = Path(__file__).parents[2] / "workflow/scripts/pace.py"
    spec = importlib.util.spec_from_file_location("pace_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
