"""Paired randomness: what each replicate draws does not depend on batch size or recipe.

Replicate r starts from the same weights, and sees the same order of samples in epoch e, at every
point of a study; the batch size only decides where that order is cut.
"""

import numpy as np


def weights_seed(seed, replicate):
    """The 32-bit seed (int) of a replicate's initial weights and of its dropout masks."""
    sequence = np.random.SeedSequence(seed, spawn_key=(replicate,))
    return int(sequence.generate_state(1)[0])


def epoch_order(seed, replicate, epoch, n):
    """The order of the training samples in one epoch.

    Args:
        seed: the study seed.
        replicate: from 1.
        epoch: from 1.
        n: number of training samples.

    Returns:
        A permutation of 0 … n - 1, int64 [n]. Any epoch's order can be had without the ones
        before it.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(replicate, epoch))
    return np.random.default_rng(sequence).permutation(n)
