"""A folder of files, in the local file system or behind a URL such as s3://bucket/photos (through fsspec)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import stat
import urllib.parse
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from augstudio.files import write_atomically
from augstudio.wording import said

TEMPORARY = ".augstudio-"
"""What the names of files begin with that are gone when a program has ended in peace."""
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(::[^:]+)*://")
_PUT_WHOLE = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "memory"}
"""File systems where an object appears under its name only when all of it has arrived."""


class StorageError(OSError):
    """A place cannot be reached; the message is one plain line."""


class TooLarge(StorageError):  # noqa: N818  (as FileNotFoundError's kin, it names what was found)
    """A file has more bytes than are wanted."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size:,} bytes, above the {most:,} allowed")
        self.size = size


class Storage(ABC):
    """A folder of files under POSIX paths relative to it. Whatever fails is an `OSError`.

    Attributes
    ----------
    location : str
        An absolute local path, or a URL; without a slash at its end.
    root : Path or None
        The folder, if it is local.
    """

    location: str
    root: Path | None = None

    @abstractmethod
    def exists(self) -> bool:
        """Whether the folder is there; behind some URLs a folder is there only when it holds something."""

    @abstractmethod
    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a whole file; `TooLarge` if it has more than `most` bytes."""

    @abstractmethod
    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading, line by line or piece by piece."""

    def sha256(self, path: str) -> str:
        """SHA-256 of a file, in hexadecimal digits; it is read piece by piece."""
        with self.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # all of them serve

    @abstractmethod
    def size(self, path: str) -> int:
        """Bytes in a file."""

    @abstractmethod
    def write(self, path: str, data: bytes) -> None:
        """Write a file whole or not at all, over an older one; folders in between are made, the root never is."""

    @abstractmethod
    def upload(self, file: Path, path: str) -> None:
        """Put a local file here, whole or not at all, without holding it in memory."""

    @abstractmethod
    def remove(self, paths: Iterable[str]) -> None:
        """Remove files; those that are not there are fine."""

    @abstractmethod
    def files(self, under: str = "") -> Iterator[tuple[str, int]]:
        """Every file below a folder, if there is one: its path relative to the root, and its bytes."""

    @abstractmethod
    def free(self) -> int | None:
        """Bytes left; None where that cannot be told."""


def is_url(location: str | Path) -> bool:
    """Whether a location is a URL that is not simply a local path (``file://``)."""
    found = _URL.match(location) if isinstance(location, str) else None
    return found is not None and found[1].lower() not in ("file", "local")


def local_path(location: str | Path) -> Path:
    """The path that a local location means, with ~ as the user's home."""
    text = str(location)
    if _URL.match(text):
        text = urllib.parse.unquote(urllib.parse.urlsplit(text).path)
        if os.name == "nt":
            text = text.lstrip("/")
    return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111  (Path raises on "~nobody")


def at(location: str | Path) -> Storage:
    """The storage at a location.

    Raises
    ------
    StorageError
        If the URL's kind is not known, or the library for it is not installed.
    """
    return _remote(str(location).rstrip("/")) if is_url(location) else LocalStorage(local_path(location))


