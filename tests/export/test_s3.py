"""Source and destination on a store that speaks S3, as a process of its own on the loopback."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exporting import PICTURES, export, hashes, photos, pipeline
from servers import cluster, processes, s3, s3_environment, soon

from augstudio import storage
from augstudio.dataset import DatasetError
from augstudio.dataset.scanning import scan
from augstudio.export import (
    EarlierExportError,
    ExportError,
    Progress,
    Settings,
    Status,
    resuming,
    run_export,
    runner,
    verify,
)

MANY = tuple((f"cat/{n}.jpg", 120, 160, 3) for n in range(30))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3(tmp_path_factory.mktemp("store")) as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Storages keep their connections; none may outlive the test whose environment it was made in."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    import s3fs

    storage._remote.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A new, empty bucket; whatever is started from here on finds the store."""
    use(monkeypatch, store)
    name = "b-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    import s3fs

    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}"


def use(monkeypatch: pytest.MonkeyPatch, endpoint: str, **fields: str) -> None:
    for name, value in s3_environment(endpoint, **fields).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photos(tmp_path_factory.mktemp("source"), PICTURES)


@pytest.fixture(scope="module")
def alone(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same export from disk to disk."""
    out = tmp_path_factory.mktemp("alone") / "out"
    assert export(source, out).state is Status.COMPLETE
    return out


def put(folder: Path, url: str) -> str:
    target = storage.at(url)
    for path, _ in storage.at(folder).files():
        target.upload(folder / path, path)
    return url


def settings(out: Path | str, **fields: Any) -> Settings:
    return Settings(**{"out": str(out), "pipeline": pipeline(), "copies": 2, "workers": 0, **fields})


def found(out: Path | str) -> dict[str, str]:
    """SHA-256 of every picture that an export has left, on disk or not."""
    there = storage.at(out)
    return {path: hashlib.sha256(there.read(path)).hexdigest() for path, _ in sorted(there.files("images"))}


def same_as(out: Path | str, alone: Path) -> None:
    """Each picture and the manifest to the byte, and nothing besides."""
    there = storage.at(out)
    assert found(out) == hashes(alone)
    assert there.read("manifest.jsonl") == (alone / "manifest.jsonl").read_bytes()
    beside = {path for path, _ in there.files() if not path.startswith("images/")}
    assert beside == {"manifest.jsonl", "preset.json", "report.json"}


# -- to and fro ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("from_s3", "to_s3"), [(True, True), (True, False), (False, True)])
def test_the_place_changes_no_byte(
    from_s3: bool, to_s3: bool, workers: int, bucket: str, source: Path, alone: Path, tmp_path: Path
) -> None:
    place = put(source, f"{bucket}/in") if from_s3 else source
    out = f"{bucket}/a/out" if to_s3 else tmp_path / "out"
    done = run_export(settings(out, workers=workers), scan(place))
    assert (done.state, done.files, done.failures, done.problems) == (Status.COMPLETE, 10, (), ())
    same_as(out, alone)
    assert verify(str(out)).ok


def test_an_earlier_export_is_replaced(bucket: str, source: Path, alone: Path) -> None:
    out = f"{bucket}/out"
    run_export(settings(out, copies=4), scan(source))
    with pytest.raises(EarlierExportError, match="holds a finished export of 20 files; say whether to replace it"):
        run_export(settings(out), scan(source))
    run_export(settings(out), scan(source), replace=True)
    same_as(out, alone)


def test_verify_finds_what_was_done_to_the_files(bucket: str, source: Path) -> None:
    out = f"{bucket}/out"
    run_export(settings(out), scan(source))
    there = storage.at(out)
    pictures = sorted(path for path, _ in there.files("images"))
    there.remove(pictures[:1])
    data = bytearray(there.read(pictures[1]))
    data[len(data) // 2] ^= 1
    there.write(pictures[1], bytes(data))
    there.write("images/cat/added.png", b"added")
    verdict = verify(out)
    assert not verdict.ok
    assert list(verdict.missing) == pictures[:1]
    assert list(verdict.changed) == pictures[1:2]
    assert list(verdict.extra) == ["images/cat/added.png"]


def test_a_cancelled_export_is_resumed(bucket: str, source: Path, alone: Path) -> None:
    out = f"{bucket}/out"
    there = storage.at(out)
    done = run_export(settings(out), scan(source), stop=lambda: len(list(there.files("images"))) >= 4)
    assert (done.state, done.files) == (Status.CANCELLED, 4)
    assert run_export(settings(out), scan(source), resume=True).state is Status.COMPLETE
    same_as(out, alone)


@pytest.mark.slow
def test_a_killed_export_is_resumed(bucket: str, tmp_path: Path) -> None:
    source = photos(tmp_path / "in", MANY)
    place, out = put(source, f"{bucket}/in"), f"{bucket}/out"
    command = ["-m", "augstudio", "export", place, out, "-p", "gentle", "-n", "12", "-w", "2"]
    with processes(tmp_path / "killed") as started:
        export_ = started.start(*command)
        soon(lambda: len(found(out)) >= 12 or export_.poll() is not None, "a dozen pictures")
        assert export_.poll() is None, (tmp_path / "killed" / "process-0.log").read_text()
        started.end()
    begun = resuming.load(out)
    assert (begun.state, begun.source) == (Status.RUNNING, place)
    chosen = dataclasses.replace(begun.settings, workers=0)
    assert run_export(chosen, scan(place), resume=True).state is Status.COMPLETE
    assert run_export(dataclasses.replace(chosen, out=str(tmp_path / "whole")), scan(source)).state is Status.COMPLETE
    same_as(out, tmp_path / "whole")
    assert verify(out).ok


@pytest.mark.slow
def test_a_cluster_works_on_s3(bucket: str, source: Path, alone: Path, tmp_path: Path) -> None:
    place, out = put(source, f"{bucket}/in"), f"{bucket}/out"
    with cluster(tmp_path / "servers", 2) as started:
        done = run_export(settings(out, cluster=started.address), scan(place))
    assert (done.state, done.files, done.failures) == (Status.COMPLETE, 10, ())
    same_as(out, alone)


@pytest.mark.slow
def test_workers_without_credentials_are_found(
    bucket: str, store: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(tmp_path / "servers") as started, socket.create_server(("127.0.0.1", 0)) as nobody:
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        nobody.close()
        started.work(AWS_ENDPOINT_URL=closed, AWS_MAX_ATTEMPTS="1")
        with pytest.raises(ExportError) as raised:
            run_export(settings(f"{bucket}/out", cluster=started.address), scan(source))
    assert f" does not see the destination {bucket}/out (" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not list(storage.at(f"{bucket}/out").files())


# -- what goes wrong -----------------------------------------------------------------------------------------------


def refused(source: Path | str, out: Path | str) -> str:
    with pytest.raises((ExportError, DatasetError)) as raised:
        run_export(settings(out), scan(source))
    said = str(raised.value)
    assert "\n" not in said
    return said


def test_a_bucket_that_is_not_there(bucket: str, source: Path) -> None:
    assert refused("s3://no-such-bucket/in", f"{bucket}/out").startswith("s3://no-such-bucket/in: ")
    said = refused(source, "s3://no-such-bucket/out")
    assert said.startswith("s3://no-such-bucket/out: ")
    assert "bucket does not exist" in said


def test_a_source_without_anything(bucket: str, tmp_path: Path) -> None:
    assert refused(f"{bucket}/nothing", tmp_path / "out").startswith(f"{bucket}/nothing: ")


@pytest.mark.slow
def test_an_endpoint_that_does_not_answer(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    use(monkeypatch, endpoint)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # s3fs itself tries five times
    said = refused(source, "s3://bucket/out")
    assert said.startswith("s3://bucket/out: ")
    assert endpoint in said
    assert endpoint in refused("s3://bucket/in", tmp_path / "out")


def test_no_permission(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3(tmp_path / "guarded") as endpoint:
        use(monkeypatch, endpoint)
        import s3fs

        s3fs.S3FileSystem().mkdir("guarded")
        put(source, "s3://guarded/in")
        # From here on the store holds keys against its (empty) list of users.
        guard = urllib.request.Request(
            f"{endpoint}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}, method="POST"
        )
        urllib.request.urlopen(guard).read()
        assert refused(source, "s3://guarded/out").startswith("s3://guarded/out: ")
        assert refused("s3://guarded/in", tmp_path / "out").startswith("s3://guarded/in: ")


@pytest.mark.slow
def test_a_store_that_goes_away_stops_the_export(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(runner, "_TICK", 0.0)  # told of every picture
    with contextlib.ExitStack() as store:
        use(monkeypatch, store.enter_context(s3(tmp_path / "store")))
        import s3fs

        s3fs.S3FileSystem().mkdir("passing")

        def watch(progress: Progress) -> None:
            if progress.done:
                store.close()

        done = run_export(settings("s3://passing/out"), scan(source), progress=watch)
    assert done.state is Status.STOPPED
    assert done.reason.startswith("nothing can be written to the destination: passing/out/")
    assert "\n" not in done.reason
    assert 0 < done.done < 5


def test_s3fs_is_an_extra() -> None:
    code = "import sys; sys.modules['s3fs'] = None\nfrom augstudio.storage import at; at('s3://bucket/out')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stderr.rstrip().endswith("s3://bucket/out: s3:// needs one more library: pip install 'augstudio[s3]'")
