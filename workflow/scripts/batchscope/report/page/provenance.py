"""What a study was made from, for the end of its page."""


def provenance(config, dataset, jobs):
    """What a study was made from.

    Args:
        config: the completed config.
        dataset: what dataset.json holds; None of imported trainings, whose data are not known.
        jobs: what job.json of each point holds.

    Returns:
        dict of plain values. What differs between points is a list of all that it was.
    """
    if dataset is None:
        files = [file for job in jobs for file in job["histories"]]
        return {"config": config, "histories": files}
    model = jobs[0]["point"].get("model", {})
    facts = ("device", "threads", "trained_by", "random_layers", "versions", "environment")
    return {
        "config": config,
        "dataset": {"sha256": dataset["sha256"], "sizes": dataset["sizes"]},
        **({"model_file": {"sha256": model["sha256"]}} if "sha256" in model else {}),
        **{fact: _all(job[fact] for job in jobs) for fact in facts},
    }


def _all(values):
    """The value that all have, or a list of the different ones."""
    different = []
    for value in values:
        if value not in different:
            different.append(value)
    return different[0] if len(different) == 1 else different
