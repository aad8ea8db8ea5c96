"""A study's measurements from its files, as every rule that measures needs them."""

from batchscope.analysis.measurements import measure
from batchscope.integrity import read_table
from batchscope.saved import read_points
from batchscope.saved_pace import read_pace


def read_measurements(inputs, params, elsewhere=None):
    """Read what was saved of a study, and put its measurements together.

    Args:
        inputs: the rule's: pace, the path of pace.csv, empty of a study of histories; convergence,
            that of epochs.csv.
        params: the rule's: train, the folder of all trainings; names, (recipe, batch size) of each
            point; settings, `convergence` of the config.
        elsewhere: another device, see `measure`.

    Returns:
        Measurements.

    Raises:
        ValueError: if a file is not what it should be, naming it.
    """
    return measure(
        read_points(params.train, params.names, training=False),
        read_pace(inputs.pace),
        read_table(inputs.convergence),
        params.settings,
        elsewhere,
    )
