"""The learning rates that a run trains at: its warm-up."""


def schedule(learning_rate, warmup_epochs, first, last):
    """The learning rates of epochs first … last, each epoch at one.

    The W warm-up epochs train at 1/(W + 1), 2/(W + 1), … of the learning rate (gradual warm-up,
    Goyal et al. 2017, by epochs).
    """
    return [learning_rate * min(1, epoch / (warmup_epochs + 1)) for epoch in range(first, last + 1)]
