"""One picture and all its copies: a job is a value, and running it is a function of that value alone."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from augstudio import presets
from augstudio.dataset.scanning import Dataset
from augstudio.export.naming import copy_name, named
from augstudio.export.settings import Settings
from augstudio.files import write_atomically
from augstudio.images import Encoding, Format, Picture, PictureError, encode, read, target
from augstudio.pipeline import Pipeline

IMAGES = "images"
"""The folder below an export's root that loaders read."""
SUFFIXES = (".jpg", ".png", ".webp", ".bmp", ".tif")
"""Of exported files."""

# Only this one file is in the way; anything else the system says about writing concerns all that follow as well.
_ONE_FILE = {
    errno.ENAMETOOLONG,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENOTDIR,
    errno.ENOTEMPTY,
    errno.EINVAL,
    errno.EILSEQ,
    errno.EACCES,
    errno.EPERM,
}
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Job:
    """What is to be made of one source. All fields are plain values, so a job can travel as JSON or pickle.

    Attributes
    ----------
    key, label : str
        Of the source, as in `Source`.
    source : str
        Where it lies.
    out : str
        The export's root folder, which exists and has the folder `IMAGES`.
    folder : str
        Where the files go: POSIX path relative to `out`/`IMAGES`, empty for that folder itself.
    stem : str
        What their names begin with.
    copies : tuple of int
        Indexes of the copies, ascending; 0 is the original.
    preset : str
        The pipeline, as a preset's text.
    seed : int
        0 or more.
    format : str
        Value of a `Format`.
    quality : int
        1 to 100, of JPEG and WebP.
    max_pixels : int
        Larger pictures are refused.
    """

    key: str
    label: str
    source: str
    out: str
    folder: str
    stem: str
    copies: tuple[int, ...]
    preset: str
    seed: int
    format: str
    quality: int
    max_pixels: int

    def path(self, copy: int, suffix: str) -> str:
        """Where a copy goes: POSIX path relative to `out`."""
        folder = f"{IMAGES}/{self.folder}" if self.folder else IMAGES
        return f"{folder}/{copy_name(self.stem, copy)}{suffix}"


