"""What a study would take on this device, told without training to convergence."""

from batchscope.config.recipe import settle
from batchscope.results import TRAINING_KEYS
from batchscope.training.largest import find_largest
from batchscope.training.model_file import blamed_on
from batchscope.training.pace import measure_pace
from batchscope.training.point import describe


def describe_device(points, arrays, way, device, threads):
    """Measure the pace of every point, and find the largest batch size that fits.

    Args:
        points: from `config.resolve_point`.
        arrays: from `dataset.load`.
        way: one of `ways`.
        device: (kind, name) of what trains, from `runtime.device`.
        threads: threads that the process was started with.

    Returns:
        dict of plain values: device.json.
    """
    name = ": ".join(device)
    points = [settle(point, len(arrays["x_train"])) for point in points]
    jobs = [describe(point, arrays, way, threads, name) for point in points]
    (_, rows), facts = measure_pace(jobs, arrays, device, threads)
    largest, trainings, found = {}, {}, {}
    for point, job in zip(points, jobs, strict=True):
        own = {key: point[key] for key in TRAINING_KEYS}
        own["samples_per_epoch"] = job["samples_per_epoch"]
        trainings.setdefault(point["recipe"], {})[str(point["batch_size"])] = own
    for recipe in trainings:
        own = [point for point in points if point["recipe"] == recipe]
        point = max(own, key=lambda point: point["batch_size"])
        # What an optimizer remembers takes memory; its learning rate does not.
        if point["optimizer"] not in found:
            with blamed_on(point["model"].get("file")):
                found[point["optimizer"]] = find_largest(point, arrays, way, device[0])
        largest[recipe] = found[point["optimizer"]]
    return facts | {"largest": largest, "trainings": trainings, "rounds": rows}
