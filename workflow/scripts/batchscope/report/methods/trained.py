"""What was trained: the data, the model, the trainings and their optimizers."""

from pathlib import PurePath

from batchscope.report.training import training_sentences
from batchscope.report.wording import count, enumerate_words, setting, sizes_text

SPLITS = {
    "first": "in the order of the data",
    "shuffled": "drawn at random, seed {seed}",
    "stratified": "drawn at random within each class, seed {seed}",
    "given": "split as the files are",
}
PARTS = {"train": "training", "validation": "validation", "test": "test"}

MISSING = (
    "A missing number is the median of the training samples, a missing category their most "
    "frequent one."
)

PAIRED = (
    "A replicate has the same initial weights and the same orders of samples at every batch size. "
    "So replicates are paired."
)
SINGLE = "Initial weights and orders of samples are the same at every batch size."

# What follows the batch size, by which rule, from `value` at `reference_batch_size`.
RULES = {
    "linear": (
        "{optimizer} with a learning rate in proportion to the batch size (Goyal et al. 2017), "
        "{value} at batch size {reference_batch_size}"
    ),
    "sqrt": (
        "{optimizer} with a learning rate in proportion to the square root of the batch size "
        "(Malladi et al. 2022), {value} at batch size {reference_batch_size}"
    ),
    "half_life": (
        "{optimizer} with the learning rate {value}, and with a beta_2 that has the same half-life "
        "in samples at every batch size as at batch size {reference_batch_size} (Marek et al. 2025)"
    ),
}

CHOSEN = {
    "time": (
        "Every learning rate of a grid was trained. Each batch size takes the one with the fewest "
        "expected epochs to the target or, where no run reaches the target, the lowest mean best "
        "validation loss."
    ),
    "loss": (
        "Every learning rate of a grid was trained. Each batch size takes the one with the lowest "
        "mean best validation loss."
    ),
}

IMPORTED = (
    "The trainings were done elsewhere, at {sizes}, with {samples} training samples and "
    "{replicates} of each. Their histories were imported."
)
PAIRED_BY_NUMBER = (
    " Runs of the same number are taken as pairs. Whether they share their seeds is not known here."
)


def data(settings, dataset):
    """What the data are, from `dataset` of the config and from dataset.json."""
    if "source" in settings:
        call = _call(settings["source"], settings["arguments"])
        text = f"The data are {call} of scikit-learn."
    elif "table" in settings:
        table = settings["table"]
        file, target = _file(table["file"]), _code(table["target"])
        text = f"The data are the table {file}; {target} is predicted."
    else:
        files = enumerate_words([_file(file) for file in settings["arrays"].values()])
        text = f"The data are the arrays of {files}."
    features, classes = dataset["features"], dataset["class_names"]
    target = f"one of {len(classes)} classes" if classes else "a number"
    text += f" A sample has {_counted_shape(features)}; its target is {target}."
    parts = [f"{count(size)} {PARTS[part]}" for part, size in dataset["sizes"].items()]
    split = SPLITS[dataset["split"]].format(seed=dataset["split_seed"])
    text += f" There are {enumerate_words(parts)} samples, {split}."
    if dataset["missing"] == "impute":
        text += f" {MISSING}"
    if dataset["standardized"]:
        text += " Each feature has mean 0 and standard deviation 1 over the training samples."
    if dataset["class_weights"]:
        text += " In the loss of training all classes have the same weight."
    return text


def model(settings, jobs):
    """What the model is, from `model` of the config and what job.json of each point holds."""
    if "file" in settings:
        text = f"The model is what `build_model` in {_file(settings['file'])} returns"
    else:
        layers = [_call(name, own) for layer in settings["layers"] for name, own in layer.items()]
        text = f"The model consists of the Keras layers {enumerate_words(layers)}"
    parameters = {job["parameters"] for job in jobs} - {None}
    if len(parameters) == 1:
        text += f". It has {_counted(parameters.pop(), 'parameter')}"
    return f"{text}. It minimises the {settings['loss'].replace('_', ' ')}."


