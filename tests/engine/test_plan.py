"""The plan: what it refuses, what it leaves alone, and what it says."""

from __future__ import annotations

import numpy as np
import pictures
import pytest

from augstudio.engine import (
    AveragedDots,
    Blur,
    Border,
    BorderMode,
    Box,
    Cutout,
    FaintJpeg,
    Fill,
    Frame,
    GaussianNoise,
    Jpeg,
    Linear,
    Mix,
    Morphology,
    Plan,
    Power,
    SaltAndPepper,
    Sharpen,
    Step,
    Table,
    Warp,
    apply_steps,
    check_pixels,
)
from augstudio.engine.pixels import join_alpha, split_alpha


def one_of_each(frame: Frame) -> dict[str, Step]:
    """A step of every kind, for a frame of any size."""
    border = Border(BorderMode.MIRROR)
    narrower = max(1, frame.width - 1)
    return {
        "nothing": Blur(0),
        "flip": Warp.flip(frame, horizontal=True, vertical=False),
        "quarter turn": Warp.quarter_turn(1, frame),
        "rotation": Warp.rotation(12, frame, border),
        "crop": Warp.window((0, 0, narrower, frame.height), frame, (narrower, frame.height)),
        "shrink": Warp.about_centre((0.3, 0, 0, 0.3), frame, border),
        "perspective": Warp.corners(((0.3, 0.2), (0, 0), (0, 0), (0.1, -0.1)), frame, border),
        "table": Table.of(Linear(-1, 1)),
        "gains": Table.of(Linear(0.5), Linear(1.5), Linear(1)),
        "mix": Mix.of(np.array([[0.5, 0.5, 0], [0, 1.2, -0.2], [0.1, 0, 0.9]])),
        "swap": Mix.of(np.eye(3)[[2, 1, 0]]),
        "blur": Blur(1.5),
        "strong blur": Blur(30),
        "sharpen": Sharpen(1, 1),
        "dilate": Morphology("dilate", 1.5),
        "erode": Morphology("erode", 7),
        "jpeg": Jpeg(30),
        "jpeg preview": FaintJpeg(30, 0.5),
        "noise": GaussianNoise(0.1, True, 3),
        "grey noise": GaussianNoise(0.1, False, 3),
        "dots": SaltAndPepper(0.2, 3),
        "dots preview": AveragedDots(0.2, 3, 9),
        "cutout": Cutout((Box(0, 0, 1, 1),), Fill.MEAN, 0),
    }


@pytest.mark.parametrize("name", one_of_each(Frame(8, 8)))
def test_every_step_keeps_kind_and_leaves_its_input_alone(name: str) -> None:
    for picture in pictures.every_kind():
        said = pictures.kind(picture)
        frame = Frame(picture.shape[1], picture.shape[0])
        plan = Plan.of(frame, (one_of_each(frame)[name],))
        before = picture.copy()
        picture.flags.writeable = False
        out = plan.apply(picture)
        assert np.array_equal(picture, before), said
        assert out.dtype == picture.dtype, said
        assert out.shape == (plan.size[1], plan.size[0], *picture.shape[2:]), said
        assert out.flags.c_contiguous, said
        assert out.flags.writeable, said
        assert not np.may_share_memory(out, picture), said
        again = plan.apply(picture)
        assert np.array_equal(out, again), "the same plan gives the same pixels"
        assert not np.may_share_memory(out, again), said


@pytest.mark.parametrize("name", one_of_each(Frame(8, 8)))
def test_geometry_moves_alpha_and_colour_leaves_it(name: str) -> None:
    for dtype in pictures.DTYPES:
        for channels in (2, 4):
            picture = pictures.noise(12, 17, channels, dtype)
            frame = Frame(17, 12)
            step = one_of_each(frame)[name]
            out = Plan.of(frame, (step,)).apply(picture)
            if isinstance(step, Warp):
                opaque = np.dstack([picture[..., -1]] * 3)
                moved = Plan.of(frame, (step,)).apply(opaque)
                assert np.array_equal(out[..., -1], moved[..., 0])
            else:
                assert np.array_equal(out[..., -1], picture[..., -1])


@pytest.mark.parametrize("name", one_of_each(Frame(8, 8)))
def test_opaque_pictures_come_out_as_without_alpha(name: str) -> None:
    for dtype in pictures.DTYPES:
        for channels in (2, 4):
            picture = pictures.noise(12, 17, channels, dtype)
            picture[..., -1] = np.iinfo(dtype).max
            frame = Frame(17, 12)
            plan = Plan.of(frame, (one_of_each(frame)[name],))
            out = plan.apply(picture)
            alone = plan.apply(np.ascontiguousarray(picture[..., 0] if channels == 2 else picture[..., :3]))
            assert np.array_equal(out[..., 0] if channels == 2 else out[..., :3], alone)
            assert (out[..., -1] == np.iinfo(dtype).max).all()


