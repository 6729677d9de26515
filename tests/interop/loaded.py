"""What workers load: here, so that one that is spawned need not import what the tests do."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from augstudio import Pipeline

PHOTOS = Pipeline.load("photos")
COUNT, SEED = 9, 7


def picture(index: int) -> Any:
    """A picture of its own for each index, in all processes: 20 rows of 30."""
    return np.random.default_rng(index).integers(0, 256, (20, 30, 3), np.uint8)


def first(tensor: Any) -> Any:
    """Channels before rows."""
    return torch.from_numpy(np.moveaxis(np.asarray(tensor), -1, 0).copy())


def drawn(index: int, epoch: int, pipeline: Pipeline = PHOTOS, seed: int = SEED) -> Any:
    """What sample and epoch should show."""
    return pipeline(picture(index), seed=seed, key=str(index), copy=epoch + 1)


class Pictures(torch.utils.data.Dataset[Any]):
    """Tensors with numbers for classes."""

    def __len__(self) -> int:
        return COUNT

    def __getitem__(self, index: int) -> Any:
        return first(picture(index)), index


def same(data: Any) -> Any:
    """For a loader that collates nothing."""
    return data
