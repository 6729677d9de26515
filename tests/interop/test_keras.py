"""The file for Keras, run in Keras: the same pixels for the same numbers, and numbers drawn alike.

The backend is that of `KERAS_BACKEND`, TensorFlow if it names none; the last test runs most others on the rest.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest
from numpy.typing import NDArray

keras = pytest.importorskip("keras")
stats = pytest.importorskip("scipy.stats")

from augstudio import Pipeline  # noqa: E402
from augstudio.code import Standing  # noqa: E402
from augstudio.code.keras_code import write  # noqa: E402
from augstudio.presets import shipped  # noqa: E402
from augstudio.transforms import Draw, Transform, registry  # noqa: E402
from augstudio.transforms.base import Bordered  # noqa: E402

# Keras with PyTorch asks NumPy for arrays in a way that is going out of use.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
BACKEND = keras.backend.backend()
EVERYTHING = Path(__file__).parents[1] / "golden" / "presets" / "v1-everything.json"
DRAWS = 2000
UNLIKELY = 1e-4
BORDERS = ("mirror", "edge", "tile", "blank")
Array = NDArray[Any]


def every_preset() -> list[Pipeline]:
    return [*(Pipeline.load(str(entry.path)) for entry in shipped()), Pipeline.load(str(EVERYTHING))]


@pytest.fixture
def layers(tmp_path: Path) -> Callable[..., Any]:
    """Runs the file of a pipeline, and gives its layers with a seed."""
    number = iter(range(100))

    def load(pipeline: Pipeline, seed: int = 7) -> Any:
        file = tmp_path / f"augment_{next(number)}.py"
        file.write_text(write(pipeline).text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.augmentation(seed)

    return load


def of(*steps: Transform, size: int = 64, **chosen: object) -> Pipeline:
    return Pipeline(transforms=steps, training_size=size, **chosen)  # type: ignore[arg-type]


def array(tensor: Any) -> Array:
    found: Array = keras.ops.convert_to_numpy(tensor)
    return found


def apart(one: Array, other: Array) -> Array:
    return np.abs(one.astype(float) - other.astype(float))


def always(op: str, **chosen: object) -> Transform:
    return registry()[op].default(probability=1.0, **chosen)


def at(op: str, **values: float) -> Transform:
    """A step whose ranges are closed to a point."""
    others = {name: value for name, value in values.items() if name not in registry()[op].knobs()}
    return always(op, **{name: (values[name],) * 2 for name in values if name not in others}, **others)


# -- the same pixels for the same numbers ---------------------------------------------------------------------------

POINTS = [
    *(at("brightness", amount=amount) for amount in (-0.4, 0.13, 0.9)),
    *(at("contrast", factor=factor) for factor in (0.3, 1.7)),
    *(at("gamma", exponent=exponent) for exponent in (0.3, 1.0, 2.5)),
    *(at("hue", angle=angle) for angle in (-150, 8, 77)),
    *(at("saturation", factor=factor) for factor in (0, 0.7, 3)),
    *(at("solarize", threshold=threshold) for threshold in (0, 0.6, 0.73, 1)),
    at("channel_gain", red=0.7, green=1.1, blue=2),
    at("grayscale"),
    at("invert"),
    *(at("swap_colours", orders=(order,)) for order in ("RBG", "GRB", "GBR", "BRG", "BGR")),
    *(at("blur", sigma=sigma) for sigma in (0, 0.04, 0.3, 0.8, 3, 11.9)),
    *(at("sharpen", amount=amount) for amount in (0, 0.3, 0.8)),
    *(at("dilate", radius=radius) for radius in (0, 0.4, 2.3, 4, 7.5, 10)),
    *(at("erode", radius=radius) for radius in (0, 0.4, 2.3, 4, 7.5, 10)),
    *(at("salt_and_pepper", share=0) for _ in range(1)),
    *(at("gaussian_noise", sigma=0) for _ in range(1)),
    *(at("jpeg", quality=100) for _ in range(1)),
    *(at("flip", axis=axis) for axis in ("horizontal", "vertical")),
    *(at("rotate", angle=angle, border=border) for angle in (-130, 17) for border in BORDERS),
    *(at("shear", x=x, y=y, border=border) for x, y in ((0.3, -0.2), (0.9, 0.9)) for border in BORDERS),
    *(at("shift", x=x, y=y, border=border) for x, y in ((0.3, -0.11), (-0.9, 0.7)) for border in BORDERS),
    *(at("shrink", scale=scale, border=border) for scale in (0.8, 0.5, 0.33, 0.1) for border in BORDERS),
    at("crop", area=1, aspect=1),
    at("perspective", travel=0),
]


def told(step: Transform) -> str:
    values = [str(getattr(step, name)[0]) for name in step.knobs()]
    return " ".join([step.name(), *values, str(getattr(step, "border", ""))]).strip()


@pytest.mark.parametrize("step", POINTS, ids=told)
def test_the_same_pixels_at_a_point(step: Transform, layers: Callable[..., Any]) -> None:
    if isinstance(step, Bordered):
        step = step.edited(border_colour=(10, 200, 90))
    pipeline = of(step)
    assert write(pipeline).exact or step.name() == "jpeg"
    batch = np.stack([pictures.smooth(64, 80, seed=1), pictures.noise(64, 80, seed=2)])
    found = array(layers(pipeline)(batch))
    expected = np.stack([pipeline(picture, seed=1) for picture in batch])
    assert found.shape == expected.shape
    assert apart(found, expected).max() <= (2 if step.group() == "geometry" else 1)


@pytest.mark.parametrize("border", ("mirror", "edge", "blank"))
def test_a_grey_blank_border_and_the_librarys_own_layers(border: str, layers: Callable[..., Any]) -> None:
    for step in (
        at("rotate", angle=33, border=border, border_colour=(70, 70, 70)),
        at("shift", x=0.2, y=-0.3, border=border, border_colour=(70, 70, 70)),
    ):
        text = write(of(step)).text
        assert "keras.layers.RandomRotation" in text or "keras.layers.RandomTranslation" in text
        picture = pictures.smooth(64, 80)
        assert apart(array(layers(of(step))(picture)), of(step)(picture, seed=1)).max() <= 2


class Told:
    """In the place of chance, once the layers are built: one number for each picture of a batch, call by call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.values: list[Array] = []
        monkeypatch.setattr(keras.random, "uniform", self.next)
        monkeypatch.setattr(keras.random, "randint", self.next)

    def next(self, shape: Any, *_: Any, **chosen: Any) -> Any:
        values = self.values.pop(0)
        return keras.ops.convert_to_tensor(values.reshape([int(side) for side in shape]))

    def step(self, step: Transform, draws: list[Draw]) -> None:
        """Have a layer draw what was drawn here."""
        assert all(draw.applied for draw in draws)

        def values(name: str, kind: str = "float32") -> Array:
            return np.array([draw.values[name] for draw in draws], kind)

        def places(name: str) -> Array:
            return np.array([[place for point in draw.points(name) for place in point] for draw in draws], "float32")

        match step.name():
            case "crop":
                self.values += [values("area"), values("aspect"), *places("place").T]
            case "perspective":
                self.values += [values("travel"), *places("corners").T]
            case "flip":
                self.values.append(np.array([draw.positions["axis"] == "vertical" for draw in draws], "float32"))
            case "quarter_turn":
                turns = [step.turns.index(int(draw.values["turns"])) for draw in draws]  # type: ignore[attr-defined]
                self.values.append(np.array(turns, "float32") / len(step.turns) + 0.01)  # type: ignore[attr-defined]
            case "channel_gain":
                shares = [
                    (values(name) - span.low) / (span.high - span.low)
                    for name in ("red", "green", "blue")
                    for span in [step.range_of(name)]
                ]
                self.values.append(np.stack(shares, axis=-1))
            case "swap_colours":
                self.values.append(np.array([step.orders.index(d.values["orders"]) for d in draws]))  # type: ignore[attr-defined]
            case "jpeg":
                self.values.append(values("quality", "int32"))
            case "cutout":
                most = int(step.range_of("count").high)
                squares = np.zeros((len(draws), most, 2), "float32")
                for number, draw in enumerate(draws):
                    squares[number, : len(draw.points("squares"))] = draw.points("squares")
                self.values += [values("count", "int32"), values("side"), squares]
            case _:
                self.values += [values(name) for name in step.knobs()]


