"""Labels that lie beside pictures: boxes, polygons, masks, captions. Here they are recognised, not yet read."""

from __future__ import annotations

from augstudio.labels.found import LabelFormat, Labels, Recognised, RecognitionStopped
from augstudio.labels.recognition import recognise

__all__ = ["LabelFormat", "Labels", "Recognised", "RecognitionStopped", "recognise"]
