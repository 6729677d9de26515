"""Opening folders in the background: listing, labels, copying the sample, measuring what the pictures are like."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from augstudio import dataset as datasets
from augstudio import files
from augstudio.advice import Facts, LabelFacts
from augstudio.dataset import Dataset, Folders
from augstudio.dataset.facts import look_at
from augstudio.dataset.label_facts import look_at_labels
from augstudio.dataset.labelling import NO_LABELS, DatasetLabels, LabelError, RecognitionStopped, collect
from augstudio.gui.intent.session import MOST_RECENT
from augstudio.gui.parts.workers import Worker
from augstudio.wording import printable, said


class Opening(NamedTuple):
    """A folder to open, the key of the picture to begin with, and whether it is to hold the sample.

    `known` is what it held, where it is read anew, and `labels` those of its pictures; `folders` what folders in it are
    taken for.
    """

    folder: Path
    picture: str
    sample: bool = False
    known: Dataset | None = None
    folders: Folders = Folders.AUTO
    labels: DatasetLabels = NO_LABELS


class Read(NamedTuple):
    """What a folder holds, when that began to be read (nanoseconds of the system's clock), and how long it took.

    `labels` are those of its pictures; where they cannot be read, `trouble` says why.
    """

    dataset: Dataset
    since: int
    seconds: float
    labels: DatasetLabels = NO_LABELS
    trouble: str = ""


class FolderReader(QObject):
    """Opens one folder at a time; asking for another gives the first one up.

    Parameters
    ----------
    recent : tuple of str
        Folders opened before.
    first : Worker
        Measuring the pictures gives way to it.

    Attributes
    ----------
    labels : DatasetLabels
        Those of the folder that was read last.
    trouble : str
        Why they could not be read; empty if nothing is wrong.

    Signals
    -------
    began(str), went_on(str)
        Words for the status bar.
    opened(Dataset, str)
        A folder's pictures, and the key of the picture to begin with.
    failed(Exception)
        It cannot be opened.
    reread(Dataset)
        What the open folder holds now; the dataset itself if that is what it held.
    lost(Exception)
        The open folder cannot be read any more.
    measured(Facts or None, Dataset, int)
        What the pictures of a dataset are like at a training size.
    looked_through(LabelFacts or None, (Dataset, int, DatasetLabels))
        What labelled objects the pictures of a dataset hold.
    """

    began = Signal(str)
    went_on = Signal(str)
    opened = Signal(object, str)
    failed = Signal(object)
    reread = Signal(object)
    lost = Signal(object)
    measured = Signal(object, object, int)
    looked_through = Signal(object, object)

    def __init__(self, recent: tuple[str, ...], first: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recent = list(recent)
        self._asked: Opening | None = None
        self._again = False
        self.since, self.seconds = 0, 0.0
        self.labels, self.trouble = NO_LABELS, ""
        self._leaving = False
        self._scans = Worker(self._scan, "scan", self)
        self._scans.done.connect(self._scanned)
        self._scans.failed.connect(self._not_scanned)
        self._facts = Worker(self._look_at, "facts", self, first=first)
        self._facts.done.connect(lambda asked, facts: self.measured.emit(facts, *asked))
        self._facts.failed.connect(lambda *_: None)  # without facts, advice does with what it has
        self._objects = Worker(self._look_at_labels, "objects", self, first=first)
        self._objects.done.connect(lambda asked, objects: self.looked_through.emit(objects, asked))
        self._objects.failed.connect(lambda asked, _: self.looked_through.emit(None, asked))

    def open(self, folder: Path, picture: str = "", folders: Folders = Folders.AUTO) -> None:
        """List a folder's pictures; give up one that is being listed."""
        self._ask(Opening(folder, picture, folders=folders))

    def reload(self, known: Dataset) -> None:
        """Read the open folder anew, unless another one is being opened."""
        if self._asked is None:
            self._asked = Opening(known.root, "", known=known, folders=known.folders, labels=self.labels)
            self._scans.ask([self._asked])
        elif self._asked.known is not None:
            self._again = True

    def open_sample(self) -> None:
        """Put the sample pictures where the user's own files are, unless they are there, and open them."""
        self._ask(Opening(sample_folder(), "", sample=True))

    def measure(self, dataset: Dataset, training_size: int) -> None:
        """Look at some of the pictures."""
        self._facts.ask([(dataset, training_size)])

    def look_through(self, asked: tuple[Dataset, int, DatasetLabels]) -> None:
        """Look at the labelled objects of some of the pictures."""
        self._objects.ask([asked])

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do."""
        return self._scans.idle and self._facts.idle and self._objects.idle

    def stop(self) -> None:
        """End the threads."""
        self._leaving, self._asked = True, None
        self._scans.stop()
        self._facts.stop()
        self._objects.stop()

    def _look_at(self, asked: tuple[Dataset, int]) -> Facts | None:
        return look_at(*asked, stop=lambda: self._held_up(self._facts))

    def _look_at_labels(self, asked: tuple[Dataset, int, DatasetLabels]) -> LabelFacts | None:
        return look_at_labels(asked[0], asked[2], stop=lambda: self._held_up(self._objects))

    def _held_up(self, worker: Worker) -> bool:
        """Before each picture that is measured, let the one that is looked at go first; then say whether to stop."""
        worker.give_way()
        return self._leaving

    def _ask(self, opening: Opening) -> None:
        self.began.emit(f"Listing {printable(opening.folder)} …")
        self._asked, self._again = opening, False
        self._scans.ask([opening])

    def _scan(self, asked: Opening) -> Read:
        if asked.sample:
            self._copy_sample(asked)
        since, start = time.time_ns(), time.monotonic()
        dataset = datasets.scan(
            asked.folder,
            folders=asked.folders,
            stop=lambda: self._asked is not asked,
            found=lambda count: self._go_on(asked, f"Listing {printable(asked.folder)}: {count:,} pictures"),
        )
        labels, trouble = self._collect(asked, dataset)
        seconds = time.monotonic() - start
        # Compared here, since that takes a while for very many.
        if dataset == asked.known and labels == asked.labels:
            return Read(asked.known, since, seconds, asked.labels, trouble)
        _ = dataset.classes, dataset.splits, dataset.get("")  # counted here, so that the window finds it done
        return Read(dataset, since, seconds, labels, trouble)

    def _collect(self, asked: Opening, dataset: Dataset) -> tuple[DatasetLabels, str]:
        """The labels that follow the pictures; without them the folder is still worth opening."""
        if dataset.labels:
            self._go_on(asked, f"Listing {printable(asked.folder)}: labels of {len(dataset.sources):,} pictures")
        try:
            return collect(dataset, stop=lambda: self._asked is not asked), ""
        except RecognitionStopped:
            raise datasets.ScanStopped(f"{printable(asked.folder)}: given up") from None
        except LabelError as error:
            return NO_LABELS, f"The labels cannot be read: {error}"
        except OSError as error:
            return NO_LABELS, f"The labels cannot be read: {said(error)}"

    def _copy_sample(self, asked: Opening) -> None:
        def progress(done: int, total: int) -> None:
            self._go_on(asked, f"Copying the sample pictures: {done} of {total}")

        # What the user has changed or added there, or an earlier version's sample, is opened as it is.
        with contextlib.suppress(datasets.FolderTakenError):
            datasets.copy_sample(asked.folder, progress=progress)

    def _go_on(self, asked: Opening, words: str) -> None:
        """Tell how far it is; end the work, from inside, if it was given up."""
        if self._asked is not asked:
            raise datasets.ScanStopped(f"{printable(asked.folder)}: given up")
        if asked.known is None:
            self.went_on.emit(words)

    def _scanned(self, asked: Opening, read: Read) -> None:
        if asked is not self._asked:
            return
        self._asked, self.since, self.seconds = None, read.since, read.seconds
        self.labels, self.trouble = read.labels, read.trouble
        if asked.known is not None:
            self.reread.emit(read.dataset)
            self._once_more(read.dataset)
            return
        folder = str(read.dataset.root)
        self.recent = [folder, *(other for other in self.recent if other != folder)][:MOST_RECENT]
        self.opened.emit(read.dataset, asked.picture)

    def _not_scanned(self, asked: Opening, error: Exception) -> None:
        if asked is not self._asked:
            return
        self._asked = None
        if asked.known is not None:
            self.lost.emit(error)
            self._once_more(asked.known)
            return
        self.recent = [other for other in self.recent if other != str(asked.folder)]
        self.failed.emit(error)

    def _once_more(self, known: Dataset) -> None:
        """Something may have changed while it was read."""
        if self._again:
            self._again = False
            self.reload(known)


def sample_folder() -> Path:
    """Where the window keeps the sample pictures."""
    return files.user_data() / "sample"
