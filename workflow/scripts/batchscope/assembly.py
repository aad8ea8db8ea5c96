"""A study's measurements from its files, as every rule that measures needs them."""

from batchscope.analysis.measurements import measure
from batchscope.integrity import read_table
from batchscope.saved_pace import read_pace
from batchscope.trained import read_points


def read_measurements(inputs, params, elsewhere=None):
    """Read what was saved of a study, and put its measurements together.

    Args:
        inputs: the rule's: trained, the path of trained.npz; pace, that of pace.csv, empty of a
            study of histories; convergence, that of epochs.csv.
        params: the rule's: names, (recipe, batch size) of each point; settings, `convergence` of
            the config.
        elsewhere: another device, see `measure`.

    Returns:
        Measurements.

    Raises:
        ValueError: if a file is not what it should be, naming it.
    """
    return measure(
        read_points(inputs.trained, params.names, training=False),
        read_pace(inputs.pace),
        read_table(inputs.convergence),
        params.settings,
        elsewhere,
    )
