"""The walls of the house: which room imports which, and that what is imported is declared."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "workflow" / "scripts"
LIBRARY = SCRIPTS / "batchscope"
MODULES = [path.relative_to(LIBRARY).as_posix() for path in sorted(LIBRARY.rglob("*.py"))]

# What each room may import besides itself: rooms, or single modules of them.
ALLOWED = {
    "config": {"results"},
    "data": {"config", "files", "naming", "results"},
    "training": {"config", "data", "files", "naming", "results", "sources"},
    "analysis": {"config", "results"},
    "figures": {"analysis", "files", "results", "report.wording"},
    "report": {"analysis", "results"},
    "results": set(),
    "files": {"job_facts", "naming", "results", "sources"},
    "job_facts": {"results"},
    "integrity": {"files", "job_facts", "naming", "results", "sources"},
    "saved": {"integrity", "job_facts", "results"},
    "saved_pace": {"files", "integrity", "naming", "results"},
    "members": {"files", "naming"},
    "trained": {"files", "members", "results", "saved"},
    "assembly": {"analysis", "integrity", "trained", "saved_pace"},
    "finished": {"files", "results"},
    "compare": {"analysis", "files", "finished", "integrity", "trained", "report", "saved_pace"},
    "verify": {"config", "finished", "job_facts", "report", "saved"},
    "joblog": set(),
    "naming": set(),
    "sources": {"naming"},
}


def imports(path):
    """The full names that a file imports, wherever in it."""
    if path.suffix != ".py":
        found = re.findall(r"^\s*(?:from|import) ([\w.]+)", path.read_text(), re.MULTILINE)
        return set(found)
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def room(path):
    """The room of a file of the library; a module beside the rooms is one of its own."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def test_every_room_has_its_rule():
    assert {room(LIBRARY / module) for module in MODULES} - {"__init__"} == set(ALLOWED)


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_what_it_may(module):
    path = LIBRARY / module
    names = {name.removeprefix("batchscope.") for name in imports(path) if "batchscope" in name}
    allowed = {room(path)} | ALLOWED.get(room(path), set())
    assert [n for n in names if not any(f"{n}.".startswith(f"{a}.") for a in allowed)] == []


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.py")), ids=lambda path: path.stem)
def test_only_the_training_imports_tensorflow_and_keras(path):
    where = room(path) if path.is_relative_to(LIBRARY) else path.stem
    packages = {name.split(".")[0] for name in imports(path)}
    assert where in ("training", "train") or not packages & {"tensorflow", "keras"}


def test_what_the_workflow_imports_while_it_is_parsed_is_light():
    names = [f"batchscope.{module[:-3].replace('/', '.')}" for module in MODULES]
    light = ["batchscope.sources", *(name for name in names if ".config." in name)]
    code = f"import sys, {', '.join(light)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "batchscope.config.study" in loaded
    assert loaded & {"numpy", "pandas", "scipy", "matplotlib", "tensorflow", "keras"} == set()


def declared(*extras):
    """The names of the packages that the project and its extras declare."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize(
    ("folder", "extras"), [("workflow", []), ("tests", ["dev", "slurm"]), ("benchmarks", ["dev"])]
)
def test_what_is_imported_is_declared(folder, extras):
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".smk")]
    files += (ROOT / folder).glob("Snakefile")
    own = {path.stem for path in files} | {"batchscope"}
    names = {name.split(".")[0] for path in files for name in imports(path)}
    packages = packages_distributions()
    undeclared = {
        name
        for name in names - own - sys.stdlib_module_names
        if not declared(*extras)
        & {canonicalize_name(package) for package in packages.get(name, [])}
    }
    assert undeclared == set()
