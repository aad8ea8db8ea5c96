"""The lock, the conda environment and pyproject.toml name the same packages and versions."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")


def locked(path, python):
    """Name -> version of a lock file's packages for one Python on Linux."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": "x86_64",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
    }
    versions = {}
    for line in (ROOT / path).read_text().splitlines():
        if re.match(r"[a-z0-9]", line):
            requirement = Requirement(line.split("\\")[0].strip())
            if requirement.marker is None or requirement.marker.evaluate(environment):
                [specifier] = requirement.specifier
                assert specifier.operator == "==" and requirement.name not in versions
                versions[requirement.name] = specifier.version
    return versions


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_satisfies_the_project(python):
    versions = locked("requirements.txt", python)
    for line in project()["dependencies"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(versions[requirement.name]), f"run make lock: {line}"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("extra", ["slurm", "dev"])
def test_other_locks_extend_the_lock(python, extra):
    more = locked(f"requirements-{extra}.txt", python)
    assert locked("requirements.txt", python).items() <= more.items()
    names = {Requirement(line).name for line in project()["optional-dependencies"][extra]}
    assert names - {"batchscope"} <= set(more)


def test_conda_environment_pins_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, _, pip = environment["dependencies"]
    versions = locked("requirements.txt", python.removeprefix("python="))
    names = [Requirement(line).name for line in project()["dependencies"]]
    assert pip["pip"] == [f"{name}=={versions[name]}" for name in names]


@pytest.mark.parametrize("path", [path.name for path in ROOT.glob("requirements*.txt")])
def test_locks_have_hashes_and_name_no_index(path):
    text = (ROOT / path).read_text()
    packages = len(re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE))
    assert packages > 50
    assert len(re.findall(r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == packages
    # Options would stand at the beginning of a line, as would a package by its address.
    assert not re.search(r"https?:|^-", text, re.MULTILINE)


def test_there_is_one_version():
    version = project()["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_what_checks_elsewhere_is_what_checks_here():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    [job] = yaml.safe_load(text)["jobs"].values()
    assert job["steps"][-1] == {"run": ".ci/run"}
    low, high = re.findall(r"3\.\d+", project()["requires-python"])
    pythons = job["strategy"]["matrix"]["python"]
    assert pythons[0] == low and f"3.{int(pythons[-1][2:]) + 1}" == high
