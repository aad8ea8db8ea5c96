"""How a training job starts: threads, imports and its log file."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest

from batchscope.training.runtime import OPTIONAL, _version, hidden

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
# What another test's start leaves in the environment is none of the fresh process's business.
INHERITED = ("THREADS", "XLA_", "TF_", "KERAS_", "PYTHON")


def run_python(code, *arguments, **variables):
    """Run code in a fresh process, with these environment variables."""
    environment = {k: v for k, v in os.environ.items() if not any(part in k for part in INHERITED)}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment | {"PYTHONPATH": str(SCRIPTS)} | variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )


@pytest.fixture
def module_name(tmp_path, monkeypatch):
    """An installed module that nothing has imported."""
    (tmp_path / "rarely_needed.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "rarely_needed"
    sys.modules.pop("rarely_needed", None)


def test_hidden_modules_look_not_installed_until_the_block_ends(module_name):
    with hidden([module_name]):
        assert importlib.util.find_spec(module_name) is None
        with pytest.raises(ImportError):
            importlib.import_module(module_name)
    assert module_name not in sys.modules
    assert importlib.import_module(module_name).value == 1


def test_hidden_modules_come_back_after_an_exception(module_name):
    with pytest.raises(RuntimeError, match="inside"), hidden([module_name, "surely_not_there"]):
        raise RuntimeError("inside")
    assert importlib.import_module(module_name).value == 1
    assert "surely_not_there" not in sys.modules


def test_hidden_leaves_loaded_modules_alone(module_name):
    loaded = importlib.import_module(module_name)
    with hidden([module_name]):
        assert importlib.import_module(module_name) is loaded
    assert sys.modules[module_name] is loaded


START = """
import json, os, sys
from batchscope.training import runtime

runtime.start_keras(int(sys.argv[1]))
loaded = [name for name in runtime.OPTIONAL if name in sys.modules]
import keras, numpy, tensorflow as tf, threadpoolctl

# A matrix product and a compiled one, so that every pool exists.
x = numpy.ones((64, 64), numpy.float32)
tf.function(lambda x: x @ x, jit_compile=True)(x @ x)
facts = {
    "backend": keras.backend.backend(),
    "loaded": loaded,
    "intra": tf.config.threading.get_intra_op_parallelism_threads(),
    "inter": tf.config.threading.get_inter_op_parallelism_threads(),
    "blas": [
        pool["num_threads"]
        for pool in threadpoolctl.threadpool_info()
        if pool["user_api"] == "blas"
    ],
    "cores": len(os.sched_getaffinity(0)),
    "xla": os.environ["XLA_FLAGS"].split(),
    "environment": runtime.environment(),
}
import pandas

facts["rows"] = len(pandas.DataFrame({"a": [1, 2]}))
print(json.dumps(facts))
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_keras_starts_on_the_threads_granted_without_the_optional_modules(tmp_path, threads):
    # What a user has set for other programs of theirs.
    (tmp_path / "keras.json").write_text('{"floatx": "float16", "backend": "jax", "epsilon": 0.5}')
    variables = {
        "KERAS_HOME": str(tmp_path),
        "NVIDIA_TF32_OVERRIDE": "0",
        "TF_DETERMINISTIC_OPS": "1",
        "TF_GPU_ALLOCATOR": "cuda_malloc_async",
        "TF_XLA_FLAGS": "--no_such_flag",
        "XLA_FLAGS": "--xla_cpu_enable_fast_math=true --xla_gpu_autotune_level=0",
    }
    facts = json.loads(run_python(START, threads, **variables).stdout)
    # OpenBLAS takes no more threads than it has cores.
    assert set(facts.pop("blas")) == {min(threads, facts.pop("cores"))}
    flags = facts.pop("xla")
    assert [flag for flag in flags if "gpu" in flag] == ["--xla_gpu_autotune_level=0"]
    assert "--xla_cpu_use_fusion_emitters=false" in flags
    assert "--xla_cpu_enable_fast_math=true" not in flags
    assert ("--xla_cpu_multi_thread_eigen=false" in flags) is (threads == 1)
    assert facts == {
        "backend": "tensorflow",
        "loaded": [],
        "intra": threads,
        "inter": threads,
        "environment": {
            "floatx": "float32",
            "epsilon": 1e-7,
            "image_data_format": "channels_last",
            "dtype_policy": "float32",
            "variables": {
                "NVIDIA_TF32_OVERRIDE": "0",
                "TF_GPU_ALLOCATOR": "cuda_malloc_async",
                "XLA_FLAGS": " ".join(flags),
            },
        },
        "rows": 2,
    }
    assert "pandas" in OPTIONAL


