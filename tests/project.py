"""The project in a temporary folder, with a study that takes no time."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PARTS = ("Snakefile", "workflow", "config", "profiles", "environment.yml")

# The study that anybody can try the workflow with.
TINY = yaml.safe_load((ROOT / ".test" / "config" / "config.yaml").read_text())


def copy_project(folder):
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / part)


def snakemake(folder, *arguments, check=True, **options):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def make(folder, *arguments):
    """Run the Makefile in a copy of the project, with the packages that the tests run with."""
    shutil.copy2(ROOT / "Makefile", folder)
    (folder / ".venv").mkdir(exist_ok=True)
    (folder / ".venv/study").touch()
    command = ["make", f"BIN={Path(sys.executable).parent}", *arguments]
    # The stamp says that the lock is installed; it is no file of this folder.
    command.append("--assume-old=requirements.txt")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def planned(folder, *arguments, **options):
    """The jobs of a dry run: a set of "rule" or "rule recipe batch_size"."""
    text = snakemake(folder, "--dry-run", *arguments, **options)
    jobs = set()
    for block in re.split(r"\n\s*(?=(?:local)?rule )", text.stdout + text.stderr):
        if found := re.match(r"(?:local)?rule (\w+):", block):
            wildcards = re.search(r"wildcards: (.*)", block)
            values = re.findall(r"=([^,\s]+)", wildcards[1]) if wildcards else []
            jobs.add(" ".join([found[1], *values]))
    return jobs


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def write_config(folder, config):
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
