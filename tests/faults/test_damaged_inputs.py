"""Files of the user's own, damaged at random: read, or refused by file."""

import json
import random

import numpy as np
import pandas as pd
import pytest
from damages import damage_bytes

from batchscope.config.histories import DEFAULTS, TRAINER_STATE_DEFAULTS
from batchscope.data.arrays import read_arrays
from batchscope.data.history import read_history
from batchscope.data.history_file import HistoryError
from batchscope.data.samples import DataError
from batchscope.data.table_files import read_table_file

VALUES = [None, True, -1, 0, 10**400, float("nan"), float("inf"), "", "x", [], {}, {"a": 1}, 1e18]


def write_table(path):
    table = pd.DataFrame({"a": np.linspace(0, 1, 40), "b": list("uv") * 20, "y": range(40)})
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)


def write_arrays(path):
    x, y = np.linspace(0, 1, 60).reshape(20, 3), np.arange(20) % 2
    (np.savez_compressed if "compressed" in path.name else np.savez)(path, x=x, y=y)


def write_array(path):
    np.save(path, np.linspace(0, 1, 60).reshape(20, 3))
    np.save(path.with_name("y.npy"), np.arange(20) % 2)


def write_log(path):
    rows = "0,0.5,0.9,0.5,0.8\n1,0.6,0.7,0.5,0.6\n2,0.75,0.5,0.75,0.4\n"
    path.write_text(f"epoch,accuracy,loss,val_accuracy,val_loss\n{rows}")


def write_state(path):
    log = [{"epoch": 0.5, "step": 5, "loss": 0.9}]
    log += [{"epoch": n, "step": 10 * n, "eval_loss": 1 / n, "eval_accuracy": 0.5} for n in (1, 2)]
    path.write_text(json.dumps({"log_history": log}))


def read_log(path):
    defaults = TRAINER_STATE_DEFAULTS if path.suffix == ".json" else DEFAULTS
    read_history(str(path), path.read_bytes(), {"validation_samples": 4} | defaults, 5)


def change_value(content, generator):
    """Another value in one place of a trainer's state."""
    state = json.loads(content)
    entry = generator.choice(state["log_history"])
    entry[generator.choice(list(entry))] = generator.choice(VALUES)
    return json.dumps(state).encode()


FILES = {
    "table.csv": (write_table, read_table_file),
    "table.parquet": (write_table, read_table_file),
    "arrays.npz": (write_arrays, lambda path: read_arrays({"file": path})),
    "compressed.npz": (write_arrays, lambda path: read_arrays({"file": path})),
    "x.npy": (write_array, lambda path: read_arrays({"x": path, "y": path.with_name("y.npy")})),
    "log.csv": (write_log, read_log),
    "trainer_state.json": (write_state, read_log),
}


@pytest.mark.parametrize(
    "count", [100, pytest.param(1_000, marks=pytest.mark.slow)], ids="{:,}".format
)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_or_refused_by_name(tmp_path, name, count):
    write, read = FILES[name]
    path = tmp_path / name
    write(path)
    whole, refused = path.read_bytes(), 0
    for seed in range(count):
        # What a failure is shown with.
        print(seed, end=" ")
        generator = random.Random(seed)
        state = path.suffix == ".json" and generator.random() < 0.5
        path.write_bytes((change_value if state else damage_bytes)(whole, generator))
        try:
            read(path)
        except (DataError, HistoryError) as error:
            refused += 1
            lines = str(error).splitlines()
            assert all(line.startswith(str(path)) and ": expected " in line for line in lines)
    assert 0.1 < refused / count < 1
