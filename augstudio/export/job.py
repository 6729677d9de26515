"""One picture and all its copies: a job is a value, and running it is a function of that value alone."""

from __future__ import annotations

import contextlib
import errno
import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from augstudio import presets
from augstudio.engine import Plan
from augstudio.export.naming import copy_name
from augstudio.export.objects import Complaint, ObjectCounts, told
from augstudio.export.versions import processor, versions
from augstudio.images import (
    DAMAGED_METADATA,
    Encoding,
    Format,
    Loaded,
    Picture,
    PictureError,
    encode,
    read,
    target,
    without_metadata,
)
from augstudio.images.opening import most_bytes
from augstudio.label_rules import Objects
from augstudio.labels.adapter import MOST_LABEL_BYTES
from augstudio.labels.model import Facts as LabelledPicture
from augstudio.labels.model import LabelFile, Labelling
from augstudio.labels.picture import PictureLabels
from augstudio.marks import IMAGES
from augstudio.pipeline import Outcome, Pipeline
from augstudio.storage import Key, TooLarge, at
from augstudio.transforms import Draw
from augstudio.wording import printable, said

SUFFIXES = (".jpg", ".png", ".webp", ".bmp", ".tif")
"""Of exported files."""

_READING_SECONDS, _COPY_SECONDS = 300.0, 60.0
"""How long a worker may take to read a picture, and for each copy, before it is taken to hang."""

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
    number : int
        Its place among the export's jobs, from 0.
    key, label, split : str
        Of the source, as in `Source`; the split may also come from dealing a source out.
    root : str
        The dataset's location; the source lies at `key` in it.
    out : str
        The export's location, which exists.
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
    looked_at : int
        Training size at which to tell what the source is like; 0 if nobody wants to know.
    labellings : tuple of str
        The label sets that follow the pictures, as of `Labelling.dump`; none if none do.
    records : tuple of str
        What each of them has for this source, as of `DatasetLabels.records`.
    """

    number: int
    key: str
    label: str
    split: str
    root: str
    out: str
    folder: str
    stem: str
    copies: tuple[int, ...]
    preset: str
    seed: int
    format: str
    quality: int
    max_pixels: int
    looked_at: int = 0
    labellings: tuple[str, ...] = ()
    records: tuple[str, ...] = ()

    def path(self, copy: int, suffix: str) -> str:
        """Where a copy goes: POSIX path relative to `out`."""
        folder = f"{IMAGES}/{self.folder}" if self.folder else IMAGES
        return f"{folder}/{copy_name(self.stem, copy)}{suffix}"


def place_of(path: str, copy: int) -> tuple[str, str]:
    """Folder and stem of a job that puts a copy at a path, as `Job.path` gives it."""
    folder, _, name = path.rpartition("/")
    return folder.partition("/")[2], name.rpartition(".")[0].removesuffix(copy_name("", copy))


@dataclass(frozen=True)
class Artefact:
    """A file that belongs to a copy, beside its picture.

    Attributes
    ----------
    path : str
        POSIX path relative to the export's root.
    role : str
        What it is to the copy: "labels", "mask", "mask 2", …; unique among the files of a copy.
    bytes : int
        Its size.
    sha256 : str
        Of it, in hexadecimal digits.
    """

    path: str
    role: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Written:
    """A copy whose picture was written, with all that is needed to make it again.

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
    reduction : int
        The source was decoded at 1/1, 1/2, 1/4 or 1/8 of its size.
    artefacts : tuple of Artefact
        Its other files.
    annotations : list or None
        What files that speak of many copies say of it; None where there are none.
    objects : ObjectCounts or None
        What became of the objects; None where no labels follow.
    """

    path: str
    copy: int
    draws: tuple[dict[str, object], ...]
    width: int
    height: int
    bytes: int
    sha256: str
    reduction: int = 1
    artefacts: tuple[Artefact, ...] = ()
    annotations: list[Any] | None = None
    objects: ObjectCounts | None = None


@dataclass(frozen=True)
class Result:
    """What came of a job; errors are values here.

    Attributes
    ----------
    number, key, label, split, seed
        Of the job.
    source_sha256 : str
        Of the source file; empty if it could not be read.
    outputs : tuple of Written
        The files written, in the order of the copies; all of them unless `reason` says why not.
    notes : tuple of str
        What reading did to the picture, such as "EXIF orientation 6 applied", and what was left out of the files, such
        as "EXIF with GPS position dropped".
    versions : dict
        As of `versions`, where it ran.
    processor : str
        As of `processor`, where it ran.
    reason : str
        Why files are missing, in plain words on one line; empty if none are.
    fatal : bool
        Whether the reason lies with the destination, so that going on makes no sense.
    seen : (int, int, float) or None
        Width, height and contrast of the source, if the job asked for them and it could be read.
    labels_sha256 : str
        Of all that its labels were read from; empty where none follow.
    complaints : tuple of (str, str, int)
        What is wrong with its labels: the kind, the whole in a plain line, and how many it stands for; of very many of
        one kind only the first have a line of their own.
    """

    number: int
    key: str
    label: str
    split: str
    seed: int
    source_sha256: str = ""
    outputs: tuple[Written, ...] = ()
    notes: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=versions)
    processor: str = field(default_factory=processor)
    reason: str = ""
    fatal: bool = False
    seen: tuple[int, int, float] | None = None
    labels_sha256: str = ""
    complaints: tuple[Complaint, ...] = ()

    @classmethod
    def failed(cls, job: Job, reason: str) -> Result:
        """A result without files."""
        return cls(job.number, job.key, job.label, job.split, job.seed, reason=reason)


@dataclass(frozen=True)
class Encoded:
    """A copy as the bytes of its files."""

    copy: int
    suffix: str
    draws: tuple[dict[str, object], ...]
    width: int
    height: int
    data: bytes
    files: tuple[LabelFile, ...] = ()
    annotations: list[Any] | None = None
    objects: ObjectCounts | None = None


def run_job(job: Job) -> Result:
    """Read the source once and write its copies, one after the other.

    Never raises: whatever goes wrong is in the result. What was written before that stays.
    """
    outputs: list[Written] = []
    notes: tuple[str, ...] = ()
    seen = None
    digest = labels_digest = reason = ""
    complaints: tuple[Complaint, ...] = ()
    writing = fatal = False
    try:
        loaded = load(job)
        digest = hashlib.sha256(loaded.data).hexdigest()
        picture = decoded(job, loaded)
        notes = (*picture.notes, *(f"{what} dropped" for what in picture.dropped))
        labels = labels_of(job, picture)
        if labels is not None:
            labels_digest, complaints = labels.sha256, told(labels.problems)
            notes = (*notes, *labels.notes)
            if labels.unusable:
                raise PictureError(Path(job.key), labels.unusable)
        if job.looked_at:
            from augstudio.advice import contrast_of  # the process that plans an export has no use for it

            seen = (picture.info.width, picture.info.height, contrast_of(picture.pixels, job.looked_at))
        for copy in job.copies:
            made = render(job, picture, loaded.data, copy, labels=labels)
            writing = True
            outputs.append(_written(job, made, picture.reduction))
            writing = False
    except PictureError as error:
        reason = error.reason
    except OSError as error:
        if writing:
            fatal = error.errno not in _ONE_FILE
            reason = _why_not_written(error)
        else:
            reason = f"cannot be read: {said(error)}"
    except MemoryError:
        reason = "not enough memory to augment it"
    except Exception as error:  # one picture must never cost the others
        reason = f"could not be augmented: {said(error)}"
    return Result(
        job.number,
        job.key,
        job.label,
        job.split,
        job.seed,
        source_sha256=digest,
        outputs=tuple(outputs),
        notes=notes,
        versions=versions(labels=bool(job.labellings)),
        reason=reason,
        fatal=fatal,
        seen=seen,
        labels_sha256=labels_digest,
        complaints=complaints,
    )


def seconds_allowed(args: tuple[object, ...]) -> float:
    """How long a call with these arguments, a job among them, may take before it is taken to hang."""
    copies = sum(len(arg.copies) for arg in args if isinstance(arg, Job))
    return _READING_SECONDS + copies * _COPY_SECONDS


def load(job: Job) -> Loaded:
    """Fetch the bytes of a job's source.

    Raises
    ------
    PictureError
        If they cannot be had, or are too many.
    """
    path = Path(job.key)
    try:
        return Loaded(path, at(job.root).read(Key(job.key), most_bytes(job.max_pixels)))
    except TooLarge as error:
        most = most_bytes(job.max_pixels)
        raise PictureError(
            path, f"{error.size:,} bytes, above the limit of {most:,} bytes for {job.max_pixels:,} pixels"
        ) from error
    except FileNotFoundError as error:
        raise PictureError(path, "no such file") from error
    except PermissionError as error:
        raise PictureError(path, "no permission to read it") from error
    except IsADirectoryError as error:
        raise PictureError(path, "a folder, not a picture") from error
    except OSError as error:
        raise PictureError(path, f"cannot be read: {said(error)}") from error


def decoded(job: Job, loaded: Loaded) -> Picture:
    """Decode a job's source, as far as its output needs.

    Raises
    ------
    PictureError
        If it cannot be read.
    """
    return read(loaded, max_pixels=job.max_pixels, enough=_pipeline(job.preset).output.enough)


def labels_of(job: Job, picture: Picture) -> PictureLabels | None:
    """Read what is said of a job's source; None where no labels follow.

    Raises
    ------
    PictureError
        If a label file cannot be read.
    """
    if not job.labellings:
        return None
    source = at(job.root)
    info = picture.info
    asked = ""

    def read_(key: str) -> bytes:
        nonlocal asked
        asked = key
        return source.read(Key(key), MOST_LABEL_BYTES)

    try:
        facts = LabelledPicture(job.key, info.width, info.height, info.orientation)
        return PictureLabels.read(list(map(_labelling, job.labellings)), job.records, read_, facts)
    except OSError as error:
        raise PictureError(Path(job.key), f"its labels cannot be read: {printable(asked)}: {said(error)}") from error


@lru_cache(maxsize=16)
def _labelling(text: str) -> Labelling:
    return Labelling.parse(text)


def render(
    job: Job,
    picture: Picture,
    data: bytes,
    copy: int,
    draws: tuple[Draw, ...] | None = None,
    *,
    labels: PictureLabels | None = None,
) -> Encoded:
    """Make one copy of a job's source, without writing it.

    Parameters
    ----------
    job : Job
        Its `copies` do not matter.
    picture, data
        The source: decoded, and as it lies in its file.
    copy : int
        Index of the copy; 0 is the original.
    draws : tuple of Draw, optional
        Those of the copy, where they are known; by default they are drawn.
    labels : PictureLabels, optional
        What is said of the source.

    Raises
    ------
    ValueError
        If the format cannot hold the picture.
    """
    encoding = Encoding(Format(job.format), job.quality)
    _, suffix = target(picture.info.format, encoding, lossless=picture.info.lossless)
    outcome = decide(job, picture, copy, draws, labels=labels)
    made, size = _pixels(job, picture, data, copy, outcome.plan)
    encoded = Encoded(copy, suffix, tuple(d.as_json() for d in outcome.draws), *size, made)
    if labels is None:
        return encoded
    channels = 1 if picture.pixels.ndim == 2 else picture.pixels.shape[2]
    written = labels.written(
        job.path(copy, suffix),
        job.split,
        size,
        channels,
        outcome.fates,
        outcome.plan.masks(labels.masks, read=picture.read_as),
        unmoved=outcome.unmoved,
    )
    counts = ObjectCounts.of(labels.names, outcome.fates, frozenset(written.left_out))
    return replace(encoded, files=written.files, annotations=written.annotations, objects=counts)


def decide(
    job: Job,
    picture: Picture,
    copy: int,
    draws: tuple[Draw, ...] | None = None,
    *,
    labels: PictureLabels | None = None,
) -> Outcome:
    """Decide all about one copy of a job's source, before any pixel changes; as of `render`."""
    height, width = picture.pixels.shape[:2]
    # The original is resized as the copies are, and is otherwise left alone.
    maker = _pipeline(job.preset) if copy else _resize_only(job.preset)
    drawn = draws if copy else ()
    objects = labels.objects(job.label, picture.read_as) if labels is not None else Objects(label=job.label)
    return maker.outcome(job.seed, job.key, copy, (width, height), objects=objects, draws=drawn)


