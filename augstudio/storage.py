"""A folder of files, local or behind a URL such as s3://bucket/photos (through fsspec); a `Key` is the only way in."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
import urllib.parse
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Self

from augstudio.files import write_atomically
from augstudio.wording import said, shown

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


class BadKeyError(StorageError):
    """A text is no path below a folder."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(errno.EINVAL, f"{shown(path)} is no path in a folder: {why}")


class NotAFileError(StorageError):
    """What lies at a path is a pipe, a device or the like; opening it might wait for ever."""

    def __init__(self) -> None:
        super().__init__("not a regular file")


class Key(str):
    """A POSIX path relative to a folder that leads to nowhere else; a `Storage` takes nothing but these.

    Refused everywhere: a root or a drive ("/a", "C:/a"), "." and ".." between slashes or backslashes, an empty part,
    NUL, and what no file system can encode. Refused where the program runs on Windows: backslashes, colons (drives,
    and the streams of NTFS), control characters and others that no name may hold, the names of devices such as "con"
    and "NUL.txt", and a dot or space at the end of a name, which Windows drops. Elsewhere those are letters like any
    other ("12:30.png"), and pictures of such names are read, and exported, under them.

    Raises
    ------
    BadKeyError
        If the text is none; the message says why.
    """

    __slots__ = ()

    def __new__(cls, path: str) -> Self:
        """Check a text."""
        if type(path) is cls:
            return path
        if why := fault(path):
            raise BadKeyError(path, why)
        return super().__new__(cls, path)


_LONGEST = 32_767
"""Of a path, in characters: no system takes more."""
_WINDOWS = os.name == "nt"
_SOUND = re.compile(r"(?!\.{1,2}(?:/|\Z))[^/\\\0:]+(?:/(?!\.{1,2}(?:/|\Z))[^/\\\0:]+)*")
"""What nothing is wrong with, but for Windows' own rules: most paths, so that one look is enough."""
_DRIVE = re.compile(r"[A-Za-z]:(?:[/\\]|\Z)")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE | re.DOTALL)
_UNNAMED = re.compile(r"[\0-\x1f<>:\"|?*\\]")


def fault(path: object, *, windows: bool | None = None) -> str:
    """Why a text cannot be a `Key`, in a few words; empty if it can.

    Parameters
    ----------
    path : object
        The text.
    windows : bool, optional
        Whether Windows' rules hold as well; by default where the program runs on it.
    """
    if not isinstance(path, str):
        return "it is no text"
    if len(path) > _LONGEST:
        return f"it has more than {_LONGEST:,} characters"
    if not path.isascii():
        try:
            os.fsencode(path)
        except UnicodeEncodeError:
            return "it has letters that no file can be named by"
    if not _SOUND.fullmatch(path) and (why := _leads_elsewhere(path)):
        return why
    if _WINDOWS if windows is None else windows:
        return next((why for part in path.split("/") if (why := _unfit_for_windows(part))), "")
    return ""


def _leads_elsewhere(path: str) -> str:
    if not path:
        return "it is empty"
    if "\0" in path:
        return "it holds a NUL"
    if path[0] in "/\\":
        return "it begins at a root"
    if _DRIVE.match(path):
        return "it begins with a drive"
    if any(not part for part in path.split("/")):
        return "a part of it is empty"
    if any(part in (".", "..") for part in re.split(r"[/\\]", path)):
        return 'a part of it is "." or ".."'
    return ""


def _unfit_for_windows(name: str) -> str:
    if found := _UNNAMED.search(name):
        return f"no name may hold {shown(found[0])} here"
    if name[-1:] in (".", " "):
        return f"{shown(name)} ends in a dot or a space"
    if _DEVICE.fullmatch(name):
        return f"{shown(name)} names a device"
    return ""