@pytest.mark.parametrize("settings", ['{"floatx": "float8"}', "[]"])
def test_settings_that_keras_refuses_are_told_with_their_file(tmp_path, settings):
    (tmp_path / "keras.json").write_text(settings)
    code = "from batchscope.training import runtime; runtime.start_keras(1)"
    with pytest.raises(subprocess.CalledProcessError) as failure:
        run_python(code, KERAS_HOME=str(tmp_path))
    last = failure.value.stderr.splitlines()[-1]
    assert last == f"If its settings are to blame, mend or remove {tmp_path}/keras.json."


def test_a_package_that_is_not_installed_is_recorded_with_its_folder(tmp_path):
    """A version tells nothing of a user's own Keras on PYTHONPATH."""
    own = SimpleNamespace(__version__="3.15.0", __file__=str(tmp_path / "keras/__init__.py"))
    assert _version(own) == f"3.15.0 in {tmp_path}/keras"
    assert _version(numpy) == numpy.__version__


WRAPPERS = """
import sys
from batchscope.training import runtime

runtime.start_keras(1)
import keras, numpy, pandas, scipy.sparse
from PIL import Image

Image.new("RGB", (2, 3), (1, 2, 3)).save(sys.argv[1])
image = keras.utils.load_img(sys.argv[1])
assert keras.utils.img_to_array(image).tolist() == [[[1, 2, 3]] * 2] * 3
[batch] = keras.utils.image_dataset_from_directory(
    sys.argv[2], labels=None, image_size=(3, 2), verbose=False
)
assert batch.shape == (1, 3, 2, 3)

x, y = numpy.arange(20.0).reshape(10, 2), numpy.arange(10)
histories = []
for features, labels in (
    (x, y),
    (pandas.DataFrame(x, columns=["a", "b"]), pandas.Series(y)),
    (scipy.sparse.csr_matrix(x), y),
):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    histories.append(model.fit(features, labels, shuffle=False, verbose=0).history["loss"])
assert histories[0] == histories[1] == histories[2], histories
"""


def test_what_a_model_may_need_works_although_it_was_hidden(tmp_path):
    """Images, tables and sparse matrices in Keras, as if nothing had been left out at its start."""
    run_python(WRAPPERS, tmp_path / "image.png", tmp_path)


REDIRECT = """
import logging, os, subprocess, sys
from batchscope import joblog

print("printed before", flush=True)
joblog.redirect(sys.argv[1])
print("printed")
print("printed as error", file=sys.stderr)
logging.getLogger("some.module").info("logged")
os.write(1, b"written to 1\\n")
os.write(2, b"written to 2\\n")
subprocess.run(["echo", "said by a child"], check=True)
"""


def test_redirect_sends_everything_to_the_log(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("an earlier attempt\n" * 100)
    process = run_python(REDIRECT, log)
    assert (process.stdout, process.stderr) == ("printed before\n", "")
    lines = log.read_text().splitlines()
    [logged] = [line for line in lines if line.endswith(" logged")]
    lines.remove(logged)
    assert sorted(lines) == [
        "printed",
        "printed as error",
        "said by a child",
        "written to 1",
        "written to 2",
    ]


def test_redirect_keeps_the_traceback_of_a_failed_job(tmp_path):
    log = tmp_path / "job.log"
    code = "import sys; from batchscope import joblog; joblog.redirect(sys.argv[1]); 1 / 0"
    with pytest.raises(subprocess.CalledProcessError) as failure:
        run_python(code, log)
    assert failure.value.stderr == ""
    assert "ZeroDivisionError" in log.read_text()
