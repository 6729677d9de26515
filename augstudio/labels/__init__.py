"""Labels that lie beside pictures: boxes, polygons, masks, captions.

All formats are recognised (`recognition`); of some, labels are read, follow their pictures, and are written
(`formats`, around the one model in `model`).
"""

from __future__ import annotations

from augstudio.labels.found import LabelFormat, Labels, Recognised, RecognitionStopped
from augstudio.labels.recognition import recognise

__all__ = ["LabelFormat", "Labels", "Recognised", "RecognitionStopped", "recognise"]
