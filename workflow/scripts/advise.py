"""Says which batch size is best on each device, and what a run to the target costs there."""

import json

from batchscope import joblog


def main(inputs, outputs, params):
    """Write advice.json and advice.md.

    Args:
        inputs: the rule's: see `read_measurements`; devices, a device.json of each other device.
        outputs: the rule's: json, markdown.
        params: the rule's: see `read_measurements`; devices of the config.
    """
    from batchscope.analysis.advice import advise
    from batchscope.assembly import read_measurements
    from batchscope.files import write_text
    from batchscope.report.advice import advice_markdown
    from batchscope.saved_pace import read_device

    own = read_measurements(inputs, params)
    files, devices = iter(inputs.devices), []
    for number, device in enumerate(params.devices, start=1):
        price = device.get("price_per_hour")
        if "measured" in device:
            pace, largest = read_device(next(files), own.saved)
            measurements = read_measurements(inputs, params, (number, pace))
            devices.append((measurements, price, False, largest))
        else:
            devices.append((own, price, True, {}))
    told = advise(devices)
    write_text(outputs.json, json.dumps(told, indent=2, allow_nan=False) + "\n")
    write_text(outputs.markdown, advice_markdown(told))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
