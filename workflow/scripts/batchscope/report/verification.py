"""Whether a training came to the same bytes again, in words."""

from batchscope.report.differences import setting_rows

# What job.json says of how a training went; its numbers follow from the rest.
WENT = (
    "compile_seconds",
    "seconds_per_epoch",
    "skipped_updates",
    "startup_seconds",
    "peak_memory_mib",
    "sha256",
)

UNRECORDED = {"–": "nothing"}


def verification_text(name, recorded, now):
    """What came of training a point again.

    Args:
        name: of the point.
        recorded: what job.json of the study holds.
        now: what job.json of the new training holds.

    Returns:
        text of several lines.
    """
    before, after = (job["sha256"]["history.csv"] for job in (recorded, now))
    same = before == after
    lines = [f"{name}: history.csv is {'' if same else 'not '}byte-identical when trained again."]
    lines += [f"  sha256: {before}" if same else f"  sha256: {before} in the study, {after} now"]
    rows = setting_rows(_causes(recorded), _causes(now))
    if rows:
        lines.append(f"This differs from what job.json records{', but changes nothing' * same}:")
        lines += [
            f"  {key}: {UNRECORDED.get(one, one)} in the study, {UNRECORDED.get(other, other)} now"
            for key, one, other in rows
        ]
    elif not same:
        lines.append(
            "Nothing differs from what job.json records: hyperparameters, data, code, versions, "
            "device, threads, environment."
        )
        lines.append("So something else does, such as the instructions of the processor.")
    return "\n".join(lines)


def _causes(job):
    """The facts of job.json that the numbers of a training follow from."""
    causes = {key: value for key, value in job.items() if key not in WENT}
    # A model's file counts by its bytes, wherever it is.
    model = {key: value for key, value in job["point"]["model"].items() if key != "file"}
    return causes | {"point": job["point"] | {"model": model}}