def trainings(config, jobs, answer):
    """How often and how long the model was trained, and what replicates share."""
    replicates = config["replicates"]
    times = "once" if replicates == 1 else f"{replicates} times"
    times += " by each recipe" if len(config["recipes"]) > 1 else ""
    long = f"for {_counted(config['epochs'], 'epoch')}"
    if config["min_updates"]:
        long += f", or for more until it had made {count(config['min_updates'])} updates"
    text = f"At {sizes_text(config['batch_sizes'])} the model was trained {times} {long}."
    for size, own in config["overrides"].items():
        told = [_counted(own["epochs"], "epoch")] if "epochs" in own else []
        if "learning_rate" in own:
            told.append(f"a learning rate of {setting(own['learning_rate'])}")
        text += f" Batch size {size} is an exception, with {enumerate_words(told)}."
    text += f" {SINGLE if replicates == 1 else PAIRED}"
    text += f" All of these follow from the seed {config['seed']}."
    text += "".join(f" {sentence}" for sentence in training_sentences(answer))
    versions = [job["versions"] for job in jobs if job["versions"]]
    if versions:
        devices = dict.fromkeys(job["device"] for job in jobs if job["device"])
        text += (
            f" Keras {versions[0]['keras']} and TensorFlow {versions[0]['tensorflow']} trained it "
            f"on {enumerate_words(devices)}."
        )
    return text


def imported(config, answer):
    """What is known of trainings that were done elsewhere."""
    replicates = answer["intervals"]["replicates"]
    text = IMPORTED.format(
        sizes=sizes_text(config["batch_sizes"]),
        samples=count(config["histories"]["train_samples"]),
        replicates=_counted(replicates, "run"),
    )
    return text if replicates == 1 else text + PAIRED_BY_NUMBER


def optimizers(config):
    """A sentence for each recipe of which anything is known."""
    known = [recipe for recipe in config["recipes"] if {"optimizer", "learning_rate"} & set(recipe)]
    told = [f"`{recipe['name']}`: {_optimizer(recipe)}." for recipe in known]
    rates = [recipe.get("learning_rate") for recipe in config["recipes"]]
    if any(isinstance(rate, dict) and "grid" in rate for rate in rates):
        told.append(CHOSEN[config["convergence"]["choose_rate_by"]])
    return " ".join(told)


def _optimizer(recipe):
    optimizer = _call(recipe.get("optimizer", "a training"), recipe.get("arguments"))
    rate = recipe.get("learning_rate")
    if rate is None:
        text = optimizer
    elif not isinstance(rate, dict):
        text = f"{optimizer} with the learning rate {setting(rate)}"
    elif "grid" in rate:
        tried = enumerate_words([setting(value) for value in sorted(rate["grid"])])
        text = f"{optimizer} with a learning rate of the grid {tried}"
    else:
        values = rate | {"optimizer": optimizer, "value": setting(rate["value"])}
        text = RULES[rate["rule"]].format(**values)
    if recipe.get("warmup_epochs"):
        text += f", which rises over {_counted(recipe['warmup_epochs'], 'epoch')} of warm-up"
    if recipe.get("keep_timescale"):
        text += "; weight decay has the same timescale at every batch size (Bergsma et al. 2025)"
    return text


def _code(name):
    """A name of the user's as Markdown, which no character in it ends."""
    return f"`{str(name).replace('`', ' ')}`"


def _file(path):
    return _code(PurePath(path).name)


def _call(name, arguments):
    """ "Dense(units=50, activation=relu)" as Markdown, and "Adam" without arguments."""
    told = ", ".join(f"{key}={value}" for key, value in (arguments or {}).items())
    return _code(f"{name}({told})") if told else name


def _counted(how_many, what):
    return f"{count(how_many)} {what}{'' if how_many == 1 else 's'}"


def _counted_shape(shape):
    """ "2 features", or "8 × 8 values"."""
    if len(shape) == 1:
        return _counted(shape[0], "feature")
    return f"{' × '.join(map(str, shape))} values"
