"""The words of the study page that do not depend on its numbers."""

# Term -> what it is. The page shows each where the term is, on hover or focus.
DEFINITIONS = {
    "batch size": "How many training samples one update of the weights is computed from.",
    "recipe": (
        "How everything but the batch size is set: the optimizer, its learning rate and how that "
        "follows the batch size."
    ),
    "replicate": (
        "One training, or run, of a batch size. Replicates differ in their random initial weights "
        "and in the order of the samples. Replicate 1 begins in the same way at every batch size."
    ),
    "target": (
        "A value of a metric on the validation samples. A run reaches it at the first epoch from "
        "which the metric is as good, or better, for {hold} epochs in a row."
    ),
    "limits": (
        "{intervals} They hold for these training and validation samples; on others all values may "
        "lie elsewhere."
    ),
    "learning rate": "How far one update moves the weights, after the warm-up if there is one.",
    "runs that reach": (
        "Replicates that reach the target, of all replicates. A batch size is a candidate if it "
        "is {reliable} or more."
    ),
    "epochs": (
        "Passes over the training samples until the target is reached: the median over "
        "replicates. A replicate that does not reach it is later than all that do. > means: later "
        "than the last epoch that could be seen."
    ),
    "updates": "Steps of the optimizer until the target is reached: the same epochs in updates.",
    "seconds": (
        "The same epochs, times the seconds of an epoch with its validation. Imports and "
        "compilation are not in them."
    ),
    "expected seconds": (
        "The seconds of all runs over the number of runs that reach the target, so that failures "
        "are paid for. Of candidates only."
    ),
    "expected examples": (
        "The training samples of all runs, counted every time they are used, over the number of "
        "runs that reach the target: what a run costs. Of candidates only."
    ),
    "ms per epoch": "Milliseconds that an epoch takes with its validation, measured on its own.",
    "final": "The mean over completed replicates at the end of their training.",
    "best": (
        "The mean over completed replicates of the best value of all their epochs. It is better "
        "than on new samples."
    ),
    "law": (
        "S = S_min (1 + B_crit / B): S updates to the target at batch size B. Far below the "
        "critical batch size B_crit twice the batch size halves the updates; far above it saves "
        "none."
    ),
    "band": (
        "From the 10% quantile to the 90% quantile. Band and mean are over the replicates that "
        "trained so many epochs."
    ),
}

# What is not defined where no seconds are known.
OF_SECONDS = ("seconds", "expected seconds", "ms per epoch")

# What is otherwise known of imported trainings.
OF_IMPORTED = {
    "replicate": "One training, or run, of a batch size.",
    "learning rate": "What the config says of the recipe.",
}

OF_LOOP = (
    "Seconds are those of a compiled training loop on {device}, with the validation. Where an "
    "update takes longer whatever its size, as in Keras's `fit`, larger batches gain: there go by "
    "the updates in the table."
)

AUTO_TARGET = "The study's own target was set by rule: it is {rule}."

OWN_TARGETS = (
    "Each recipe has a target of its own, so times of different recipes do not compare, until the "
    "target below is moved: then all are held to the same one."
)

# What the page's script says; the names in braces are put in by it.
SCRIPT = {
    "between": (
        "This target lies between those that were computed in advance. Times to the target and "
        "runs that reach are exact for it. The answer, the law and the expected values are those "
        "of {nearest}."
    ),
    "half": "Half of the runs or more reach {target} at {sizes}.",
    "nowhere": "At no batch size do half of the runs reach {target}.",
    "nothing": "not reached",
    "curves": (
        "Learning curves of {recipe}: mean {metric} against {unit}, a line per batch size. "
        "They end at {ends}."
    ),
    "times": "{unit} to the target against batch size, of {recipe}: {times}.",
    "rates": (
        "{measure} against learning rate, of {recipe}, a line per batch size. The least: {lowest}."
    ),
    "best_rates": "Best learning rate against batch size, of {recipe}: {told}.",
    "panel": "Learning curves at batch size {size} of {recipe}. {reach}",
    "reaches": "Half of the runs have reached the target by {time}.",
    "reaches_not": "Less than half of the runs reach the target.",
    "read": "At epoch {epoch}, mean {metric} by batch size: {values}.",
    "rows": "{rows} rows, sorted by {column}, {direction}.",
}

# Units of the horizontal axis, and of the time to a target.
UNITS = {"epoch": "epochs", "updates": "updates", "seconds": "seconds"}
