"""The methods section of a paper, of one study."""

from batchscope.report.methods.citations import cited
from batchscope.report.methods.judged import comparison, convergence, law, seconds
from batchscope.report.methods.trained import data, imported, model, optimizers, trainings


def methods_section(config, dataset, jobs, answer):
    """How a study was made and judged.

    Args:
        config: the completed config.
        dataset: what dataset.json holds; None of imported trainings, whose data are not known.
        jobs: what job.json of each point holds.
        answer: what recommendation.json holds.

    Returns:
        list of the blocks of a Markdown text.
    """
    if answer["imported"]:
        paragraphs = {"Trainings": imported(config, answer)}
    else:
        paragraphs = {
            "Data": data(config["dataset"], dataset),
            "Model": model(config["model"], jobs),
            "Trainings": trainings(config, jobs, answer),
        }
    paragraphs |= {
        "Optimizers": optimizers(config),
        "Convergence": convergence(config, answer),
        "Seconds": seconds(answer),
        "Comparison": comparison(answer),
        "Batch-size law": law(answer),
    }
    blocks = [f"**{title}.** {text}" for title, text in paragraphs.items() if text]
    works = cited(" ".join(blocks))
    return [*blocks, *(["**References**"] if works else []), *(f"- {work}" for work in works)]