MANY = [
    always("crop", area=(0.2, 1), aspect=(0.6, 1.8)),
    always("perspective", travel=(0, 0.25), border="tile"),
    always("flip", axis="either"),
    always("quarter_turn"),
    always("shear", x=(-0.4, 0.4), y=(-0.4, 0.4), border="mirror"),
    always("shrink", scale=(0.3, 1), border="edge"),
    always("rotate", angle=(-180, 180), border="tile"),
    always("shift", x=(-0.5, 0.5), border="blank", border_colour=(9, 99, 200)),
    always("contrast", factor=(0.3, 2)),
    always("gamma", exponent=(0.3, 3)),
    always("hue", angle=(-180, 180)),
    always("saturation", factor=(0, 3)),
    always("solarize", threshold=(0, 1)),
    always("channel_gain", red=(0, 3), green=(0.5, 2), blue=(0.9, 1.1)),
    always("swap_colours"),
    always("blur", sigma=(0, 6)),
    always("sharpen", amount=(0, 0.9)),
    always("dilate", radius=(0, 4.5)),
    always("erode", radius=(1, 6)),
    *(always("cutout", count=(1, 5), side=(0, 0.6), fill=fill) for fill in ("grey", "black", "mean")),
]


@pytest.mark.parametrize("step", MANY, ids=lambda step: f"{step.name()} {getattr(step, 'fill', '')}".strip())
def test_the_same_pixels_for_drawn_numbers(
    step: Transform, layers: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = of(step)
    if step.name() in ("rotate", "shift"):
        assert "keras.layers.Random" not in write(pipeline).text
    augment = layers(pipeline)
    side = 64 if step.name() == "quarter_turn" else 80
    batch = np.stack([pictures.smooth(64, side, seed=copy) for copy in range(8)])
    augment(batch)
    draws = [pipeline.draw(3, "", copy) for copy in range(8)]
    chance = Told(monkeypatch)
    chance.step(pipeline.transforms[0], [draw[0] for draw in draws])
    found = array(augment(batch))
    assert not chance.values
    expected = np.stack([pipeline.plan(d, side, 64).apply(picture) for d, picture in zip(draws, batch, strict=True)])
    assert apart(found, expected).max() <= (2 if step.group() == "geometry" else 1)


def test_geometry_of_one_border_is_resampled_once(layers: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [
        always("crop", area=(0.4, 1)),
        always("rotate", angle=(-40, 40)),
        always("flip", axis="either"),
        always("shear"),
        always("shrink", scale=(0.4, 1)),
        always("quarter_turn"),
        always("shift"),
    ]
    pipeline = of(*steps)
    assert write(pipeline).exact
    assert write(pipeline).text.count("seed=next(own)") == 1
    augment = layers(pipeline)
    batch = np.stack([pictures.smooth(64, 64, seed=copy) for copy in range(8)])
    augment(batch)
    draws = [pipeline.draw(3, "", copy) for copy in range(8)]
    chance = Told(monkeypatch)
    for number, step in enumerate(pipeline.transforms):
        chance.step(step, [draw[number] for draw in draws])
    expected = np.stack([pipeline.plan(d, 64, 64).apply(picture) for d, picture in zip(draws, batch, strict=True)])
    assert apart(array(augment(batch)), expected).max() <= 2


# -- what is close, by as much as its line says ----------------------------------------------------------------------


def stated(pipeline: Pipeline) -> float:
    """What the last close line of a pipeline says, in levels on average."""
    said = [row.words for row in write(pipeline).rows if row.standing is Standing.CLOSE]
    found = re.search(r"by up to ([\d.]+) levels? on average", said[-1])
    assert found
    return float(found[1])


def photographs(side: int = 0) -> list[Array]:
    cv2 = pytest.importorskip("cv2")
    found = [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in pictures.PHOTOGRAPHS[::3]]
    return [cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in found] if side else found


def judged(cases: Iterable[tuple[Pipeline, list[Array]]], layers: Callable[..., Any]) -> None:
    """Some pictures are as far apart as is said, and none is farther."""
    measured, said = 0.0, 0.0
    for pipeline, photos in cases:
        said, augment = stated(pipeline), layers(pipeline)
        measured = max(measured, *(float(apart(array(augment(p)), pipeline(p, seed=1)).mean()) for p in photos))
    assert said / 2 < measured <= said


def test_jpeg_is_as_close_as_it_says(layers: Callable[..., Any]) -> None:
    steps = (at("jpeg", quality=quality) for quality in (10, 60, 90))
    judged([(of(step, size=224), photographs(224)) for step in steps], layers)


@pytest.mark.parametrize("fit", ["crop", "stretch", "pad"])
def test_the_output_is_as_close_as_it_says(fit: str, layers: Callable[..., Any]) -> None:
    output = {"fit": fit, "width": 224, "height": 160, "border_colour": (10, 200, 90)}
    borders = BORDERS if fit == "pad" else ("blank",)
    judged([(of(output={**output, "border": border}), photographs()) for border in borders], layers)


def test_a_large_picture_made_small_is_as_close_as_it_says(layers: Callable[..., Any]) -> None:
    steps = (at("shrink", scale=scale) for scale in (0.5, 0.3, 0.15))
    judged([(of(step, size=400), photographs(400)) for step in steps], layers)


def test_a_quarter_turn_that_changes_the_frame_is_as_close_as_it_says(layers: Callable[..., Any]) -> None:
    cv2 = pytest.importorskip("cv2")
    turn = at("quarter_turn", turns=(90,))

    cases = []
    for fit in ("crop", "pad", "stretch"):
        for size in ((224, 160), (161, 224)):
            output = {"fit": fit, "width": size[0], "height": size[1], "border": "tile"}
            photos = [cv2.resize(photo, size, interpolation=cv2.INTER_AREA) for photo in photographs()]
            cases.append((of(turn, output=output), photos))
    judged(cases, layers)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (at("rotate", angle=45), [at("crop", area=0.5, aspect=1)]),
        (at("crop", area=0.5, aspect=1), [at("shrink", scale=0.5)]),
    ],
    ids=["crop", "shrink"],
)
def test_warps_apart_are_as_close_as_they_say(
    first: Transform, then: list[Transform], layers: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between them stands a step that chance leaves out."""
    pipeline = of(first, registry()["brightness"].default(probability=1e-9), *then, size=224)
    augment, photos = layers(pipeline), np.stack(photographs(224))
    augment(photos)
    draws = [pipeline.draw(1, "", copy) for copy in range(len(photos))]
    chance = Told(monkeypatch)
    if "RandomRotation" not in write(pipeline).text:
        chance.step(first, [draw[0] for draw in draws])
    chance.values.append(np.ones(len(photos), "float32"))  # brightness is not for them
    chance.step(then[0], [draw[2] for draw in draws])
    found = array(augment(photos))
    ours = [pipeline.plan(draw, 224, 224).apply(photo) for draw, photo in zip(draws, photos, strict=True)]
    measured = max(float(apart(one, other).mean()) for one, other in zip(found, ours, strict=True))
    assert stated(pipeline) / 2 < measured <= stated(pipeline)


def test_a_strong_perspective_is_as_close_as_it_says(
    layers: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = of(always("perspective", travel=(0.35, 0.5)), size=224)
    augment, photos = layers(pipeline), np.stack(photographs(224))
    augment(photos)
    chance, measured = Told(monkeypatch), 0.0
    for seed in range(12):
        draws = [pipeline.draw(seed, "", copy) for copy in range(len(photos))]
        chance.step(pipeline.transforms[0], [draw[0] for draw in draws])
        found = array(augment(photos))
        ours = [pipeline.plan(draw, 224, 224).apply(photo) for draw, photo in zip(draws, photos, strict=True)]
        measured = max(measured, *(float(apart(one, other).mean()) for one, other in zip(found, ours, strict=True)))
    assert stated(pipeline) / 2 < measured <= stated(pipeline)


# -- numbers drawn alike ----------------------------------------------------------------------------------------------


def steps_alone() -> Iterator[Transform]:
    exact = [kind for op, kind in registry().items() if op != "jpeg"]
    yield from (kind.default(probability=0.6) for kind in exact)
    everything = Pipeline.load(str(EVERYTHING)).transforms
    yield from (step.edited(enabled=True) for step in everything if type(step) in exact)
    yield registry()["flip"].default(probability=0.5)
    yield registry()["rotate"].default(probability=1.0)
    yield registry()["cutout"].default(probability=1.0, fill="noise", count=(2, 3))
    yield registry()["gaussian_noise"].default(probability=1.0, sigma=(0.0, 0.3))


def measures(found: Array, probe: Array, seed: int) -> Array:
    """Numbers that tell how pictures are distributed, `(N, 12)`: with a little noise, so that none falls on another."""
    rng = np.random.default_rng(5)
    changes = np.rint(found).astype(float) - probe
    patterns = rng.normal(size=(8, probe.size)) / np.sqrt(probe.size)
    flat = changes.reshape(len(changes), -1)
    told = [*(flat @ patterns.T).T, flat.mean(1), flat.std(1), np.abs(flat).max(1), (flat > 0).mean(1) * 255]
    return np.stack(told, 1) + np.random.default_rng(seed).normal(0, 1.5, (len(flat), len(told)))


@pytest.mark.parametrize("step", list(steps_alone()), ids=told)
def test_numbers_are_drawn_alike(step: Transform, layers: Callable[..., Any]) -> None:
    pipeline = of(step, size=32)
    step = pipeline.transforms[0]
    probe = pictures.smooth(32, 32, seed=4)
    draws = [pipeline.draw(11, "", copy) for copy in range(DRAWS)]
    ours = np.stack([pipeline.plan(draw, 32, 32).apply(probe) for draw in draws])
    theirs = array(layers(pipeline, seed=20)(np.repeat(probe[None], DRAWS, 0)))
    for one, other in zip(measures(ours, probe, 1).T, measures(theirs, probe, 2).T, strict=True):
        assert stats.ks_2samp(one, other).pvalue > UNLIKELY
    if step.name() in ("invert", "grayscale", "swap_colours", "rotate", "contrast", "channel_gain"):
        changed = int((apart(theirs, probe).reshape(DRAWS, -1).max(1) > 0.01).sum())
        assert stats.binomtest(changed, DRAWS, step.probability).pvalue > UNLIKELY


@pytest.mark.parametrize(
    "step",
    [
        always("swap_colours", orders=("RBG", "GBR", "BRG")),
        always("quarter_turn", turns=(90, 270)),
        always("quarter_turn"),
        always("flip", axis="either"),
    ],
    ids=told,
)
def test_choices_are_equally_likely(step: Transform, layers: Callable[..., Any]) -> None:
    pipeline = of(step, size=16)
    probe = pictures.noise(16, 16)
    possible = {pipeline(probe, seed=seed).tobytes() for seed in range(100)}
    found = [
        picture.tobytes()
        for picture in np.rint(array(layers(pipeline)(np.repeat(probe[None], DRAWS, 0)))).astype(np.uint8)
    ]
    assert set(found) == possible
    assert stats.chisquare([found.count(one) for one in possible]).pvalue > UNLIKELY


def test_qualities_are_equally_likely(layers: Callable[..., Any]) -> None:
    probe = np.repeat(pictures.smooth(32, 32)[None], DRAWS, 0)
    qualities = [array(layers(of(at("jpeg", quality=quality)))(probe[:1]))[0] for quality in range(30, 36)]
    found = array(layers(of(always("jpeg", quality=(30, 35))))(probe))
    nearest = np.argmin([np.abs(found - one).sum(axis=(1, 2, 3)) for one in qualities], axis=0)
    assert stats.chisquare(np.bincount(nearest, minlength=6)).pvalue > UNLIKELY
    often = array(layers(of(registry()["jpeg"].default(probability=0.3, quality=(30, 35))))(probe))
    changed = int((apart(often, probe).max(axis=(1, 2, 3)) > 0.01).sum())
    assert stats.binomtest(changed, DRAWS, 0.3).pvalue > UNLIKELY


@pytest.mark.parametrize("pipeline", every_preset(), ids=lambda p: p.name)
def test_whole_presets_are_drawn_alike(pipeline: Pipeline, layers: Callable[..., Any]) -> None:
    probe, count = pictures.smooth(24, 24, seed=4), DRAWS
    if pipeline.output.size is None:
        pipeline = pipeline.edited(training_size=24)
    else:
        pipeline = pipeline.edited(output={"fit": "stretch", "width": 24, "height": 24})
    ours = np.stack([pipeline(probe, seed=11, copy=copy) for copy in range(count)])
    theirs = array(layers(pipeline, seed=20)(np.repeat(probe[None], count, 0)))
    for one, other in zip(measures(ours, probe, 1).T, measures(theirs, probe, 2).T, strict=True):
        assert stats.ks_2samp(one, other).pvalue > UNLIKELY


# -- where it is used --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pipeline", every_preset(), ids=lambda p: p.name)
def test_batches_and_single_pictures_of_any_type(pipeline: Pipeline, layers: Callable[..., Any]) -> None:
    side = pipeline.trained_at
    picture = pictures.smooth(side, side)
    height, width = (pipeline.output.size or (side, side))[::-1]
    for batch in (picture, picture[None], np.stack([picture] * 3).astype("float32")):
        found = array(layers(pipeline)(batch))
        assert found.dtype == np.float32
        assert found.shape == (*batch.shape[:-3], height, width, 3)
        assert found.min() >= 0
        assert found.max() <= 255


@pytest.mark.parametrize("pipeline", every_preset(), ids=lambda p: p.name)
def test_layers_are_made_again_from_their_config(pipeline: Pipeline, layers: Callable[..., Any]) -> None:
    augment = layers(pipeline)
    again = keras.layers.Pipeline.from_config(
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(augment)).get_config()
    )
    side = pipeline.trained_at
    batch = np.stack([pictures.smooth(side, side, seed=seed) for seed in range(2)])
    one, other = array(augment(batch)), array(again(batch))
    assert one.shape == other.shape
    if "RandomGrayscale" not in write(pipeline).text:  # whose seed Keras does not keep
        assert np.array_equal(one, other)


def test_out_of_training_pictures_stay_as_they_are(layers: Callable[..., Any]) -> None:
    picture = pictures.smooth(224, 224)
    assert np.array_equal(array(layers(Pipeline.load("photos"))(picture, training=False)), picture)


def test_a_mixed_policy_does_not_make_levels_coarse(layers: Callable[..., Any]) -> None:
    pipeline = of(at("rotate", angle=20), at("brightness", amount=0.1), at("contrast", factor=1.2))
    picture = pictures.smooth(64, 64)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = array(layers(pipeline)(picture))
    finally:
        keras.config.set_dtype_policy(before)
    assert apart(found, pipeline(picture, seed=1)).max() <= 2


def network(augment: Any = None) -> Any:
    keras.utils.set_random_seed(3)
    inner = [] if augment is None else [augment]
    model = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            *inner,
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, strides=4),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def sample() -> tuple[Array, Array]:
    return np.stack(photographs(64)), np.arange(len(photographs(64))) % 3


def test_a_model_trains_through_the_layers_and_repeats_itself(layers: Callable[..., Any]) -> None:
    images, labels = sample()
    pipeline = Pipeline.load("photos" if BACKEND == "tensorflow" else "gentle").edited(training_size=64)
    losses = []
    for seed in (1, 1, 2):
        model = network(layers(pipeline, seed=seed))
        history = model.fit(images, labels, batch_size=4, epochs=1, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
        plain = array(model.predict(images, verbose=0))
        assert np.array_equal(plain, array(model.predict(images, verbose=0)))
    assert losses[0] == losses[1] != losses[2]


tensorflow = pytest.mark.skipif(BACKEND != "tensorflow", reason="layers of keras.ops run in tf.data on TensorFlow only")


@tensorflow
@pytest.mark.parametrize("batched", [True, False])
def test_a_model_trains_from_tf_data_and_repeats_itself(batched: bool, layers: Callable[..., Any]) -> None:
    tf = pytest.importorskip("tensorflow")
    images, labels = sample()
    losses = []
    for seed in (1, 1, 2):
        augment = layers(Pipeline.load("gentle").edited(training_size=64), seed=seed)
        data = tf.data.Dataset.from_tensor_slices((images, labels))
        if batched:
            data = data.batch(4).map(lambda image, label, augment=augment: (augment(image), label))
        else:
            data = data.map(lambda image, label, augment=augment: (augment(image), label)).batch(4)
        losses.append(network().fit(data, epochs=1, shuffle=False, verbose=0).history["loss"][0])
    assert losses[0] == losses[1] != losses[2]


@tensorflow
@pytest.mark.parametrize("pipeline", every_preset(), ids=lambda p: p.name)
def test_pictures_of_unknown_size_in_tf_data(pipeline: Pipeline, layers: Callable[..., Any]) -> None:
    tf = pytest.importorskip("tensorflow")
    side = pipeline.trained_at
    sizes = [(side, side + 7), (side + 20, side)]
    if pipeline.output.size is None and any(step.name() == "quarter_turn" for step in pipeline.transforms):
        sizes = [(side, side), (side + 3, side + 3)]

    def several() -> Iterator[Array]:
        yield from (pictures.smooth(*size) for size in sizes)

    data = tf.data.Dataset.from_generator(several, output_signature=tf.TensorSpec((None, None, 3), tf.uint8))
    found = [image.shape[:2] for image in data.map(layers(pipeline)).as_numpy_iterator()]
    assert found == ([pipeline.output.size[::-1]] * 2 if pipeline.output.size else sizes)


@tensorflow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_other_backends(backend: str) -> None:
    """All of this file passes there; what runs here leaves out what takes minutes and looks at no other layers."""
    pytest.importorskip(backend)
    slow = "numbers_are and (rotate or shift)"
    chosen = f"same_pixels or resampled_once or own_layers or equally or trains_through or numbers_are and not ({slow})"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", chosen, __file__]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:]