def test_arrays_in_any_memory_order_are_taken() -> None:
    picture = pictures.noise(20, 30)
    plan = Plan.of(Frame(30, 20), (Warp.rotation(9, Frame(30, 20), Border()), Blur(1)))
    expected = plan.apply(picture)
    for other in (np.asfortranarray(picture), pictures.noise(20, 60)[:, ::2], picture[::-1][::-1]):
        assert plan.apply(other).flags.c_contiguous
    assert np.array_equal(plan.apply(np.asfortranarray(picture)), expected)
    bare = Plan.of(Frame(30, 20), ())
    view = pictures.noise(40, 60)[::2, ::2]
    assert np.array_equal(bare.apply(view), view)
    assert not np.may_share_memory(bare.apply(view), view)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ([[1, 2], [3, 4]], TypeError, r"not list; numpy\.asarray"),
        (
            np.zeros((4, 4)),
            TypeError,
            r"uint8 or uint16, not float64; levels from 0 to 1 become numpy.rint\(image \* 255",
        ),
        (np.zeros((4, 4), np.int16), TypeError, r"int16; convert it first"),
        (np.zeros((4, 4), bool), TypeError, r"bool; image\.astype\(numpy\.uint8\) \* 255"),
        (np.zeros(4, np.uint8), ValueError, r"\(4,\)"),
        (np.zeros((4, 4, 1), np.uint8), ValueError, r"\(4, 4, 1\); a grey one is image\[\.\.\., 0\]"),
        (np.zeros((3, 40, 50), np.uint8), ValueError, r"\(3, 40, 50\); where channels come first, numpy\.moveaxis"),
        (np.zeros((4, 4, 5), np.uint8), ValueError, r"\(4, 4, 5\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), ValueError, r"\(2, 4, 4, 3\); of a batch, one picture at a time"),
        (np.zeros((0, 4), np.uint8), ValueError, "at least one pixel"),
        (np.zeros((4, 0, 3), np.uint8), ValueError, "at least one pixel"),
    ],
)
def test_what_is_no_picture_is_refused_in_plain_words(wrong: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        check_pixels(wrong)  # type: ignore[arg-type]


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"for 30×20 pixels, the picture has 20×30"):
        Plan.of(Frame(30, 20), ()).apply(pictures.noise(30, 20))


def test_explain_says_what_was_fused() -> None:
    frame = Frame(30, 20)
    turn = Warp.rotation(9, frame, Border())
    text = Plan.of(frame, (turn, turn, Blur(0), Table.of(Linear(-1, 1)), Blur(2))).explain()
    assert text.splitlines() == [
        "1. warp 30×20 → 30×20, mirror border",
        "2. table of 1 curve",
        "3. Gaussian blur, sigma 2.00 px",
        "(5 steps asked for, 3 applied after fusion)",
    ]
    assert "nothing" in Plan.of(frame, (Blur(0),)).explain()
    for name, step in one_of_each(frame).items():
        assert step.describe().strip(), name
        assert "\n" not in step.describe(), name


def test_the_size_and_the_warp_of_everything() -> None:
    frame = Frame(30, 20)
    out = Warp.window((0, 0, 30, 20), frame, (60, 80))
    plan = Plan.of(frame, (out, Blur(1), Warp.quarter_turn(1, Frame(60, 80))))
    assert plan.size == (80, 60)
    assert plan.warp is not None
    assert plan.warp.source == (30, 20)
    assert plan.warp.target == (80, 60)
    assert abs(np.linalg.det(plan.warp.array[:2, :2])) == pytest.approx(8)
    assert Plan.of(frame, (Blur(1),)).warp is None
    assert Plan.of(frame, (Blur(1),)).size == (30, 20)


OVERWRITERS: tuple[Step, ...] = (
    Table.of(Linear(-1.0, 1.0)),
    Table.of(Power(1.3)),
    Table.of(Linear(1.1), Linear(0.9), Linear(1.05, 0.02)),
    Mix.of(np.array([[0.9, 0.1, 0], [0.2, 0.7, 0.1], [0, 0.3, 0.7]])),
    GaussianNoise(0.002, True, 3),
    GaussianNoise(0.05, True, 3),
    GaussianNoise(0.05, False, 3),
    GaussianNoise(0.4, True, 3),
    SaltAndPepper(0.2, 5),
    AveragedDots(0.2, 5, averaged=4),
    Cutout((Box(2, 3, 20, 19), Box(5, 5, 30, 30)), Fill.MEAN, 9),
    Cutout((Box(2, 3, 20, 19),), Fill.NOISE, 9),
    Blur(1.2),
)


@pytest.mark.parametrize("dtype", pictures.DTYPES)
@pytest.mark.parametrize("step", OVERWRITERS, ids=lambda step: step.describe())
def test_overwriting_gives_what_applying_gives(step: Step, dtype: type) -> None:
    for channels in (1, 3):
        picture = pictures.noise(33, 41, channels, dtype)
        kept = picture.copy()
        expected = step.apply(picture)
        assert np.array_equal(picture, kept)
        assert np.array_equal(step.overwrite(picture.copy()), expected)


VIEW = Warp.window((3, 2, 31, 26), Frame(41, 33), (28, 24))
FIRST: dict[str, tuple[Step, ...]] = {
    "nothing": (),
    "the input itself": (Blur(0.0), Morphology("dilate", 0.0)),
    "a view of the input": (VIEW,),
    "a picture of its own": (Table.of(Power(1.1)),),
    "a view of that": (Table.of(Power(1.1)), VIEW),
}


@pytest.mark.parametrize("first", FIRST.values(), ids=FIRST)
def test_steps_that_overwrite_leave_the_input_alone(first: tuple[Step, ...]) -> None:
    """Whatever comes before them."""
    for channels in (1, 2, 3, 4):
        picture = pictures.noise(33, 41, channels)
        kept = picture.copy()
        steps = (*first, *OVERWRITERS)
        found = apply_steps(steps, picture)
        assert np.array_equal(picture, kept)
        colour, alpha = split_alpha(picture)
        for step in steps:
            if alpha is None:
                colour = step.apply(colour)
            else:
                colour, alpha = step.with_alpha(colour, alpha)
        assert np.array_equal(found, join_alpha(colour, alpha))
