"""The copies of a pipeline for a loop of one's own: a callable that takes a key and an epoch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, SupportsIndex, TypeVar, Unpack

from augstudio.adapters import tv_tensors
from augstudio.adapters.counting import Key, copy_of, counted, key_of
from augstudio.adapters.parts import Layout, Parts, at, is_of_size, nodes_of, replaced
from augstudio.adapters.pictures import opened
from augstudio.adapters.travelling import Luggage, Made
from augstudio.engine import Pixels, Sample, check_shapes
from augstudio.label_rules import Objects
from augstudio.pipeline import Outcome, Pipeline

T = TypeVar("T")


class Augment:
    """Augment samples of any kind by key and epoch; the same ones always give the same copy, in any process.

    Chance is drawn as an export draws it: of the picture with the key `k`, epoch `e` shows copy `e + 1` of an export
    with this seed in which the picture's path is `k`. No random state is read or changed. It can be pickled.

    Parameters
    ----------
    pipeline : Pipeline
        What is done.
    seed : int
        0 or more: another one draws everything anew.
    **parts
        What is what in a sample: see `Parts`.

    Examples
    --------
    >>> import numpy as np
    >>> from augstudio import Pipeline
    >>> augment = Augment(Pipeline.load("gentle"), seed=7)
    >>> image, label = augment((np.zeros((40, 50, 3), np.uint8), 3), key="cat/tom.jpg", epoch=0)
    >>> image.shape, label
    ((40, 50, 3), 3)
    """

    def __init__(self, pipeline: Pipeline, seed: int, **parts: Unpack[Parts]) -> None:
        if not isinstance(pipeline, Pipeline):
            raise TypeError(f"pipeline must be a Pipeline, such as Pipeline.load('gentle'), not {pipeline!r}")
        self.pipeline = pipeline
        self.seed = counted("seed", seed)
        layout = Layout(**parts)
        # Where no rule asks for a class, none is looked up: −1 often stands for a picture that nobody labelled.
        self.layout = layout if pipeline.labels.not_mirrored else replace(layout, classes=None)

    def __call__(self, sample: T, key: Key, epoch: SupportsIndex = 0) -> T:
        """Make a copy.

        Parameters
        ----------
        sample : object
            A picture (a Pillow image, an array as of `Pixels`, or a tensor with channels first, of uint8 or uint16); a
            `Sample`; or a tuple, list or dict with a picture in it. torchvision's boxes, masks and key points follow,
            and so do the masks that `Parts` names. It is left as it is.
        key : str or int
            Names the picture: its path, or its number in the data set.
        epoch : int
            0 or more.

        Returns
        -------
        object
            As it was given, with new pictures, boxes and masks; all else in it is the same object.

        Raises
        ------
        KeyError, TypeError, ValueError
            If there is no picture where it should be, or of a kind that is not augmented, or something in the sample
            would no longer fit; the message says what to do.
        """
        name, copy = key_of(key), copy_of(epoch)
        if isinstance(sample, Sample):
            made: Any = self.pipeline(sample, seed=self.seed, key=name, copy=copy)
            return made  # type: ignore[no-any-return]
        picture = self.layout.picture(sample)
        before = opened(at(sample, picture))
        luggage, size = Luggage(paths={picture}), before.pixels.shape[1::-1]
        if picture:  # there is more than a picture
            nodes = dict(nodes_of(sample))
            for path in self.layout.mask_paths(nodes):
                luggage.take_mask(path, nodes[path], self.layout.mask_fill)
            tv_tensors.pack(luggage, sample, nodes, self.layout, size)
            self.layout.refuse_strays(nodes, luggage.paths, partial(is_of_size, size))
        given = Sample(before.pixels, tuple(luggage.shapes), tuple(luggage.masks), tuple(luggage.names))
        after, outcome = self.copied(given, name, copy, self.layout.label_of(sample), stated=luggage.stated)
        changes = luggage.unpacked(Made(outcome, after.masks, after.pixels.shape[1::-1]))
        return replaced(sample, {picture: before.back(after.pixels), **changes})  # type: ignore[no-any-return]

    def copied(
        self, sample: Sample, key: str, copy: int, label: str, *, stated: bool = False
    ) -> tuple[Sample, Outcome]:
        """Make a copy of an engine's sample of which the picture's class is known, and tell what was decided.

        Raises
        ------
        ValueError
            If the pipeline has a rule about mirroring, and nothing tells a class: see `Layout.refuse_unnamed`.
        """
        check_shapes(sample.shapes)
        objects = Objects(sample.shapes, sample.names, label)
        self.layout.refuse_unnamed(self.pipeline, objects, stated=stated)
        size = sample.pixels.shape[1::-1]
        outcome = self.pipeline.outcome(self.seed, key, copy, size, objects=objects)
        pixels: Pixels = outcome.plan.apply(sample.pixels)
        shapes = tuple(shape for fate in outcome.fates if fate.kept for shape in fate.shapes)
        return Sample(pixels, shapes, outcome.plan.masks(sample.masks), sample.names), outcome