@dataclass(frozen=True)
class Output:
    """A file that was written, with all that is needed to make it again.

    Attributes
    ----------
    path : str
        POSIX path relative to the export's root.
    copy : int
        Its index; 0 is the original.
    draws : tuple of dict
        One per step, as of `Draw.as_json`; none for the original.
    width, height : int
        In pixels.
    bytes : int
        Size of the file.
    sha256 : str
        Of the file, in hexadecimal digits.
    """

    path: str
    copy: int
    draws: tuple[dict[str, object], ...]
    width: int
    height: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Result:
    """What came of a job; errors are values here.

    Attributes
    ----------
    key, label : str
        Of the source.
    seed : int
        Of the job.
    source_sha256 : str
        Of the source file; empty if it could not be read.
    outputs : tuple of Output
        The files written, in the order of the copies; all of them unless `reason` says why not.
    notes : tuple of str
        What reading did to the picture, such as "EXIF orientation 6 applied".
    reason : str
        Why files are missing, in plain words on one line; empty if none are.
    fatal : bool
        Whether the reason lies with the destination, so that going on makes no sense.
    """

    key: str
    label: str
    seed: int
    source_sha256: str = ""
    outputs: tuple[Output, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    fatal: bool = False


@dataclass(frozen=True)
class Encoded:
    """A copy as the bytes of its file."""

    copy: int
    suffix: str
    draws: tuple[dict[str, object], ...]
    width: int
    height: int
    data: bytes


def jobs_of(settings: Settings, dataset: Dataset) -> Iterator[Job]:
    """Make a job for every source, folder by folder."""
    preset = presets.dump(settings.pipeline)
    for source, stem in named(dataset.sources):
        yield Job(
            key=source.key,
            label=source.label,
            source=str(source.path),
            out=str(settings.out.resolve()),
            folder=source.label,
            stem=stem,
            copies=settings.indexes,
            preset=preset,
            seed=settings.seed,
            format=settings.encoding.format.value,
            quality=settings.encoding.quality,
            max_pixels=settings.max_pixels,
        )


def run(job: Job) -> Result:
    """Read the source once and write its copies, one after the other.

    Never raises: whatever goes wrong is in the result. What was written before that stays.
    """
    outputs: list[Output] = []
    notes: tuple[str, ...] = ()
    digest = reason = ""
    writing = fatal = False
    try:
        picture = read(Path(job.source), max_pixels=job.max_pixels)
        notes = picture.notes
        with Path(job.source).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        for made in render(job, picture):
            writing = True
            outputs.append(_written(job, made))
            writing = False
    except PictureError as error:
        reason = error.reason
    except OSError as error:
        if writing:
            fatal = error.errno not in _ONE_FILE
            reason = _why_not_written(error, job)
        else:
            reason = f"cannot be read: {_said(error)}"
    except MemoryError:
        reason = "not enough memory to augment it"
    except Exception as error:  # one picture must never cost the others
        reason = f"could not be augmented: {_said(error)}"
    return Result(job.key, job.label, job.seed, digest, tuple(outputs), notes, reason, fatal)


def render(job: Job, picture: Picture) -> Iterator[Encoded]:
    """Make the copies of a job's source one by one, without writing them.

    Raises
    ------
    ValueError
        If the format cannot hold the picture.
    """
    pipeline = _pipeline(job.preset)
    encoder, suffix = target(picture.info.format, Encoding(Format(job.format), job.quality))
    height, width = picture.pixels.shape[:2]
    for copy in job.copies:
        # The original is resized as the copies are, and is otherwise left alone: to the byte, if reading it did
        # nothing but read.
        if copy == 0 and pipeline.output.size is None and job.format == Format.SOURCE and _as_it_is(picture, encoder):
            yield Encoded(0, suffix, (), width, height, Path(job.source).read_bytes())
            continue
        draws = pipeline.draw(job.seed, job.key, copy) if copy else ()
        maker = pipeline if copy else _resize_only(job.preset)
        pixels = maker.plan(draws, width, height).apply(picture.pixels)
        data = encode(pixels, encoder, job.quality)
        yield Encoded(copy, suffix, tuple(draw.as_json() for draw in draws), pixels.shape[1], pixels.shape[0], data)


def _as_it_is(picture: Picture, encoder: str) -> bool:
    return picture.info.format == encoder and not picture.notes


@lru_cache(maxsize=4)
def _pipeline(preset: str) -> Pipeline:
    return presets.parse(preset, "the export's preset")


@lru_cache(maxsize=4)
def _resize_only(preset: str) -> Pipeline:
    return _pipeline(preset).edited(transforms=())


def _written(job: Job, made: Encoded) -> Output:
    path = job.path(made.copy, made.suffix)
    # The root's own folder is never made anew: if it is gone, the destination has vanished.
    folder = Path(job.out, IMAGES)
    for part in filter(None, job.folder.split("/")):
        folder /= part
        folder.mkdir(exist_ok=True)
    write_atomically(made.data, Path(job.out, path))
    digest = hashlib.sha256(made.data).hexdigest()
    return Output(path, made.copy, made.draws, made.width, made.height, len(made.data), digest)


def _why_not_written(error: OSError, job: Job) -> str:
    if error.errno in _FULL:
        return f"the disk is full: nothing more can be written to {job.out}"
    if error.errno == errno.ENOENT:
        return f"the destination has vanished: {job.out}"
    if error.errno in _ONE_FILE:
        return f"its copy could not be written: {_said(error)}"
    return f"nothing can be written to {job.out}: {_said(error)}"


def _said(error: Exception) -> str:
    """What an error says, on one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
