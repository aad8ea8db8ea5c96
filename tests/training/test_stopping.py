"""Requests to stop: what a signal does before and after there is something to lose."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
# Sends itself the signals of its first argument, then holds, sends those of its second argument,
# and says what asked it to stop.
JOB = """
import signal, sys
from batchscope.training.stopping import StopGuard

guard = StopGuard()
for number in sys.argv[1].split():
    signal.raise_signal(int(number))
guard.hold()
print(guard.request())
for number in sys.argv[2].split():
    signal.raise_signal(int(number))
print(guard.request())
"""


def run(code, *arguments, ignored=()):
    """Run code in a fresh process that ignores these signals and no others."""

    def set_signals():
        # Under nohup or in the background the tests themselves may ignore some.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        preexec_fn=set_signals,
    )


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_process_at_once_while_there_is_nothing_to_lose(number):
    done = run(JOB, str(int(number)), "")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"stopped by signal {number}; nothing was to be saved\n"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_only_noted_when_there_is_something_to_lose(number):
    done = run(JOB, "", f"{number} {number}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"None\nsignal {number}\n"


def test_a_signal_that_was_ignored_at_the_start_stays_ignored():
    """As under nohup."""
    done = run(JOB, "1", "1", ignored=[signal.SIGHUP])
    assert (done.returncode, done.stdout, done.stderr) == (0, "None\nNone\n", "")


# An import that swallows whatever is raised in it.
SWALLOWING = """
import signal
from batchscope.training.stopping import StopGuard

StopGuard()
try:
    signal.raise_signal(signal.SIGTERM)
except BaseException:
    pass
print("still here")
"""


def test_a_signal_cannot_be_swallowed():
    done = run(SWALLOWING)
    assert (done.returncode, done.stdout) == (1, "")


# Another parent than at the start, as the system gives it when the first has ended.
ORPHAN = """
import os
from batchscope.training.stopping import StopGuard, Stopped

guard = StopGuard()
guard.hold()
print(guard.request())
guard.stop_if_orphan()
os.getppid = lambda: -1
print(guard.request())
try:
    guard.stop_if_orphan()
except Stopped as stopped:
    print(stopped)
"""


def test_the_end_of_the_parent_process_is_a_request_to_stop():
    assert run(ORPHAN).stdout.splitlines() == [
        "None",
        "the end of its parent process",
        "stopped by the end of its parent process; no file is written",
    ]


ENDING = """
import atexit, signal, sys
from batchscope.training.stopping import end_as_success

atexit.register(print, "Python's own end")
print("flushed", end="")
print("as well", end="", file=sys.stderr)
end_as_success()
"""


def test_nothing_comes_after_the_end():
    done = run(ENDING)
    assert (done.returncode, done.stdout, done.stderr) == (0, "flushed", "as well")


LIGHT = """
import sys
import batchscope.training, batchscope.training.stopping

print(sorted({"numpy", "keras", "tensorflow", "pandas"} & set(sys.modules)))
"""


def test_the_guard_waits_for_no_import():
    assert run(LIGHT).stdout == "[]\n"
