"""Snakemake's report of a study, read as a browser reads it."""

import itertools
import json
import re

from project import snakemake

# What a template leaves behind that was filled in wrongly, or that docutils did not understand.
LEFT = re.compile(r"\{\{|\{%|\b(None|nan|inf|Undefined)\b|system-message|  - |\(\)| [,.;]")

# A style and what mends the viewer have their text within.
TAG = re.compile(r'<style>.*?</style>|<img hidden.*?">|<[^>]*>', re.DOTALL)


class Report:
    """A report that is complete: every file has labels and a description.

    Attributes:
        first_page: HTML of the first page.
        results: path -> name, labels, caption and so on.
        categories: name -> the paths in it.
    """

    def __init__(self, folder, *arguments):
        snakemake(folder, "--report", "report.html", *arguments)
        text = (folder / "report.html").read_text()
        self.first_page, self.results, categories = (
            json.loads(re.search(rf'<script id="{name}">\s*var \w+ = (.*);\n', text)[1])
            for name in ("workflow-desc", "results", "categories")
        )
        # Nothing has a subcategory.
        self.categories = {name: paths for name, [paths] in _values(categories)}
        self._check()

    def _check(self):
        for text in (self.first_page, *(result["caption"] for result in self.results.values())):
            plain = re.sub(r"\s+", " ", TAG.sub("", text))
            assert plain.strip()
            assert not LEFT.search(plain), plain
        for paths in self.categories.values():
            labels = [self.results[path]["labels"] for path in paths]
            [names] = {tuple(own) for own in labels}
            found = [tuple(own.values()) for own in labels]
            assert len(set(found)) == len(found)
            # The viewer fails where a toggle leads to no file.
            values = [{own[name] for own in labels} for name in names]
            assert set(found) == set(itertools.product(*values))

    def labels(self, category):
        """The labels in a category: a set of their values, each a tuple or a text."""
        found = (tuple(self.results[path]["labels"].values()) for path in self.categories[category])
        return {own if len(own) > 1 else own[0] for own in found}

    def caption(self, name):
        """The description of a file, by the end of its path, without tags and line breaks."""
        [result] = [result for path, result in self.results.items() if path.endswith(name)]
        return re.sub(r"\s+", " ", TAG.sub("", result["caption"]))


def _values(categories):
    return ((name, list(own.values())) for name, own in categories.items())
