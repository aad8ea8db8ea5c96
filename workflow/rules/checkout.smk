# Finds the rules on disk. Everything else is found from there: scripts, schemas, captions.
import atexit
import os
import shutil
import sys
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.sourcecache import HostingProviderFile, LocalSourceFile


def find_rules(folder):
    """The folder of the rules; for a workflow that is used from git, in a copy of the project."""
    if isinstance(folder, LocalSourceFile):
        return Path(folder.path)
    # Snakemake fetches single files from git, under names that Python cannot import, and does not
    # find the scripts of a local clone.
    import git

    hosted = isinstance(folder, HostingProviderFile)
    repository = folder.hosted_repo.repo if hosted else git.Repo(folder.repo_path)
    project = Path(tempfile.mkdtemp(prefix="batchscope-"))
    atexit.register(shutil.rmtree, project, ignore_errors=True)
    for entry in repository.tree(folder.ref).traverse():
        if entry.type == "blob":
            path = project / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(entry.data_stream.read())
            # A script that is younger than its results would rerun.
            os.utime(path, (0, 0))
    return project / folder.path


RULES = find_rules(workflow.current_basedir)
if {"{", "}"} & set(str(RULES)):
    # Snakemake takes them for wildcards in the paths of its scripts.
    raise WorkflowError(
        f"expected a path of the workflow without braces. Received: {RULES}. Move or rename the folder."
    )
# Another module of this workflow has a library of its own, and has looked.
if "batchscope" not in sys.modules:
    # A job's Python looks where this one does, and takes what it finds first.
    own = RULES.parent / "scripts"
    found = PathFinder.find_spec("batchscope", [*sys.path, str(own)]).origin
    if not Path(found).samefile(own / "batchscope" / "__init__.py"):
        raise WorkflowError(
            f"expected the package batchscope of this workflow, in {own}. Received: {found}, which "
            "Python finds first. Take it out of PYTHONPATH, or uninstall it."
        )
