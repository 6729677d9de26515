"""A function for `tf.data`, which knows each picture by the number that `enumerate()` gave it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from augstudio.adapters import levels
from augstudio.adapters.augment import Augment as _Augment
from augstudio.adapters.counting import copy_of, counted, key_of
from augstudio.adapters.epoch import Epoch
from augstudio.adapters.libraries import needed
from augstudio.adapters.parts import Parts, Path, at, nodes_of, replaced
from augstudio.adapters.pictures import opened
from augstudio.engine import Sample
from augstudio.label_rules import Objects
from augstudio.pipeline import Pipeline


class Augment:
    """A function for `map` after `enumerate()`: every picture is augmented anew in every epoch.

    Every draw follows from the seed, the epoch and the picture's number alone: it is the same for any number of
    parallel calls and in any order. No random state is read or changed. Epoch `e` shows copy `e + 1` of an export with
    this seed if, in the place of the number, the data set gives the picture's path in it.

    Say which epoch it is before each one, by `set_epoch`, as from Keras's `LambdaCallback(on_epoch_begin=…)`. Where a
    data set is repeated, so that TensorFlow loads beyond the end of an epoch, give `size`: then numbers that count on
    say it, and `set_epoch` is not needed.

    It runs in this Python (`tf.numpy_function`), before `batch()` and after `cache()`; it can't be saved with a model.

    Parameters
    ----------
    pipeline : Pipeline
        What is done.
    seed : int
        0 or more: another one draws everything anew.
    size : int, optional
        How many pictures there are: number `n` is then picture `n % size` in epoch `n // size`.
    **parts
        What is what in an element: see `Parts`; boxes are not moved here.

    Examples
    --------
    >>> from augstudio import Pipeline
    >>> augment = Augment(Pipeline.load("photos"), seed=7)  # doctest: +SKIP
    >>> data = pictures.enumerate().shuffle(1000).map(augment, num_parallel_calls=4)  # doctest: +SKIP
    >>> begin = keras.callbacks.LambdaCallback(lambda epoch, logs: augment.set_epoch(epoch))  # doctest: +SKIP
    >>> model.fit(data.batch(32), epochs=20, callbacks=[begin])  # doctest: +SKIP

    Raises
    ------
    ImportError
        If TensorFlow is not installed.
    """

    def __init__(self, pipeline: Pipeline, seed: int, *, size: int | None = None, **parts: Unpack[Parts]) -> None:
        needed("tensorflow", by=__name__, title="TensorFlow", package="tensorflow")
        self._augment = _Augment(pipeline, seed, **parts)
        self._size = None if size is None else counted("size", size)
        if self._size == 0:
            raise ValueError("size must be 1 or more, not 0")
        self._epoch = Epoch()

    @property
    def epoch(self) -> int:
        """Which epoch it is, as of `set_epoch`; 0 at first."""
        return self._epoch.value

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins, before any of it is loaded.

        Parameters
        ----------
        epoch : int
            0 or more. Where `size` is given, it is added to what the numbers say.
        """
        self._epoch.value = epoch

    def __call__(self, number: Any, *element: Any) -> Any:
        """Augment an element of a data set.

        Parameters
        ----------
        number : tf.Tensor
            A scalar: its number, or a text that names it.
        *element : tf.Tensor, dict or tuple
            What `enumerate()` puts beside the number: a picture, `(H, W)` or `(H, W, 1 | 2 | 3 | 4)` of uint8 or
            uint16, or a tuple or dict with one in it.

        Returns
        -------
        tf.Tensor, dict or tuple
            The element, without the number. Shapes are as well known as they were, as far as the pipeline keeps them.

        Raises
        ------
        TypeError, ValueError
            If there is no picture where it should be, or something beside it would no longer fit.
        """
        # As it stands: TensorFlow would otherwise write this code anew, and all that it calls, as a graph's.
        return sys.modules["tensorflow"].autograph.experimental.do_not_convert(self._traced)(number, *element)

    def _traced(self, number: Any, *element: Any) -> Any:
        tf = sys.modules["tensorflow"]
        sample: Any = element[0] if len(element) == 1 else element
        layout = self._augment.layout
        nodes = dict(nodes_of(sample))
        paths = [layout.picture(sample), *layout.mask_paths(nodes)]
        tensors = [tf.convert_to_tensor(at(sample, path)) for path in paths]
        image = tensors[0]
        _check(image.dtype.name, image.shape.rank)
        layout.refuse_strays(nodes, set(paths), partial(_looks_like, image.shape))
        label = self._label(sample)

        def copied(number: Any, label: Any, *arrays: NDArray[Any]) -> list[NDArray[Any]]:
            return self._copied(number, layout.name(label), arrays)

        asked = [number, "" if label is None else label, *tensors]
        made = tf.numpy_function(copied, asked, [tensor.dtype for tensor in tensors])
        changes: dict[Path, Any] = {}
        for path, before, after in zip(paths, tensors, made, strict=True):
            after.set_shape(self._shape(before.shape))
            changes[path] = after
        return replaced(sample, changes)

    def _copied(self, number: Any, label: str, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Picture and masks of a copy, in TensorFlow's own thread."""
        key, epoch = number, self.epoch
        if self._size is not None:
            beyond, key = divmod(counted("number", number), self._size)
            epoch += beyond
        picture, *others = arrays
        before = opened(picture)
        planes = [levels.opened(mask, self._augment.layout.mask_fill) for mask in others]
        masks = tuple(mask for several in planes for mask in several.masks)
        after, _ = self._augment.copied(Sample(before.pixels, masks=masks), key_of(key), copy_of(epoch), label)
        made, left = [before.back(after.pixels)], iter(after.masks)
        size = after.pixels.shape[1::-1]
        made += [several.back(list(islice(left, len(several.masks))), size) for several in planes]
        return [np.ascontiguousarray(array) for array in made]

    def _label(self, sample: Any) -> Any:
        """The class, where a rule of the pipeline asks for it; a scalar."""
        if not self._augment.pipeline.labels.not_mirrored:
            return None
        label = self._augment.layout.label_in(sample)
        tells = label is not None and label.shape.rank == 0
        if tells and label.dtype.name != "string":
            tells = label.dtype.is_integer and self._augment.layout.classes is not None
        known = Objects(label="known" if tells else "")
        self._augment.layout.refuse_unnamed(self._augment.pipeline, known, stated=False)
        return label

    def _shape(self, before: Any) -> list[int | None]:
        """As much as is known of a copy's shape."""
        size = self._augment.pipeline.output.size
        height, width, *channels = before.as_list()
        if size is not None:
            width, height = size
        elif height != width and not _keeps_size(self._augment.pipeline):
            width = height = None
        return [height, width, *channels]


def _check(kind: str, rank: int | None) -> None:
    """Refuse what is no picture, where the reason can be told best: when the data set is built."""
    if kind not in ("uint8", "uint16"):
        raise TypeError(
            f"a picture must be uint8 or uint16, not {kind}: augment before its levels are made floats, or "
            "tf.cast(image, tf.uint8) if they are 0 to 255"
        )
    if rank not in (2, 3):
        hint = ": call map before batch(), or unbatch() first" if rank == 4 else ""
        known = "rank is not known; image.set_shape((None, None, 3)) tells it" if rank is None else f"rank is {rank}"
        raise ValueError(f"a picture must be (H, W) or (H, W, C), but its {known}{hint}")


def _looks_like(shape: Any, part: Any) -> bool:
    """Whether a tensor could be a second picture beside one of that shape."""
    rank = part.shape.rank if hasattr(part, "shape") else None
    return rank == 3 or (rank == 2 and part.shape.as_list() == shape.as_list()[:2])


def _keeps_size(pipeline: Pipeline) -> bool:
    """Whether every copy has its picture's size: no step makes it another, as a quarter turn does."""
    size = (64, 48)
    for step in pipeline.transforms:
        alone = pipeline.edited(transforms=(step,))
        if any(alone.plan(alone.draw_ends(high=high), *size).size != size for high in (False, True)):
            return False
    return True
