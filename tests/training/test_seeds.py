"""What each replicate draws: distinct, and the same on every machine."""

import itertools

import numpy as np

from batchscope.training.seeds import epoch_order, weights_seed


def test_an_order_is_a_permutation():
    for n in (1, 2, 500):
        order = epoch_order(1, 1, 1, n)
        assert np.issubdtype(order.dtype, np.integer)
        assert np.array_equal(np.sort(order), np.arange(n))


def test_orders_differ_between_seeds_replicates_and_epochs():
    keys = list(itertools.product(range(4), range(1, 6), range(1, 11)))
    orders = {tuple(epoch_order(*key, 100)) for key in keys}
    assert len(orders) == len(keys)


def test_an_epoch_can_be_had_without_the_ones_before_it():
    epochs = [epoch_order(1, 1, epoch, 50) for epoch in range(1, 8)]
    assert np.array_equal(epoch_order(1, 1, 7, 50), epochs[-1])


def test_orders_do_not_touch_the_global_generator():
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    epoch_order(1, 1, 1, 50)
    weights_seed(1, 1)
    assert np.random.random() == expected


def test_weights_seeds_are_distinct_and_fit_in_32_bits():
    seeds = [weights_seed(seed, replicate) for seed in (0, 1) for replicate in range(1, 1001)]
    assert len(set(seeds)) == len(seeds)
    assert all(type(seed) is int and 0 <= seed < 2**32 for seed in seeds)


def test_known_values():
    assert [weights_seed(1, replicate) for replicate in (1, 2, 30)] == [
        1454127163,
        2749604155,
        1983890931,
    ]
    assert epoch_order(1, 1, 1, 10).tolist() == [9, 6, 3, 4, 0, 1, 5, 7, 8, 2]
    assert epoch_order(1, 3, 7, 10).tolist() == [7, 9, 6, 5, 2, 8, 1, 4, 0, 3]


def test_seed_zero_is_a_seed_like_any_other():
    assert [weights_seed(0, replicate) for replicate in (1, 2, 30)] == [
        673228719,
        3241444873,
        31145354,
    ]
    assert epoch_order(0, 1, 1, 10).tolist() == [5, 6, 7, 4, 0, 2, 3, 1, 9, 8]
