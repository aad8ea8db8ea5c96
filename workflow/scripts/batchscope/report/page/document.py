"""Puts the study page together: one file that needs no other, and nothing from the network."""

import re
from pathlib import Path

import jinja2
import vl_convert
import yaml

from batchscope.analysis.retarget import GRID_DRAWS
from batchscope.report.headline import missing_sentences
from batchscope.report.methods.judged import auto_target
from batchscope.report.page.content import ABOVE, MOVED
from batchscope.report.page.words import (
    AUTO_TARGET,
    DEFINITIONS,
    OF_IMPORTED,
    OF_LOOP,
    OF_SECONDS,
    OWN_TARGETS,
    SCRIPT,
    UNITS,
)
from batchscope.report.reading import OF_TEST, intervals_sentence, is_tested, is_timed
from batchscope.report.summary import IMPORTED
from batchscope.report.training import training_sentences
from batchscope.report.wording import UNKNOWN, enumerate_words, percent

FOLDER = Path(__file__).parent
SCRIPTS = (
    "epochs.js",
    "sorting.js",
    "charts.js",
    "study.js",
    "drawing.js",
    "times.js",
    "rates.js",
    "table.js",
    "page.js",
)


def study_page(content, answer, hold, provenance, compared=None):
    """The text of study.html.

    Args:
        content: from `content.page_content`.
        answer: what recommendation.json holds.
        hold: epochs in a row that a target is held for.
        provenance: dict of plain values: what the study was made from.
        compared: how two studies differ, of a page of both: `folders` and `settings`, `sentences`
            and `tables`, as of `report.differences`.

    Returns:
        HTML. All that the config or the machine named is escaped.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A dict keeps its order, and what JSON does not know is an error.
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    first = next(iter(answer["recipes"].values()))["recommendation"]
    return environment.get_template("page.html").render(
        answer=answer,
        compared=compared,
        content=content,
        columns=[dict(zip(("label", "term", "csv"), column, strict=True)) for column in MOVED],
        definitions=_definitions(answer, hold),
        notes=_notes(answer),
        own_target=_own_target(provenance, answer),
        grid_draws=GRID_DRAWS,
        devices=enumerate_words(first["devices"]),
        words={"script": SCRIPT, "units": UNITS, "above": ABOVE, "unknown": UNKNOWN},
        provenance=yaml.safe_dump(provenance, sort_keys=False, allow_unicode=True, width=72),
        versions={
            "Vega-Lite": vl_convert.get_vegalite_versions()[-1],
            "Vega": vl_convert.get_vega_version(),
            "Vega-Embed": vl_convert.get_vega_embed_version(),
        },
        style=(FOLDER / "page.css").read_text(encoding="utf-8"),
        library=_inline(vl_convert.javascript_bundle()),
        scripts=[_inline((FOLDER / script).read_text(encoding="utf-8")) for script in SCRIPTS],
    )


def _definitions(answer, hold):
    """Term -> what it is, of the terms that a study needs."""
    first = next(iter(answer["recipes"].values()))["recommendation"]
    values = {
        "hold": hold,
        "reliable": percent(first["reliable"]),
        "intervals": intervals_sentence(answer),
    }
    definitions = DEFINITIONS | (OF_IMPORTED if answer["imported"] else {})
    unknown = () if is_timed(answer) else OF_SECONDS
    return {term: t.format(**values) for term, t in definitions.items() if term not in unknown}


def _notes(answer):
    """What a reader has to know of how the study was trained."""
    first = next(iter(answer["recipes"].values()))
    notes = missing_sentences(answer) + ([IMPORTED] if answer["imported"] else [])
    targets = {recipe["target"]["value"] for recipe in answer["recipes"].values()}
    if len(targets - {None}) > 1:
        notes.append(OWN_TARGETS)
    if is_timed(answer) and {point["trained_by"] for point in answer["points"]} <= {"xla", "graph"}:
        notes.append(OF_LOOP.format(device=first["recommendation"]["seconds_device"]))
    return [*notes, *training_sentences(answer), *([OF_TEST] if is_tested(answer) else [])]


def _own_target(provenance, answer):
    """How the target was set, if by a rule."""
    config = provenance.get("config", {})
    if config.get("convergence", {}).get("target", {}).get("value") != "auto":
        return None
    return AUTO_TARGET.format(rule=auto_target(config, answer))


def _inline(script):
    """A script as an element of HTML may hold it: no text in it ends the element."""
    return re.sub(r"</(?=script)", r"<\\/", script, flags=re.IGNORECASE)
