"""The largest batch size that fits: sizes are doubled, and halved if the first one does not fit."""

import pytest


@pytest.fixture
def find(keras, monkeypatch):
    """A function that finds the largest of 100 samples, where `fits` says which sizes do, and the
    sizes that were trained."""
    import numpy as np

    from batchscope.training import largest

    def find(first, fits, needed=None, kind="GPU", free=None):
        tried = []

        def trains(point, arrays, way):
            tried.append(point["batch_size"])
            return fits(point["batch_size"])

        monkeypatch.setattr(largest, "_trains", trains)
        monkeypatch.setattr(largest, "available", lambda: free)
        monkeypatch.setattr(largest, "estimate", lambda *_: needed)
        monkeypatch.setattr(largest, "fresh_model", lambda *_, **__: None)
        point = {"batch_size": first, "seed": 1}
        return largest.find_largest(point, {"x_train": np.zeros(100)}, "xla", kind), tried

    return find


def test_all_samples_are_the_largest_there_is(find):
    found, tried = find(16, lambda size: True)
    assert found == {"size": 100, "limit": "samples", "refused": None}
    assert tried == [16, 32, 64, 100]


def test_a_batch_larger_than_all_samples_is_all_samples(find):
    assert find(512, lambda size: True) == (
        {"size": 100, "limit": "samples", "refused": None},
        [100],
    )


def test_what_does_not_fit_ends_the_doubling(find):
    found, tried = find(16, lambda size: size < 50)
    assert found == {"size": 32, "limit": "memory", "refused": 64}
    assert tried == [16, 32, 64]


def test_sizes_are_halved_if_the_first_does_not_fit(find):
    found, tried = find(64, lambda size: size < 20)
    assert found == {"size": 16, "limit": "memory", "refused": 32}
    assert tried == [64, 32, 16]


def test_nothing_fits(find):
    found, tried = find(4, lambda size: False)
    assert found == {"size": None, "limit": "nothing", "refused": 1}
    assert tried == [4, 2, 1]


def test_on_a_cpu_what_does_not_fit_by_estimate_is_not_tried(find):
    """4 MiB and 1 MiB a sample, of 50 MiB."""
    needed = {"fixed": 4, "per_sample": 1}
    found, tried = find(16, lambda size: True, needed, "CPU", 50 * 2**20)
    assert found == {"size": 32, "limit": "estimate", "refused": 64}
    assert tried == [16, 32]


def test_where_nothing_tells_the_free_memory_sizes_are_tried(find):
    found, _ = find(16, lambda size: True, {"fixed": 4, "per_sample": 1}, "CPU", None)
    assert found["limit"] == "samples"


def test_a_device_refuses_memory(keras, monkeypatch):
    import tensorflow as tf

    from batchscope.training import largest

    def refuse(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "no memory")

    monkeypatch.setattr(largest, "compile_trainer", refuse)
    assert largest._trains({"batch_size": 4}, {}, "xla") is False
