"""What the tests share: Keras, started once."""

import pytest


@pytest.fixture(scope="session")
def keras():
    """Keras on one thread. Tests that do not ask for it do not wait for TensorFlow."""
    from batchscope.training import runtime

    runtime.start_keras(1)
    import keras

    return keras
