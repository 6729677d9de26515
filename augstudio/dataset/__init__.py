"""What a folder holds: pictures, their classes, and the sample dataset."""

from __future__ import annotations

from augstudio.dataset.listing import DatasetError, ScanStopped, Source
from augstudio.dataset.sample import FolderTakenError, copy_sample
from augstudio.dataset.scanning import Dataset, scan
from augstudio.dataset.splits import Doubt, Folders

__all__ = [
    "Dataset",
    "DatasetError",
    "Doubt",
    "FolderTakenError",
    "Folders",
    "ScanStopped",
    "Source",
    "copy_sample",
    "scan",
]
