"""Each layer of Albumentations as steps of a preset.

Arguments are those of version 2; where version 1 called them otherwise, those are taken as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from augstudio.code.importing.layers import colour, geometry, others
from augstudio.code.importing.layers.reading import Reader

LAYERS: Mapping[str, Reader] = {**geometry.LAYERS, **colour.LAYERS, **others.LAYERS}
"""By the layer's name."""
NO_AUGMENTATION = {
    "Normalize": "it prepares pictures for the model, and is no augmentation",
    "ToFloat": "it prepares pictures for the model, and is no augmentation",
    "FromFloat": "it prepares pictures for the model, and is no augmentation",
    "ToTensorV2": "it prepares pictures for the model, and is no augmentation",
    "ToTensor3D": "it prepares pictures for the model, and is no augmentation",
    "NoOp": "it does nothing",
    "Lambda": "a function is not saved with the pipeline",
}
