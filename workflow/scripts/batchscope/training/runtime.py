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


def start_keras(threads):
    """Import Keras with TensorFlow, BLAS and XLA held to `threads` threads.

    Call it before anything imports TensorFlow or NumPy: their thread pools are sized at import.
    On a GPU, memory is taken as needed instead of all at once.
    """
    count = str(threads)
    for name in ("OMP", "OPENBLAS", "MKL", "TF_INTRAOP", "TF_INTEROP"):
        prefix, _, pool = name.partition("_")
        os.environ[f"{prefix}_NUM_{pool}_THREADS" if pool else f"{name}_NUM_THREADS"] = count
    # The newer of XLA's two code generators for CPUs takes longer to compile these small programs
    # (benchmarks/start.py), which then run no faster.
    flags = ["--xla_cpu_use_fusion_emitters=false", os.environ.get("XLA_FLAGS", "")]
    if threads == 1:
        flags += ["--xla_cpu_multi_thread_eigen=false", "--xla_cpu_parallel_codegen_split_count=1"]
    os.environ["XLA_FLAGS"] = " ".join(flags).strip()
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # Looking for garbage among the many objects of an import takes time, and they stay
    # (benchmarks/start.py).
    gc.disable()
    with hidden(OPTIONAL):
        importlib.import_module("keras")
    import tensorflow as tf

    gc.freeze()
    gc.enable()

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