class Storage(ABC):
    """A folder of files under POSIX paths relative to it. Whatever fails is an `OSError`.

    Nothing in it can be named but by a `Key`; a plain text is checked as one, and refused with `BadKeyError`.

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
    def read(self, path: Key, most: int | None = None) -> bytes:
        """Read a whole file; `TooLarge` if it has more than `most` bytes."""

    @abstractmethod
    def head(self, path: Key, most: int) -> bytes:
        """Read the first bytes of a file, so many at most, and fetch no more than these."""

    @abstractmethod
    def open(self, path: Key) -> IO[bytes]:
        """Open a file for reading, line by line or piece by piece."""

    def sha256(self, path: Key) -> str:
        """SHA-256 of a file, in hexadecimal digits; it is read piece by piece."""
        with self.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # all of them serve

    @abstractmethod
    def size(self, path: Key) -> int:
        """Bytes in a file."""

    @abstractmethod
    def write(self, path: Key, data: bytes) -> None:
        """Write a file whole or not at all, over an older one; folders in between are made, the root never is."""

    @abstractmethod
    def upload(self, file: Path, path: Key) -> None:
        """Put a local file here, whole or not at all, without holding it in memory."""

    @abstractmethod
    def remove(self, paths: Iterable[Key]) -> None:
        """Remove files; those that are not there are fine."""

    @abstractmethod
    def files(self, under: Key | None = None) -> Iterator[tuple[str, int]]:
        """Every file below a folder, if there is one: its path relative to the root, and its bytes.

        The paths are what is found there, whatever it is called; to do anything with one takes a `Key`.
        """

    def links_out(self, under: Key) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Links on the way to a path and below it that lead out of the root: their paths, and where they lead."""
        return iter(())  # only a local folder has links

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

    def read(self, path: Key, most: int | None = None) -> bytes:
        """Read a whole file."""
        file, size = self._found(path)
        if most is not None and size > most:
            raise TooLarge(size, most)
        return file.read_bytes()

    def head(self, path: Key, most: int) -> bytes:
        """Read the first bytes of a file."""
        with self._found(path)[0].open("rb", buffering=0) as file:
            return file.read(most)

    def open(self, path: Key) -> IO[bytes]:
        """Open a file for reading."""
        return self._found(path)[0].open("rb")

    def size(self, path: Key) -> int:
        """Bytes in a file."""
        return self._at(path).stat().st_size

    def write(self, path: Key, data: bytes) -> None:
        """Write a file under a temporary name and move it into place."""
        try:
            write_atomically(data, os.path.join(self.location, Key(path)))  # noqa: PTH118  (a third of pathlib's time)
        except FileNotFoundError:  # its folder is not there yet: the first of many
            write_atomically(data, self._ready(path))

    def upload(self, file: Path, path: Key) -> None:
        """Copy a file under a temporary name and move it into place."""
        target = self._ready(path)
        temporary = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}.tmp")
        try:
            shutil.copyfile(file, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self, paths: Iterable[Key]) -> None:
        """Remove files."""
        for path in paths:
            self._at(path).unlink(missing_ok=True)

    def files(self, under: Key | None = None) -> Iterator[tuple[str, int]]:
        """Every file below a folder, links to folders not followed."""
        for path, entry in self._entries(under):
            with contextlib.suppress(FileNotFoundError):
                yield path, entry.stat(follow_symlinks=False).st_size

    def links_out(self, under: Key) -> Iterator[tuple[str, str]]:
        """Links on the way to a path and below it that lead out of the root; what they lead to is not looked into."""
        root = os.path.realpath(self.root)
        parts = Key(under).split("/")
        for depth in range(1, len(parts) + 1):
            if where := _out_of(root, self.root.joinpath(*parts[:depth])):
                yield "/".join(parts[:depth]), where
                return
        for path, entry in self._entries(under) if self._at(under).is_dir() else ():
            if _is_link(entry) and (where := _out_of(root, Path(entry.path))):
                yield path, where

    def _entries(self, under: Key | None) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Whatever is no folder, below a folder; a link to a folder is none."""
        folders = ["" if under is None else Key(under)]
        while folders:
            folder = folders.pop()
            try:
                entries = os.scandir(self.root / folder)
            except FileNotFoundError:
                continue
            with entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False) and not _is_link(entry):
                        folders.append(path)
                    else:
                        yield path, entry

    def free(self) -> int | None:
        """Bytes left on the disk, for the folder or the nearest one above it that is there."""
        for folder in (self.root, *self.root.parents):
            with contextlib.suppress(OSError):
                return shutil.disk_usage(folder).free
        return None

    def _at(self, path: Key) -> Path:
        return self.root / Key(path)

    def _found(self, path: Key) -> tuple[Path, int]:
        """A file that can be read to its end, and its bytes."""
        file = self._at(path)
        status = file.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # opening a pipe would wait for ever
            raise NotAFileError
        return file, status.st_size

    def _ready(self, path: Key) -> Path:
        # The root's own folder is never made anew: if it is gone, the place has vanished.
        folder = self.root
        *parents, name = Key(path).split("/")
        for part in parents:
            folder /= part
            folder.mkdir(exist_ok=True)
        return folder / name


def _is_link(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() or (sys.version_info >= (3, 12) and entry.is_junction())


def _out_of(root: str, path: Path) -> str:
    """Where a path leads, if that is not below a real root; else nothing."""
    real = os.path.realpath(path)
    return "" if Path(real).is_relative_to(root) else real


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

    def read(self, path: Key, most: int | None = None) -> bytes:
        """Read a whole file."""
        if most is not None and (size := self.size(path)) > most:
            raise TooLarge(size, most)
        where = self._at(path)
        with _said(where):
            data: bytes = self._fs.cat_file(where)
            return data

    def head(self, path: Key, most: int) -> bytes:
        """Read the first bytes of a file."""
        where = self._at(path)
        with _said(where):
            data: bytes = self._fs.cat_file(where, start=0, end=most)
            return data

    def open(self, path: Key) -> IO[bytes]:
        """Open a file for reading; it is fetched piece by piece."""
        where = self._at(path)
        with _said(where):
            file: IO[bytes] = self._fs.open(where, "rb")
            return file

    def size(self, path: Key) -> int:
        """Bytes in a file."""
        where = self._at(path)
        with _said(where):
            info: dict[str, Any] = self._fs.info(where)
        if info.get("type") == "directory":
            raise IsADirectoryError(21, "Is a directory", where)
        return int(info["size"] or 0)

    def write(self, path: Key, data: bytes) -> None:
        """Write a file; where a half-written one could be seen, under a temporary name first."""
        with self._moved(path) as target:
            self._fs.pipe_file(target, data)

    def upload(self, file: Path, path: Key) -> None:
        """Put a local file there."""
        with self._moved(path) as target:
            self._fs.put_file(str(file), target)

    def remove(self, paths: Iterable[Key]) -> None:
        """Remove files."""
        for path in paths:
            where = self._at(path)
            with _said(where), contextlib.suppress(FileNotFoundError):
                self._fs.rm_file(where)

    def files(self, under: Key | None = None) -> Iterator[tuple[str, int]]:
        """Every file below a folder."""
        base = self._base if under is None else self._at(under)
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

    def _at(self, path: Key) -> str:
        return f"{self._base}/{Key(path)}"

    @contextlib.contextmanager
    def _moved(self, path: Key) -> Iterator[str]:
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
