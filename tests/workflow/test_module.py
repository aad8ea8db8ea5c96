"""The workflow as a module of another one: from a folder, from a clone, from a host of clones."""

import os
import subprocess

import pandas as pd
import pytest
import yaml
from project import TINY, append, copy_project, planned, snakemake

# The study is a part of the other workflow's config, and no file has the name of this one's.
SNAKEFILE = """
configfile: "settings.yaml"

module batchscope:
    snakefile: {source}
    config: config["study"]

use rule * from batchscope
"""

AFTER = {
    "pace",
    "convergence",
    "law",
    "learning_curves adam",
    "law_figure adam",
    "summary",
    "summary_html",
    "page",
    "all",
}

# It also has rules of its own, a shell of its own, and this one's rules twice.
LARGER = """
configfile: "settings.yaml"

shell.prefix("word=kept; ")

rule mine:
    output: "mine.txt"
    shell: "cat /dev/null; echo $word > {{output}}"

module batchscope:
    snakefile: {source}
    config: config["study"]
    prefix: "first"

use rule * from batchscope as first_*

module again:
    snakefile: {source}
    config: config["study"] | {{"pathvars": {{"results": "second"}}}}

use rule * from again as second_*
"""

SOURCES = {
    "folder": '"{project}/workflow/Snakefile"',
    "clone": 'gitfile("{project}", path="workflow/Snakefile", ref="main")',
    "host": 'github("someone/batchscope", path="workflow/Snakefile", branch="main")',
}


class Module:
    """A copy of the project in git, and a workflow elsewhere that uses it."""

    def __init__(self, tmp_path, source):
        self.project, self.folder = tmp_path / "project", tmp_path / "user"
        self.temporary, cache = tmp_path / "temporary", tmp_path / "cache"
        self.environment = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": str(cache),
        }
        self.temporary.mkdir()
        self.source = SOURCES[source].format(project=self.project)
        self.project.mkdir()
        copy_project(self.project)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()
        # Where Snakemake keeps its clones of a host, so that it fetches from the project.
        clones = cache / "snakemake/snakemake/source-cache/snakemake-git-cache"
        self.git("clone", "--quiet", "--bare", ".", clones / "github.com/someone/batchscope")
        (self.folder / "config").mkdir(parents=True)
        (self.folder / "config/config.yaml").write_text("of: another workflow")
        (self.folder / "settings.yaml").write_text(yaml.safe_dump({"study": TINY}))
        self.write(SNAKEFILE)

    def write(self, snakefile):
        (self.folder / "Snakefile").write_text(snakefile.format(source=self.source))

    def git(self, *arguments):
        author = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
        command = ["git", *author, *arguments]
        subprocess.run(command, cwd=self.project, env=self.environment, check=True)

    def commit(self):
        self.git("add", ".")
        self.git("commit", "--quiet", "--message=better")

    def planned(self, *arguments):
        return planned(self.folder, *arguments, env=self.environment)

    def run(self, *arguments):
        snakemake(self.folder, *arguments, env=self.environment)


@pytest.fixture(scope="module", params=SOURCES)
def module(request, tmp_path_factory):
    """A module whose tiny study has been run."""
    module = Module(tmp_path_factory.mktemp("module"), request.param)
    module.run()
    return module


def test_the_study_is_run_where_the_other_workflow_is(module):
    results = module.folder / "results"
    assert pd.read_csv(results / "summary/summary.csv")["batch_size"].tolist() == [4, 16]
    assert (results / "law/adam.png").exists()
    assert not (module.project / "results").exists()
    assert module.planned() == set()
    module.run("--report", "report.html")
    assert "Batch-size law" in (module.folder / "report.html").read_text()


def test_an_edit_reruns_what_uses_the_module(module):
    append(module.project / "README.md", "A thought.\n")
    module.commit()
    assert module.planned() == set()
    append(module.project / "workflow/scripts/batchscope/analysis/law.py", "\n# better\n")
    module.commit()
    after = {"law", "law_figure adam", "summary", "summary_html", "page", "all"}
    assert module.planned() == after


def test_a_larger_workflow_keeps_its_own(module):
    module.write(LARGER)
    module.run()
    assert (module.folder / "mine.txt").read_text() == "kept\n"
    jobs = {"dataset", "train adam 4", "train adam 16", *AFTER}
    for name in ("first", "second"):
        assert module.planned(f"{name}_all") == {f"{name}_{job}" for job in jobs}
    module.write(SNAKEFILE)


def test_no_copy_of_the_project_is_left(module):
    assert list(module.temporary.glob("batchscope-*/")) == []
