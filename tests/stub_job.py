"""Stands in for the script of any rule: each of its outputs is a digest of all that it was given.

`jobs.txt` names each job that begins and ends. `fault.json` says which job is to break, and how.
"""

import json
import os
import signal
from hashlib import sha256
from pathlib import Path

from batchscope import joblog
from batchscope.files import read_sealed, seal, write_text


def main(rule):
    """Write the digests.

    Raises:
        ValueError: if an input is damaged.
        SystemExit: if the job is to fail.
    """
    name = " ".join([rule.rule, *rule.wildcards])
    fault = json.loads(Path("fault.json").read_text()) if Path("fault.json").exists() else {}
    note(f"begin {name}")
    params = {key: value for key, value in rule.params.items() if key != "code"}
    given = [name, params, *(read_sealed(path) for path in rule.input)]
    digest = sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
    for number, path in enumerate(rule.output):
        if fault.get("job") == name and number == fault["outputs"] % len(rule.output):
            Path("fault.json").unlink()
            if fault["kind"] == "fails":
                raise SystemExit("this job fails")
            # As a terminal does it: Snakemake and its jobs are one group of processes.
            os.killpg(0, signal.Signals[fault["kind"]])
        write_text(path, f"{digest} {number}\n")
        seal(path)
    note(f"end {name}")


def note(line):
    """Add a line to jobs.txt."""
    with Path("jobs.txt").open("a") as file:
        file.write(f"{line}\n")


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake)
