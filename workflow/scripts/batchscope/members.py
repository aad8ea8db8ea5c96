"""The members of the file that `trained` writes: three of each point. pandas is not needed here."""

import json
import zipfile

from batchscope.files import check_seal, make_again
from batchscope.naming import naming

JOB = "job.json"


def member(name, file):
    """The member of a point, whose name is (recipe, batch size)."""
    return f"{name[0]}/{name[1]}/{file}"


def read_jobs(path, names):
    """What job.json of several points holds: a list. Arguments and errors as of `read_members`."""
    return read_members(path, names, read_facts)


def read_members(path, names, read):
    """Read members of several points.

    Args:
        path: of the file that `trained.merge` has written.
        names: (recipe, batch size) of each point.
        read: what reads those of one: a function of an open ZipFile and a name.

    Returns:
        list of what `read` returns, in the order of `names`.

    Raises:
        ValueError: if the file is damaged, or lacks a point; naming it, and the option that mends
            it.
    """
    check_seal(path)
    try:
        with naming(path), zipfile.ZipFile(path) as archive:
            return [read(archive, name) for name in names]
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path}: expected what the trainings of this study left. Received: {error}. "
            f"{make_again(path)}"
        ) from None


def read_facts(archive, name):
    """What job.json of one point holds, of an open archive."""
    return json.loads(archive.read(member(name, JOB)))
