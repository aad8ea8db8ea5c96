"""Starts Keras on TensorFlow: quickly, on the threads granted, and on the GPU if there is one."""

import contextlib
import gc
import importlib
import logging
import os
import platform
import resource
import sys
from pathlib import Path

log = logging.getLogger(__name__)

# Keras and TensorFlow look for these while they are imported, which takes a third of the start.
# Keras goes without its wrappers for scikit-learn and its galleries of pictures then. It imports
# SciPy again where it needs it, and takes a DataFrame for the array that it holds.
OPTIONAL = ("matplotlib", "pandas", "scipy", "sklearn")

# Keras, TensorFlow and its oneDNN read variables of these names. They are for other programs of the
# user, and some change numbers.
LEFT_OUT = ("DNNL_", "KERAS_", "ONEDNN_", "TF_")
# Where Keras keeps what it has downloaded, and what TensorFlow prints.
HARMLESS = ("KERAS_HOME", "TF_CPP_")
# A cluster may have set these for its GPUs. They may change numbers too, so job.json has them.
RECORDED = ("CUBLAS_", "CUDNN_", "NVIDIA_TF32_OVERRIDE", "TF_GPU_", "XLA_FLAGS")
GPU_FLAG = "--xla_gpu_"


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

    What else in the environment changes numbers is left out, or stays if it is for a GPU. The log
    says which. Call it before anything imports NumPy or TensorFlow: their thread pools are sized at
    import.
    """
    own_flags = os.environ.get("XLA_FLAGS", "").split()
    gpu_flags = [flag for flag in own_flags if flag.startswith(GPU_FLAG)]
    left_out = [flag for flag in own_flags if flag not in gpu_flags]
    for name in sorted(os.environ):
        if name.startswith(LEFT_OUT) and not name.startswith((*HARMLESS, *RECORDED)):
            left_out.append(f"{name}={os.environ.pop(name)}")
    if left_out:
        log.info("left out of the environment, where it might change numbers: %s", left_out)
    if gpu_flags:
        log.info("XLA_FLAGS has %s. If XLA does not know a flag, it ends this job.", gpu_flags)
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
    flags = ["--xla_cpu_use_fusion_emitters=false", *gpu_flags]
    if threads == 1:
        flags += ["--xla_cpu_multi_thread_eigen=false", "--xla_cpu_parallel_codegen_split_count=1"]
    os.environ["XLA_FLAGS"] = " ".join(flags)
    os.environ["KERAS_BACKEND"] = "tensorflow"


def start_keras(threads):
    """Import Keras with TensorFlow on `threads` threads, before anything else imports NumPy.

    Keras's settings are its defaults, whatever the user's keras.json says. On a GPU, memory is
    taken as needed instead of all at once.
    """
    set_environment(threads)
    with uncollected(), hidden(OPTIONAL):
        try:
            keras = importlib.import_module("keras")
        except (AttributeError, ValueError) as error:
            # Keras does not say where it has its settings from.
            home = os.environ.get("KERAS_HOME", "~/.keras")
            error.add_note(f"If its settings are to blame, mend or remove {home}/keras.json.")
            raise
    import tensorflow as tf

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")

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
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
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
        "keras": _version(keras),
        "tensorflow": _version(tf),
        "numpy": _version(numpy),
    }


def _version(package):
    """Its version; with its folder if it is not an installed one, whose version tells little."""
    folder = Path(package.__file__).parent
    installed = folder.parent.name in ("site-packages", "dist-packages")
    return package.__version__ if installed else f"{package.__version__} in {folder}"


def environment():
    """What decides a training's numbers of the settings that a process has of its own.

    Returns:
        dict: Keras's settings, which a user's model may have changed; and `variables`, a dict of
        the environment's variables for GPUs and XLA.
    """
    import keras

    return {
        "floatx": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "image_data_format": keras.config.image_data_format(),
        "dtype_policy": keras.config.dtype_policy().name,
        "variables": {
            name: value for name, value in sorted(os.environ.items()) if name.startswith(RECORDED)
        },
    }
