"""Real servers for tests, as processes of their own on the loopback: a Dask scheduler, its workers, and an S3 store."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

HERE = "127.0.0.1"
WITHIN = 60.0
"""Seconds that a process may take to start, on a busy machine."""


def soon(look: Callable[[], T | None], what: str, within: float = WITHIN) -> T:
    """The first value that is not None (or False), looked for every 50 ms."""
    limit = time.monotonic() + within
    while time.monotonic() < limit:
        found = look()
        if found is not None and found is not False:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {within:g} s: {what}")


@dataclass
class Processes:
    """Processes, each with a session of its own, so that all that it started ends with it."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"process-{len(self.running)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.folder,
                env={**os.environ, "PYTHONWARNINGS": "ignore", **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()


@contextlib.contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    folder.mkdir(parents=True, exist_ok=True)
    started = Processes(folder)
    try:
        yield started
    finally:
        started.end()


@dataclass
class Cluster:
    """A Dask scheduler and its workers."""

    processes: Processes
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def work(self, *options: str, threads: int = 1, nanny: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker; it need not be there yet on return."""
        name = f"w{len(self.workers)}"
        command = ["-m", "distributed.cli.dask_worker", self.address, "--name", name, "--nthreads", str(threads)]
        command += ["--host", HERE, "--dashboard-address", f"{HERE}:0", "--no-dashboard", "--memory-limit", "0"]
        command += ["--local-directory", str(self.processes.folder / name), "--nanny" if nanny else "--no-nanny"]
        self.workers.append(self.processes.start(*command, *options, **environment))
        return self.workers[-1]


def without_augstudio(folder: Path) -> Path:
    """A folder for PYTHONPATH that hides the package."""
    (folder / "augstudio").mkdir(parents=True)
    (folder / "augstudio" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'augstudio'\")\n")
    return folder


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 0, **environment: str) -> Iterator[Cluster]:
    """A scheduler, which has no augstudio, and so many workers that are on their way."""
    without_augstudio(folder / "none")
    with processes(folder) as started:
        file = folder / "scheduler.json"
        command = ["-m", "distributed.cli.dask_scheduler", "--host", HERE, "--port", "0", "--no-dashboard"]
        command += ["--dashboard-address", f"{HERE}:0", "--scheduler-file", str(file)]
        few = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        scheduler = started.start(*command, PYTHONPATH=str(folder / "none"), **few)

        def address() -> str | None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return str(json.loads(file.read_text())["address"])
            return None

        made = Cluster(started, scheduler, soon(address, "a Dask scheduler"))
        for _ in range(workers):
            made.work(**environment)
        yield made


_STORE = """
import sys
from pathlib import Path
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server(sys.argv[1], 0, DomainDispatcherApplication(create_backend_app), threaded=True)
Path(sys.argv[2]).with_suffix(".new").write_text(str(server.port))
Path(sys.argv[2]).with_suffix(".new").rename(sys.argv[2])
server.serve_forever()
"""


@contextlib.contextmanager
def s3(folder: Path, **environment: str) -> Iterator[str]:
    """A store that speaks S3, empty and in memory; its endpoint."""
    with processes(folder) as started:
        file = folder / "port"
        server = started.start("-c", _STORE, HERE, str(file), **environment)

        def port() -> str | None:
            assert server.poll() is None, (folder / "process-0.log").read_text()
            return file.read_text() if file.exists() else None

        yield f"http://{HERE}:{soon(port, 'an S3 store')}"


def s3_environment(endpoint: str, key: str = "testing", secret: str = "testing") -> dict[str, str]:
    """What makes S3 clients use that store, and nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": HERE,
    }
