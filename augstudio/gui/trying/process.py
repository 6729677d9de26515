"""A trial that runs in a process of its own, and what it tells."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from augstudio.trial.apart import Request, command

_PATIENCE_MS = 3000
"""That a process is given to end by itself when the window closes."""


class TrialProcess(QObject):
    """Runs one trial at a time; it ends with the window.

    Signals
    -------
    stood(dict)
        How it stands, as of `TrialStanding`.
    known(dict)
        What is known so far, as of `TrialResult.as_json`.
    ended(dict or None)
        What came of it; None if it was stopped before anything was known.
    refused(str, bool)
        Why there is nothing, and whether the choice `again` would go on.
    """

    stood = Signal(dict)
    known = Signal(dict)
    ended = Signal(object)
    refused = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._outcome: dict[str, Any] | None = None

    @property
    def running(self) -> bool:
        """Whether a trial is under way."""
        return self._process is not None

    def begin(self, request: Request) -> None:
        """Start one."""
        assert self._process is None
        program, *arguments = command()
        self._outcome = None
        self._process = process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        process.start(program, arguments)
        process.write(f"{request.dump()}\n".encode())

    def stop(self) -> None:
        """Let it end with what is known by then."""
        if self._process is not None:
            self._process.write(b"stop\n")

    def end(self) -> None:
        """End it at once: nobody waits for it any more."""
        process, self._process = self._process, None
        if process is None:
            return
        process.closeWriteChannel()
        if not process.waitForFinished(_PATIENCE_MS):
            process.kill()
            process.waitForFinished(_PATIENCE_MS)
        process.deleteLater()

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            try:
                told = json.loads(line)
            except ValueError:
                continue  # some library has something to say
            if isinstance(told, dict):
                self._hear(told)

    def _hear(self, told: dict[str, Any]) -> None:
        if "standing" in told:
            self.stood.emit(told["standing"])
        if "result" in told:
            self.known.emit(told["result"])
        if "done" in told or "refused" in told:
            self._outcome = told  # told in turn once the process has ended: then another can begin

    def _finished(self) -> None:
        self._read()
        if self._process is None:
            return
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"its process ended by itself, with code {self._process.exitCode()}"
        if self._process.exitStatus() is QProcess.ExitStatus.CrashExit:
            why = said[-1] if said else "its process was killed, as where memory runs out"
        broken = {"refused": f"the trial broke off: {why}"}
        self._tell(self._outcome or broken)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._tell({"refused": f"the trial could not be started: {self._process.errorString()}"})

    def _tell(self, outcome: dict[str, Any]) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        if "done" in outcome:
            self.ended.emit(outcome["done"])
        else:
            self.refused.emit(outcome["refused"], bool(outcome.get("again")))
