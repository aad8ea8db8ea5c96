"""Starts Keras on TensorFlow: quickly, on the threads granted, and on the GPU if there is one."""

import contextlib
import gc
import importlib
import os
import platform
import resource
import sys
from pathlib import Path

# Keras and TensorFlow look for these while they are imported, which takes a third of the start.
# Keras goes without its wrappers for scikit-learn and its galleries of pictures then. It imports
# SciPy again where it needs it, and takes a DataFrame for the array that it holds.
OPTIONAL = ("matplotlib", "pandas", "scipy", "sklearn")


@contextlib.contextmanager
def hidden(names):
    """Make the modules `names` look not installed while the block runs, unless already loaded."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextlib.contextmanager
def uncollected():
    """Look for no garbage while the block runs, and never among what it made.

    An import makes many objects, which stay: to look at them again and again takes time
    (benchmarks/start.py).
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def set_environment(threads):
    """Hold BLAS, TensorFlow and XLA to `threads` threads, and have Keras use TensorFlow.

    Call it before anything imports NumPy or TensorFlow: their thread pools are sized at import.
    """
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ):
        os.environ[name] = str(threads)
    # The newer of XLA's two code generators for CPUs takes longer to compile these small programs
    # (benchmarks/start.py), which then run no faster.
    flags = ["--xla_cpu_use_fusion_emitters=false", os.environ.get("XLA_FLAGS", "")]
    if threads == 1:
        flags += ["--xla_cpu_multi_thread_eigen=false", "--xla_cpu_parallel_codegen_split_count=1"]
    os.environ["XLA_FLAGS"] = " ".join(flags).strip()
    os.environ["KERAS_BACKEND"] = "tensorflow"


def start_keras(threads):
    """Import Keras with TensorFlow on `threads` threads, before anything else imports NumPy.

    On a GPU, memory is taken as needed instead of all at once.
    """
    set_environment(threads)
    with uncollected(), hidden(OPTIONAL):
        importlib.import_module("keras")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def device():
    """What trains here, as (kind, name): ("GPU", its name) or ("CPU", the processor's name)."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return "GPU", details.get("device_name", gpus[0].name)
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return "CPU", names[0] if names else platform.processor() or platform.machine()


def peak_memory_mib():
    """The most memory in use at once, in MiB: the GPU's where one trains, else the process's."""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def versions():
    """Versions of what decides a training's numbers."""
    import keras
    import numpy
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": numpy.__version__,
    }
