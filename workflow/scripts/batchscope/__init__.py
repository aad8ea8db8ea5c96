"""What batch size does to a training: data, trainer, convergence, table and figure."""
