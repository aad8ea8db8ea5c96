"""A number with its limits survives being saved, whatever lies outside of what could be seen."""

import json

import numpy as np
import pandas as pd
import pytest
from saved import reread

from batchscope.analysis.interval import Interval, read_intervals

INF, NAN = np.inf, np.nan
INTERVALS = [
    Interval(2.0, 1.0, 3.0),
    Interval(2.0, 1.0, INF, 4.0),
    Interval(INF, 3.0, INF, 4.0),
    Interval(INF, INF, INF, 4.0),
    Interval(0.5, -INF, 1.0),
    Interval(-INF, -INF, 2.0),
    Interval(2.0, NAN, NAN),
    Interval(NAN, NAN, NAN),
]


@pytest.mark.parametrize("infinities", [("above", "below"), ("above",), ()])
def test_a_table_gives_back_what_it_was_given(infinities):
    allowed = {INF: "above" in infinities, -INF: "below" in infinities}
    kept = [i for i in INTERVALS if all(allowed.get(number, True) for number in i[:3])]
    table = pd.DataFrame([interval.as_columns("epoch", infinities) for interval in kept])
    assert not np.isinf(table.select_dtypes("number")).any(axis=None)
    read = read_intervals(reread(table), "epoch")
    np.testing.assert_array_equal(np.transpose(read), [interval[:3] for interval in kept])


@pytest.mark.parametrize("interval", INTERVALS)
def test_json_names_what_lies_outside(interval):
    told = json.loads(json.dumps(interval.as_json(), allow_nan=False))
    for part in ("low", "value", "high"):
        number = getattr(interval, part)
        assert told[part] == (number if np.isfinite(number) else None)
        assert (part in told["above"]) == (number == INF)
        assert (part in told["below"]) == (number == -INF)
    assert told["later_than"] == (None if np.isnan(interval.later_than) else 4.0)
