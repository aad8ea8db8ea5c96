"""Which learning rate a run trains at: its warm-up, and what its point's tuning chose."""


def schedule(learning_rate, warmup_epochs, first, last):
    """The learning rates of epochs first … last, each epoch at one.

    The W warm-up epochs train at 1/(W + 1), 2/(W + 1), … of the learning rate (gradual warm-up,
    Goyal et al. 2017, by epochs).
    """
    return [learning_rate * min(1, epoch / (warmup_epochs + 1)) for epoch in range(first, last + 1)]


def choose(losses):
    """The learning rate whose trials end best.

    Args:
        losses: dict learning rate -> the best validation loss of each of its trials, inf for one
            that diverged.

    Returns:
        The learning rate with the lowest median; the smallest of several that share it.
    """

    def middle(rate):
        ordered = sorted(losses[rate])
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2

    return min(sorted(losses), key=middle)


def edge(rate, grid):
    """ "lowest" or "highest" where a better rate may lie beyond the grid, else None."""
    return {min(grid): "lowest", max(grid): "highest"}.get(rate)