def _pixels(job: Job, picture: Picture, data: bytes, copy: int, plan: Plan) -> tuple[bytes, tuple[int, int]]:
    """The picture of a copy as the bytes of a file, and its width and height.

    The very pixels of an original are kept where reading it did nothing but read, and only what is no picture (EXIF,
    comments, …) goes.
    """
    encoding = Encoding(Format(job.format), job.quality)
    encoder, _ = target(picture.info.format, encoding, lossless=picture.info.lossless)
    untouched = set(picture.notes) <= {DAMAGED_METADATA}
    if copy == 0 and not plan.asked and job.format == Format.SOURCE and untouched:
        stripped = without_metadata(data, picture.info.format)
        if stripped is not None:
            height, width = picture.pixels.shape[:2]
            return stripped, (width, height)
    pixels = plan.apply(picture.pixels)
    return encode(pixels, encoder, job.quality, picture.profile), (pixels.shape[1], pixels.shape[0])


@lru_cache(maxsize=64)  # a trial makes copies by as many at a time
def _pipeline(preset: str) -> Pipeline:
    return presets.parse(preset, "the export's preset")


@lru_cache(maxsize=64)
def _resize_only(preset: str) -> Pipeline:
    return _pipeline(preset).edited(transforms=())


def _written(job: Job, made: Encoded, reduction: int) -> Written:
    path = job.path(made.copy, made.suffix)
    out = at(job.out)
    begun = [Key(path)]
    try:
        out.write(Key(path), made.data)
        for file in made.files:
            begun.append(Key(file.path))
            out.write(Key(file.path), file.data)
    except OSError:
        with contextlib.suppress(OSError):  # a picture without its labels would be taken for one that shows nothing
            out.remove(begun)
        raise
    return Written(
        path,
        made.copy,
        made.draws,
        made.width,
        made.height,
        len(made.data),
        hashlib.sha256(made.data).hexdigest(),
        reduction,
        tuple(
            Artefact(file.path, file.role, len(file.data), hashlib.sha256(file.data).hexdigest()) for file in made.files
        ),
        made.annotations,
        made.objects,
    )


def _why_not_written(error: OSError) -> str:
    if error.errno in _FULL:
        return "the disk is full: nothing more can be written"
    if error.errno == errno.ENOENT:
        return "the destination has vanished"
    if error.errno in _ONE_FILE:
        return f"its copy could not be written: {said(error)}"
    return f"nothing can be written to the destination: {said(error)}"
