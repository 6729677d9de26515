"""What a folder holds: pictures, their classes, and the sample dataset."""

from __future__ import annotations

from augstudio.dataset.sample import FolderTakenError, copy_sample
from augstudio.dataset.scanning import Dataset, DatasetError, ScanStopped, Source, scan, walk

__all__ = ["Dataset", "DatasetError", "FolderTakenError", "ScanStopped", "Source", "copy_sample", "scan", "walk"]
