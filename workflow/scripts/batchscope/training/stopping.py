"""Requests to stop a training job, from its first line to its last.

Nothing heavy is imported here: the guard has to be there before anything that takes time.
"""

import contextlib
import os
import signal
import sys

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(SystemExit):
    """The job was asked to stop. Python prints the reason given, and ends with code 1."""


class StopGuard:
    """Takes the requests to stop this process: a signal, or the end of its parent process.

    While there is nothing to lose, a signal ends the process at once, or as soon as a call into
    TensorFlow returns. After `hold` it is only noted: who trains has to look at `request`, to save
    what there is and to raise `Stopped`.

    The parent is Snakemake or a shell that it started. If it is killed alone, nobody waits for this
    process any more, and its job may be started again. An orphan that went on would write its files
    at any time after that, over those of another attempt or of another config.
    """

    def __init__(self):
        self._parent = os.getppid()
        self._signal = None
        self._holds = False
        for number in SIGNALS:
            # nohup and the background jobs of a script ignore some of them, and mean it.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._receive)

    def hold(self):
        """From now on there is something to lose."""
        self._holds = True

    def request(self):
        """What asked this process to stop, in words; None if nothing did."""
        if self._signal is not None:
            return f"signal {self._signal}"
        return "the end of its parent process" if self._is_orphan() else None

    def stop_if_orphan(self):
        """Raise `Stopped` before files are written that nobody waits for."""
        if self._is_orphan():
            raise Stopped("stopped by the end of its parent process; no file is written")

    def _is_orphan(self):
        return os.getppid() != self._parent

    def _receive(self, number, frame):
        if self._holds:
            self._signal = number
            return
        # An import may swallow an exception, and a file may be in the middle of a write.
        os.write(2, f"stopped by signal {number}; nothing was to be saved\n".encode())
        os._exit(1)


def end_as_success():
    """End this process at once, with code 0.

    Python's own end gives the signals their default actions back: one that comes then would make a
    failure of a job whose files are whole. TensorFlow's clean-up after a refused allocation may
    crash ("double free") to the same effect.
    """
    # A log that takes no more words is no failure either.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)
