"""The sample dataset: pictures with text and without that ship with the program, for a first look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from augstudio import files
from augstudio.callbacks import ignore
from augstudio.dataset.listing import DatasetError
from augstudio.wording import printable, said

__all__ = ["FolderTakenError", "copy_sample", "sample_picture"]


class FolderTakenError(DatasetError):
    """The folder holds something that is not the sample's."""


def copy_sample(directory: Path, *, progress: Callable[[int, int], None] = ignore) -> list[Path]:
    """Copy the sample pictures, in two classes, ``text`` and ``no_text``, into a folder.

    Nothing that is there is changed or removed, and every picture appears whole or not at all: what was interrupted is
    completed by the next call.

    Parameters
    ----------
    directory
        A folder that is missing, empty, or holds nothing but pictures of the sample, as they ship. Names that begin
        with a dot do not count.
    progress
        Told how many pictures are there, of how many; what it raises ends the copying.

    Returns
    -------
    list of Path
        The pictures, sorted.

    Raises
    ------
    FolderTakenError
        The folder holds something else; nothing was written.
    DatasetError
        The folder is a file, or cannot be written, or the program's own pictures are missing.
    """
    sample = _shipped()
    try:
        if strange := _strange(directory, sample):
            raise FolderTakenError(
                f"{printable(directory)}: the folder holds something else ({printable(strange)}); "
                "the sample needs an empty or new folder"
            )
        progress(0, len(sample))
        for done, (name, data) in enumerate(sample.items(), 1):
            path = directory / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                files.write_atomically(data, path)
            progress(done, len(sample))
    except OSError as error:
        raise DatasetError(f"{printable(directory)}: the sample cannot be written here ({said(error)})") from error
    return [directory / name for name in sample]


def sample_picture() -> Path:
    """Where the first picture lies that ships, to show something by; nothing there is looked at."""
    return files.resources() / "sample" / "no_text" / "bird.jpg"


def _shipped() -> dict[str, bytes]:
    """The pictures that ship, by CLASS/NAME; without what lies beside the classes, which is about them."""
    folder = files.resources() / "sample"
    try:
        paths = sorted(path for path in folder.glob("*/*") if path.suffix in (".jpg", ".png"))
        sample = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    except OSError as error:
        raise DatasetError(f"{printable(folder)}: the sample pictures cannot be read ({said(error)})") from error
    if not sample:
        raise DatasetError(f"{printable(folder)}: the sample pictures are missing; install augstudio anew")
    return sample


def _strange(directory: Path, sample: dict[str, bytes]) -> Path | None:
    """Whatever is there first that is not the sample's, below the directory."""
    if not directory.exists():
        return None
    if not directory.is_dir():
        raise DatasetError(f"{printable(directory)}: this is a file; the sample needs a folder")
    classes = {name.partition("/")[0] for name in sample}
    for folder in _visible(directory):
        if folder.name not in classes or not folder.is_dir():
            return folder.relative_to(directory)
        for path in _visible(folder):
            data = sample.get(f"{folder.name}/{path.name}")
            if data is None or not path.is_file() or path.stat().st_size != len(data) or path.read_bytes() != data:
                return path.relative_to(directory)
    return None


def _visible(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))
