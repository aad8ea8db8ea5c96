# Finds the rules on disk. Everything else is found from there: scripts, schemas, captions.
import atexit
import os
import shutil
import tempfile
from pathlib import Path

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
