"""What a folder holds: pictures, their classes, and the sample dataset."""

from __future__ import annotations

from augstudio.dataset.sample import draw_sample
from augstudio.dataset.scanning import Dataset, DatasetError, ScanStopped, Source, scan, walk

__all__ = ["Dataset", "DatasetError", "ScanStopped", "Source", "draw_sample", "scan", "walk"]
