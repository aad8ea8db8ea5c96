"""The answer in a few lines, for a terminal."""

import textwrap

from batchscope.report.headline import headlines, missing_sentences
from batchscope.report.recommendation import rule_of_thumb_sentence
from batchscope.report.summary import no_common_answer

WIDTH, LINES = 80, 5


def brief_text(answer):
    """Which batch size to take, and what the rule of thumb costs if there is room.

    Args:
        answer: what recommendation.json holds.

    Returns:
        text of at most LINES lines of at most WIDTH columns.
    """
    overall, recipes = answer["overall"], list(answer["recipes"].values())
    several = overall["status"] != "one_recipe"
    recommendation = overall["recommendation"] if several else recipes[0]["recommendation"]
    if recommendation is None:
        sentences = [no_common_answer(overall), "Each recipe has its own answer on the page."]
    else:
        sentences = headlines(answer)
        if recommendation["rule_of_thumb"]:
            sentences.append(rule_of_thumb_sentence(recommendation, several))
    lines = []
    for sentence in missing_sentences(answer) + sentences:
        plain = sentence.replace("**", "").replace("`", "")
        own = textwrap.wrap(plain, WIDTH, max_lines=None if lines else LINES, placeholder=" …")
        if len(lines + own) > LINES:
            break
        lines += own
    return "\n".join(lines) + "\n"
