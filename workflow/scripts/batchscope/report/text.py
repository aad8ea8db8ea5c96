"""Pieces of Markdown: lists, tables, and blocks put together."""

import itertools

from tabulate import tabulate

from batchscope.report.wording import UNKNOWN


def items(sentences):
    """The blocks of a list."""
    return [f"- {sentence}" for sentence in sentences]


def table(rows):
    """The block of a table, without columns that are not known; none if only names are left.

    Args:
        rows: dicts of text with the same keys, of which the first is the name; one at least.
    """
    rows = list(rows)
    known = [name for name in rows[0] if any(row[name] != UNKNOWN for row in rows)]
    if len(known) == 1:
        return []
    rows = [{name: row[name] for name in known} for row in rows]
    right = ["right"] * len(rows[0])
    return [tabulate(rows, "keys", "pipe", disable_numparse=True, colalign=right)]


def join(blocks):
    """Blocks as one text: paragraphs apart, list items together."""
    text = blocks[0]
    for before, block in itertools.pairwise(blocks):
        text += ("\n" if before.startswith("- ") and block.startswith("- ") else "\n\n") + block
    return text + "\n"
