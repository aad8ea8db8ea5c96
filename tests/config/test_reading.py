"""The file of a config: what Snakemake reads in silence, or not at all, is refused by its line."""

import json
import subprocess

import pytest
from configs import SMALL, small
from project import ROOT, append, copy_project, make, snakemake

from batchscope.config.problem import ConfigError
from batchscope.config.reading import check_file

NOT_YAML = "Tabs do not indent in YAML; text that has a colon or a bracket stands in quotes."
LAUGHS = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 9))

# What stands in a file, and what is said of it behind the file's name.
WRONG = {
    b"seed: 1\nepochs: 2\nseed: 3\n": (
        ", line 3: expected each key once. Received: seed in line 1 and here. Keep one."
    ),
    b"overrides:\n  4: {epochs: 2}\n  0x4: {epochs: 3}\n": (
        ", line 3: expected each key once. Received: 0x4 in line 2 and here. Keep one."
    ),
    b'{\n\t"seed": 1,\n\t"seed": 2\n}': (
        ", line 3: expected each key once. Received: seed in line 2 and here. Keep one."
    ),
    b"a: 1\nseed: !!python/object/apply:os.system [exit]\n": (
        ", line 2: expected values without tags. Received: the tag "
        "!!python/object/apply:os.system. Remove it."
    ),
    b"seed: !!python/name:os.system\n": (
        ", line 1: expected values without tags. Received: the tag !!python/name:os.system. "
        "Remove it."
    ),
    b"seed: !own {a: 1}\n": (
        ", line 1: expected values without tags. Received: the tag !own. Remove it."
    ),
    b"seed: 1\n__use_yte__: true\n": (
        ", line 2: expected values alone. Received: __use_yte__, by which Snakemake runs Python "
        "that stands in the file. Remove it, and write the values."
    ),
    f"l0: &l0 [x, x]\n{LAUGHS}".encode(): (
        ", line 5: expected at most 10000 values, aliases written out. Received: more. Write less, "
        "or fewer aliases."
    ),
    b"x: &a {k: 1}\ny: &b {<<: [*a, *b]}\n": (
        ", line 2: expected an end of every alias. Received: one that stands in what it names."
    ),
    b"x: &a [*a]\n": (
        ", line 1: expected an end of every alias. Received: one that stands in what it names."
    ),
    b"seed: 1\nname: caf\xe9\n": (
        ", line 2: expected text in UTF-8. Received: the byte 0xe9. Save the file as UTF-8."
    ),
    b"seed: 1\nname: a\x00b\n": (
        ", line 2: expected text. Received: the character '\\x00'. Remove it."
    ),
    b"seed: 1\nbatch_sizes: [4, 8\nepochs: 3\n": (
        f", line 3: expected YAML. Received: expected ',' or ']', but got ':'. {NOT_YAML}"
    ),
    b"seed: 1\n\tepochs: 2\n": (
        f", line 2: expected YAML. Received: found character '\\t' that cannot start any token. "
        f"{NOT_YAML}"
    ),
    b"seed: 1\n---\nseed: 2\n": (
        f", line 2: expected YAML. Received: but found another document. {NOT_YAML}"
    ),
    b"x: *gone\n": f", line 1: expected YAML. Received: found undefined alias 'gone'. {NOT_YAML}",
    b"seed: 1\nx: 2000-13-01\n": (
        ", line 2: expected a value. Received: '2000-13-01'. Write text in quotes."
    ),
    b"seed: " + b"9" * 5000: (
        f", line 1: expected a value. Received: '{'9' * 40}'. Write text in quotes."
    ),
    b"? [a, b]\n: 1\n": (
        ", line 1: expected a key that is text or a number. Received: a list or a mapping."
    ),
    b"x: " + b"[" * 500 + b"]" * 500: (
        ": expected a few levels. Received: more of them than any config has."
    ),
    b"": ", line 1: expected keys with values, as in seed: 1. Received: none.",
    b"# Nothing.\n": ", line 1: expected keys with values, as in seed: 1. Received: none.",
    b"- seed: 1\n": ", line 1: expected keys with values, as in seed: 1. Received: a list.",
}


@pytest.mark.parametrize("content", WRONG, ids=lambda content: f"{content!r:.40}")
def test_what_is_no_plain_yaml_is_refused_with_its_line(content, tmp_path):
    file = tmp_path / "study.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        check_file(file)
    assert str(raised.value) == f"the config cannot be run:\n  {file}{WRONG[content]}"


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_is_none_is_refused(name, tmp_path):
    with pytest.raises(ConfigError, match="expected a file that can be read"):
        check_file(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        f"\ufeff{SMALL}",
        SMALL.replace("\n", "\r\n"),
        json.dumps(small()),
        json.dumps(small(), indent="\t"),
        "a: &a {epochs: 2}\nb: {<<: *a, epochs: 3}\nc: [*a, *a]\n",
    ],
    ids=["YAML", "with a mark of UTF-8", "of Windows", "JSON", "JSON with tabs", "aliases"],
)
def test_plain_files_pass(text, tmp_path):
    file = tmp_path / "study.yaml"
    file.write_bytes(text.encode())
    check_file(file)


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_shipped_files_pass(file):
    check_file(file)


def test_make_check_says_the_same(tmp_path):
    """For a file of --configfile that Snakemake itself cannot read."""
    copy_project(tmp_path)
    file = tmp_path / "study.yaml"
    file.write_text(SMALL)
    make(tmp_path, "check", "CONFIG=study.yaml")
    file.write_text("epochs: [\n")
    with pytest.raises(subprocess.CalledProcessError) as raised:
        make(tmp_path, "check", "CONFIG=study.yaml")
    said = "the config cannot be run:\n  study.yaml, line 2: expected YAML."
    assert raised.value.stderr.startswith(said)


def test_the_workflow_reads_each_file_so_before_any_job(tmp_path):
    copy_project(tmp_path)
    config = tmp_path / "config/config.yaml"
    append(config, "epochs: 5\n")
    line = len(config.read_text().splitlines())
    for arguments in ([], ["--configfile", "config/quick.yaml", "config/config.yaml"]):
        done = snakemake(tmp_path, "--dry-run", *arguments, check=False)
        said = done.stdout + done.stderr
        assert f"config/config.yaml, line {line}: expected each key once" in said
        assert "Traceback" not in said and "jobid" not in said
    # Python in the file is not run first.
    append(config, '__use_yte__: true\n?open("run", "w").close(): {a: 1}\n')
    done = snakemake(tmp_path, "--dry-run", check=False)
    assert done.returncode != 0
    assert not (tmp_path / "run").exists()
