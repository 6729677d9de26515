"""The exact pipeline inside other people's loops: the copies of an export, drawn anew for each sample and epoch.

`Augment` is the bare callable, which takes a key; `augstudio.adapters.torch`, `augstudio.adapters.tensorflow` and
`augstudio.adapters.huggingface` fit it into those libraries' loops. None of them is imported unless it is used.

>>> from augstudio import Pipeline
>>> from augstudio.adapters import Augment
>>> augment = Augment(Pipeline.load("gentle"), seed=7)
>>> augmented = augment(image, key="cat/tom.jpg", epoch=0)  # doctest: +SKIP
"""

from __future__ import annotations

from augstudio.adapters.augment import Augment
from augstudio.adapters.parts import Parts

__all__ = ["Augment", "Parts"]
