"""Measures what an update takes on this device at each batch size, and the largest that fits."""

import logging

from batchscope import joblog
from batchscope.training.stopping import StopGuard, end_as_success


def main(guard, rule):
    """Write device.json.

    Args:
        guard: the process's StopGuard.
        rule: the rule's `snakemake` object. With no GPU granted one that is there is left alone.

    Raises:
        SystemExit: when stopped.
    """
    # These take seconds, in which the guard has to be there.
    from batchscope import files
    from batchscope.training import devices, runtime

    devices.take(rule.resources)
    runtime.start_keras(rule.threads)
    from batchscope.data.dataset import load
    from batchscope.training.measure import describe_device
    from batchscope.training.ways import read_way

    arrays, way = load(rule.input.dataset, rule.input.description), read_way(rule.input.way)
    facts = describe_device(rule.params.points, arrays, way, runtime.device(), rule.threads)
    guard.hold()
    guard.stop_if_orphan()
    files.write_json(rule.output.json, facts)
    files.seal(rule.output.json)
    if request := guard.request():
        logging.info("stopped too late by %s: all files are written", request)


if "snakemake" in globals():
    guard = StopGuard()
    joblog.redirect(snakemake.log[0])
    main(guard, snakemake)
    end_as_success()
