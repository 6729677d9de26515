"""The sample dataset: drawn pictures with text and without, for a first look at the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from augstudio.dataset.scanning import DatasetError, printable
from augstudio.files import write_atomically
from augstudio.images import encode

__all__ = ["draw_sample"]

_QUALITY = 92


def _nothing(_done: int, _total: int) -> None:
    pass


def draw_sample(
    directory: Path, *, per_class: int = 36, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Draw a dataset of two classes, ``text`` and ``no_text``, into a folder.

    A picture depends on the seed, its class and its number only: the same call writes the same bytes, and a larger
    sample begins with the smaller one.

    Parameters
    ----------
    directory
        A folder that is missing, empty or an earlier sample; the earlier sample is replaced.
    per_class
        Pictures of each class, 1 or more.
    seed
        0 or more.
    progress
        Told how many pictures are written, of how many.

    Returns
    -------
    list of Path
        The pictures, in the order in which they were drawn.

    Raises
    ------
    DatasetError
        The folder holds something else, or cannot be written.
    ValueError
        `per_class` or `seed` is out of range.
    """
    # The scenes are many, and hardly any run of the program draws them: do not make all of them wait.
    from augstudio.dataset.sample.catalogue import CLASSES, draw_picture, file_name

    if per_class < 1 or seed < 0:
        raise ValueError(f"per_class is {per_class} and seed {seed}; they must be at least 1 and 0")
    report = progress or _nothing
    wanted = [(label, index) for label in CLASSES for index in range(per_class)]
    paths: list[Path] = []
    try:
        stale = set(_earlier_sample(directory))
        for label in CLASSES:
            (directory / label).mkdir(parents=True, exist_ok=True)
        report(0, len(wanted))
        for label, index in wanted:
            path = directory / label / file_name(label, index)
            image = draw_picture(label, index, seed)
            encoder = "PNG" if path.suffix == ".png" else "JPEG"
            write_atomically(encode(np.asarray(image), encoder, _QUALITY), path)
            paths.append(path)
            report(len(paths), len(wanted))
        for path in stale.difference(paths):
            path.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror.lower() if error.strerror else str(error)
        raise DatasetError(f"{printable(directory)}: the sample cannot be written here ({reason})") from error
    return paths


def _earlier_sample(directory: Path) -> list[Path]:
    """Return the pictures of an earlier sample; raise DatasetError if the folder holds anything else."""
    from augstudio.dataset.sample.catalogue import CLASSES, is_ours

    if not directory.exists():
        return []
    if not directory.is_dir():
        raise DatasetError(f"{printable(directory)}: this is a file; the sample needs a folder")
    pictures: list[Path] = []
    for folder in directory.iterdir():
        if folder.name.startswith("."):
            continue
        files = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
        strange = [path for path in files if not is_ours(folder.name, path.name)]
        if folder.name not in CLASSES or not folder.is_dir() or strange:
            named = printable((strange or [folder])[0].relative_to(directory))
            raise DatasetError(
                f"{printable(directory)}: the folder holds something else ({named}); "
                "the sample needs an empty or new folder, or an earlier sample to replace"
            )
        pictures += files
    return pictures