class LocalStorage(Storage):
    """A folder of the local file system."""

    root: Path

    def __init__(self, root: Path) -> None:
        self.root = root
        self.location = str(root)

    def exists(self) -> bool:
        """Whether the folder is there."""
        return self.root.is_dir()

    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a whole file."""
        file = self.root / path
        status = file.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # opening a pipe would wait for ever
            raise StorageError("not a regular file")
        if most is not None and status.st_size > most:
            raise TooLarge(status.st_size, most)
        return file.read_bytes()

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading."""
        return (self.root / path).open("rb")

    def size(self, path: str) -> int:
        """Bytes in a file."""
        return (self.root / path).stat().st_size

    def write(self, path: str, data: bytes) -> None:
        """Write a file under a temporary name and move it into place."""
        write_atomically(data, self._ready(path))

    def upload(self, file: Path, path: str) -> None:
        """Copy a file under a temporary name and move it into place."""
        target = self._ready(path)
        temporary = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}.tmp")
        try:
            shutil.copyfile(file, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files."""
        for path in paths:
            (self.root / path).unlink(missing_ok=True)

    def files(self, under: str = "") -> Iterator[tuple[str, int]]:
        """Every file below a folder, links to folders not followed."""
        folders = [under]
        while folders:
            folder = folders.pop()
            try:
                entries = os.scandir(self.root / folder)
            except FileNotFoundError:
                continue
            with entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    else:
                        with contextlib.suppress(FileNotFoundError):
                            yield path, entry.stat(follow_symlinks=False).st_size

    def free(self) -> int | None:
        """Bytes left on the disk, for the folder or the nearest one above it that is there."""
        for folder in (self.root, *self.root.parents):
            with contextlib.suppress(OSError):
                return shutil.disk_usage(folder).free
        return None

    def _ready(self, path: str) -> Path:
        # The root's own folder is never made anew: if it is gone, the place has vanished.
        folder = self.root
        *parents, name = path.split("/")
        for part in parents:
            folder /= part
            folder.mkdir(exist_ok=True)
        return folder / name


@lru_cache(maxsize=16)
def _remote(url: str) -> Storage:
    return RemoteStorage(url)


class RemoteStorage(Storage):
    """A folder behind a URL that fsspec knows."""

    def __init__(self, url: str) -> None:
        self.location = url
        kind = url.partition("://")[0]
        try:
            import fsspec
        except ImportError:
            raise StorageError(f"{url}: needs fsspec; pip install 'augstudio[s3]' brings it") from None
        with _said(url):
            try:
                # What others write there in the meantime must be seen, so nothing that is listed is kept.
                self._fs, base = fsspec.core.url_to_fs(url, use_listings_cache=False)
            except ImportError as error:
                hint = "pip install 'augstudio[s3]'" if kind in ("s3", "s3a") else " ".join(str(error).split())
                raise StorageError(f"{url}: {kind}:// needs one more library: {hint}") from None
            except ValueError as error:
                raise StorageError(f"{url}: {' '.join(str(error).split()).lower()}") from None
        self._base: str = str(base).rstrip("/")
        protocol = self._fs.protocol
        self._whole = bool(_PUT_WHOLE & set((protocol,) if isinstance(protocol, str) else protocol))

    def exists(self) -> bool:
        """Whether the folder is there."""
        with _said(self.location):
            self._fs.invalidate_cache()
            return bool(self._fs.exists(self._base))

    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a whole file."""
        if most is not None and (size := self.size(path)) > most:
            raise TooLarge(size, most)
        with _said(self._at(path)):
            data: bytes = self._fs.cat_file(self._at(path))
            return data

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading; it is fetched piece by piece."""
        with _said(self._at(path)):
            file: IO[bytes] = self._fs.open(self._at(path), "rb")
            return file

    def size(self, path: str) -> int:
        """Bytes in a file."""
        with _said(self._at(path)):
            info: dict[str, Any] = self._fs.info(self._at(path))
        if info.get("type") == "directory":
            raise IsADirectoryError(21, "Is a directory", self._at(path))
        return int(info["size"] or 0)

    def write(self, path: str, data: bytes) -> None:
        """Write a file; where a half-written one could be seen, under a temporary name first."""
        with self._moved(path) as target:
            self._fs.pipe_file(target, data)

    def upload(self, file: Path, path: str) -> None:
        """Put a local file there."""
        with self._moved(path) as target:
            self._fs.put_file(str(file), target)

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files."""
        for path in paths:
            with _said(self._at(path)), contextlib.suppress(FileNotFoundError):
                self._fs.rm_file(self._at(path))

    def files(self, under: str = "") -> Iterator[tuple[str, int]]:
        """Every file below a folder."""
        base = self._at(under) if under else self._base
        # Folder by folder: a listing of everything at once takes about a kilobyte of memory for each file.
        empty = True
        with _said(base):
            for _, _, found in self._fs.walk(base, detail=True):
                for info in found.values():
                    path = str(info["name"])[len(self._base) :].lstrip("/")
                    if path and info.get("type") != "directory":
                        empty = False
                        yield path, int(info.get("size") or 0)
            if empty and self._fs.isfile(base) and self._fs.size(base):
                raise NotADirectoryError(20, "Not a directory", base)

    def free(self) -> int | None:
        """Not known."""
        return None

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}"

    @contextlib.contextmanager
    def _moved(self, path: str) -> Iterator[str]:
        final = self._at(path)
        folder = final.rpartition("/")[0]
        target = final if self._whole else f"{folder}/{TEMPORARY}{secrets.token_hex(8)}.tmp"
        with _said(final):
            if not self._whole:
                self._fs.makedirs(folder, exist_ok=True)
            yield target
            if target != final:
                self._fs.mv(target, final)


@contextlib.contextmanager
def _said(where: str) -> Iterator[None]:
    """Turn what a library for remote files raises into an `OSError` of one line."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise StorageError(f"{where}: {said(error)}") from error
