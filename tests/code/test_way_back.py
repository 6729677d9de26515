"""Other libraries' files as presets: what they become, what is said of it, and what bad ones get."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from augstudio import Pipeline
from augstudio.code import Standing
from augstudio.code.importing import Imported, parse, read
from augstudio.code.importing.layers import LAYERS, NO_AUGMENTATION
from augstudio.code.importing.reading import MAX_BYTES
from augstudio.label_rules import BoxFit
from augstudio.presets import PresetError

ARGS = {
    "task": "detect",
    "imgsz": 640,
    "epochs": 100,
    "degrees": 5.0,
    "translate": 0.1,
    "scale": 0.5,
    "shear": 2.0,
    "perspective": 0.0005,
    "flipud": 0.1,
    "fliplr": 0.5,
    "bgr": 0.25,
    "mosaic": 1.0,
    "mixup": 0.1,
    "cutmix": 0.0,
    "copy_paste": 0.0,
    "hsv_h": 0.015,
    "hsv_s": 0.7,
    "hsv_v": 0.4,
    "erasing": 0.4,
}


def of_args(**changes: object) -> Imported:
    return parse(yaml.safe_dump({**ARGS, **changes}), "args.yaml")


def of_layers(*layers: dict[str, Any], **compose: object) -> Imported:
    top = {"__class_fullname__": "Compose", "p": 1.0, "transforms": list(layers), **compose}
    return parse(json.dumps({"__version__": "2.0.8", "transform": top}), "mine.json")


def layer(name: str, p: float = 1.0, **arguments: object) -> dict[str, Any]:
    return {"__class_fullname__": name, "p": p, **arguments}


def standings(found: Imported) -> dict[str, Standing]:
    return {row.title: row.standing for row in found.rows}


def told(text: str, where: str = "it.yaml") -> str:
    with pytest.raises(PresetError) as caught:
        parse(text, where)
    return str(caught.value)


# -- Ultralytics -----------------------------------------------------------------------------------------------------


def test_arguments_become_steps_in_the_order_in_which_ultralytics_applies_them() -> None:
    found = of_args()
    pipeline = found.pipeline
    ops = [
        "perspective",
        "rotate",
        "shrink",
        "crop",
        "shear",
        "shift",
        "hue",
        "saturation",
        "brightness",
        "swap_colours",
        "flip",
        "flip",
    ]
    assert [step.op for step in pipeline.transforms] == ops
    assert pipeline.training_size == 640
    assert pipeline.name == "args"
    assert pipeline.labels.box_fit is BoxFit.CORNERS
    rotate, shrink, crop, shift = (pipeline.step(name) for name in ("rotate", "shrink", "crop", "shift"))
    assert (rotate.range_of("angle"), rotate.border, rotate.border_colour) == ((-5, 5), "blank", (114, 114, 114))
    assert (shrink.range_of("scale"), shrink.probability) == ((0.5, 1), 0.5)
    assert (crop.range_of("area"), crop.range_of("aspect"), crop.probability) == ((1 / 1.5**2, 1), (1, 1), 0.5)
    assert shift.range_of("x") == shift.range_of("y") == (-0.1, 0.1)
    assert pipeline.step("shear").range_of("x")[1] == pytest.approx(math.tan(math.radians(2)))
    assert pipeline.step("hue").range_of("angle") == pytest.approx((-5.4, 5.4))
    assert pipeline.step("saturation").range_of("factor") == pytest.approx((0.3, 1.7))
    assert pipeline.step("swap_colours").orders == ("BGR",)
    up, left = pipeline.transforms[-2:]
    assert (up.axis, up.probability, left.axis, left.probability) == ("vertical", 0.1, "horizontal", 0.5)


def test_the_table_says_of_each_argument_how_near_it_comes() -> None:
    found = standings(of_args())
    exact = {"degrees", "translate", "flipud", "fliplr", "bgr"}
    close = {"perspective", "scale, smaller", "scale, larger", "shear", "hsv_h", "hsv_s", "hsv_v"}
    left_out = {"mosaic", "mixup", "erasing"}
    assert {name for name, standing in found.items() if standing is Standing.EXACT} == exact
    assert {name for name, standing in found.items() if standing is Standing.CLOSE} == close
    assert {name for name, standing in found.items() if standing is Standing.LEFT_OUT} == left_out
    assert all(row.words for row in of_args().rows if row.standing is not Standing.EXACT)


def test_what_is_zero_is_not_mentioned() -> None:
    nothing = {name: 0 for name in ARGS if name not in ("task", "imgsz")}
    found = of_args(**nothing)
    assert not found.rows
    assert not found.pipeline.transforms


def test_erasing_is_of_files_without_a_task_and_of_classification() -> None:
    for changes in ({"task": None}, {"task": "classify"}):
        (step,) = [step for step in of_args(**changes).pipeline.transforms if step.op == "cutout"]
        assert step.probability == 0.4
        assert step.fill == "black"


def test_classification_has_arguments_of_its_own_meaning() -> None:
    found = of_args(task="classify", auto_augment="randaugment", bgr=0.0)
    ops = [step.op for step in found.pipeline.transforms]
    assert ops == ["crop", "flip", "flip", "cutout"]
    assert found.pipeline.step("crop").range_of("area") == (0.5, 1)
    left = {row.title for row in found.rows if row.standing is Standing.LEFT_OUT}
    assert left == {"auto_augment", "degrees", "translate", "shear", "perspective", "mosaic", "mixup"}
    plain = of_args(task="classify", auto_augment=None)
    assert [step.op for step in plain.pipeline.transforms][3:] == [
        "brightness",
        "contrast",
        "saturation",
        "hue",
        "cutout",
    ]


def test_a_scale_of_two_numbers_is_taken_as_it_is() -> None:
    found = of_args(scale=[0.8, 1.0], perspective=0, shear=0)
    assert found.pipeline.step("shrink").range_of("scale") == (0.8, 1)
    assert found.pipeline.step("shrink").probability == 1
    assert standings(found)["scale, smaller"] is Standing.EXACT


def test_the_size_is_that_of_the_file_or_the_one_that_is_asked_for() -> None:
    assert of_args(imgsz=320).pipeline.training_size == 320
    assert of_args(imgsz=[320, 640]).pipeline.training_size == 320
    assert parse("fliplr: 0.5\n", "hyp.yaml").pipeline.training_size == 640
    assert parse("fliplr: 0.5\n", "hyp.yaml", 96).pipeline.training_size == 96


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"degrees": "ten"}, 'degrees: found "ten"; allowed is a number from 0 to 180'),
        ({"degrees": float("nan")}, "degrees: found nan"),
        ({"degrees": 400}, "degrees: found 400"),
        ({"fliplr": 1.5}, "fliplr: found 1.5; allowed is a number from 0 to 1"),
        ({"fliplr": True}, "fliplr: found true"),
        ({"fliplr": [0.5]}, "fliplr: found [0.5]"),
        ({"scale": [1, 2, 3]}, "scale: found [1, 2, 3]"),
        ({"imgsz": 10**400}, "imgsz: found"),
        ({"shear": 90}, "shear: found 90"),
        ({"task": 7}, "task: found 7; allowed is a text"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, object], said: str) -> None:
    assert said in told(yaml.safe_dump({**ARGS, **changes}), "args.yaml")


# -- Albumentations --------------------------------------------------------------------------------------------------


def test_layers_become_steps() -> None:
    found = of_layers(
        layer("HorizontalFlip", 0.5),
        layer("RandomRotate90", 0.4),
        layer("Rotate", 0.3, limit=[-10, 20], border_mode=0, fill=[1, 2, 3], interpolation=1),
        layer("RandomGamma", gamma_limit=[80, 130]),
        layer("ToGray", 0.1),
        layer("ChannelShuffle", 0.12),
        layer("Solarize", 0.2, threshold_range=[0.3, 0.9]),
    )
    flip, turn, rotate, gamma, grey, swap, solarize = found.pipeline.transforms
    assert (flip.op, flip.axis, flip.probability) == ("flip", "horizontal", 0.5)
    assert (turn.op, turn.probability) == ("quarter_turn", 0.3)
    assert (rotate.range_of("angle"), rotate.border, rotate.border_colour) == ((-10, 20), "blank", (1, 2, 3))
    assert gamma.range_of("exponent") == (0.8, 1.3)
    assert grey.op == "grayscale"
    assert (swap.op, swap.probability) == ("swap_colours", 0.1)
    assert solarize.range_of("threshold") == (0.3, 0.9)
    assert all(row.standing is Standing.EXACT for row in found.rows)
    assert [row.step for row in found.rows] == [step.id for step in found.pipeline.transforms]


def test_what_holds_layers_is_gone_through() -> None:
    found = of_layers(
        layer("Sequential", transforms=[layer("InvertImg", 0.25)]),
        layer("OneOf", 0.5, transforms=[layer("HorizontalFlip"), layer("VerticalFlip")]),
        layer("OneOf", 0.6, transforms=[layer("Blur", 1.0, blur_limit=[3, 7]), layer("ToGray", 0.5)]),
        layer("SomeOf", 0.6, n=1, transforms=[layer("ToGray", 0.5)]),
    )
    invert, flip, blur, grey = found.pipeline.transforms
    assert invert.probability == 0.25
    assert (flip.axis, flip.probability) == ("either", 0.5)
    assert (blur.op, blur.probability) == ("blur", pytest.approx(0.4))
    assert (grey.op, grey.probability) == ("grayscale", pytest.approx(0.2))
    found_standings = standings(found)
    assert found_standings["OneOf Blur, ToGray"] is Standing.CLOSE
    assert found_standings["SomeOf"] is Standing.LEFT_OUT


def test_what_prepares_pictures_and_what_is_unknown_is_left_out_by_name() -> None:
    found = of_layers(layer("Normalize"), layer("ToTensorV2"), layer("ElasticTransform"), layer("my.module.Own"))
    assert not found.pipeline.transforms
    assert {row.title: row.standing for row in found.rows} == dict.fromkeys(
        ("Normalize", "ToTensorV2", "ElasticTransform", "my.module.Own"), Standing.LEFT_OUT
    )


def test_an_affine_becomes_its_moves() -> None:
    affine = layer(
        "Affine",
        scale={"x": [0.8, 1.2], "y": [0.8, 1.2]},
        keep_ratio=True,
        translate_percent={"x": [-0.1, 0.1], "y": [0.0, 0.0]},
        rotate=[-5, 5],
        shear={"x": [-3, 3], "y": [0, 0]},
        border_mode=1,
    )
    found = of_layers(affine)
    assert [step.op for step in found.pipeline.transforms] == ["shrink", "crop", "rotate", "shear", "shift"]
    assert {step.probability for step in found.pipeline.transforms} == {0.5, 1.0} or all(
        step.probability == pytest.approx(expected)
        for step, expected in zip(found.pipeline.transforms, (0.5, 0.5, 1, 1, 1), strict=True)
    )
    assert standings(found)["Affine.rotate"] is Standing.EXACT


def test_sizes_become_the_output() -> None:
    cases = {
        "crop": [layer("SmallestMaxSize", max_size_hw=[48, 64]), layer("CenterCrop", height=48, width=64)],
        "stretch": [layer("Resize", height=48, width=64)],
        "pad": [layer("LongestMaxSize"), layer("PadIfNeeded", min_height=48, min_width=64, border_mode=0, fill=7)],
    }
    for fit, layers in cases.items():
        found = of_layers(*layers, layer("ToGray", 0.5))
        assert found.pipeline.output.size == (64, 48)
        assert found.pipeline.output.fit == fit
        assert found.pipeline.trained_at == 48
        assert [step.op for step in found.pipeline.transforms] == ["grayscale"]


def test_rules_for_boxes_become_rules_for_labels() -> None:
    boxes = {"format": "yolo", "min_visibility": 0.3, "min_width": 4, "min_height": 3, "label_fields": None}
    found = of_layers(layer("ToGray"), bbox_params=boxes)
    assert found.pipeline.labels.smallest_share == 0.3
    assert found.pipeline.labels.smallest_side == 3


def test_rules_for_boxes_that_there_are_not_here_are_named() -> None:
    boxes = {"format": "coco", "min_area": 400, "min_width": 2, "min_height": 90, "max_accept_ratio": 5}
    found = of_layers(layer("ToGray"), bbox_params=boxes)
    rows = {row.title: row for row in found.rows}
    assert found.pipeline.labels.smallest_side == 2
    assert "at least 2 wide and 90 high there, in pixels; here 2 both ways" in rows["bbox_params"].words
    assert rows["bbox_params.min_area"].standing is Standing.LEFT_OUT
    assert rows["bbox_params.max_accept_ratio"].standing is Standing.LEFT_OUT
    usual = {"format": "coco", "min_area": 0.0, "min_width": 2, "min_height": 2, "max_accept_ratio": None}
    assert [row.title for row in of_layers(layer("ToGray"), bbox_params=usual).rows] == ["ToGray", "bbox_params"]


def test_what_shrinks_much_is_not_exact() -> None:
    """The engine averages where others leave pixels out; a fine pattern looks another."""
    for layers, close in (
        ((layer("Affine", scale=[0.3, 0.3]),), 1),
        ((layer("Affine", scale=[0.5, 1], rotate=[20, 20]),), 1),
        ((layer("Affine", scale=[0.6, 1], rotate=[20, 20]),), 0),
    ):
        found = of_layers(*layers)
        said = [row for row in found.rows if "averaged first" in row.words]
        assert len(said) == close
        assert all(row.standing is Standing.CLOSE for row in said)
    found = parse(yaml.safe_dump({"scale": 0.9, "degrees": 10.0, "fliplr": 0.5}), "hyp.yaml")
    assert {row.title: row.standing for row in found.rows} == {
        "degrees": Standing.EXACT,
        "scale, smaller": Standing.CLOSE,
        "scale, larger": Standing.CLOSE,
        "fliplr": Standing.EXACT,
    }
    assert not any("cut" in row.words for row in found.rows)


def test_moves_that_are_resampled_one_by_one_there_are_said() -> None:
    turn, move = layer("Rotate", limit=[5, 5]), layer("Affine", translate_percent=[0.1, 0.1])
    row = of_layers(turn, layer("ToGray"), move).rows[-1]
    assert (row.title, row.standing) == ("Rotate and Affine", Standing.CLOSE)
    assert "resampled once" in row.words
    for alone in ((turn, layer("HorizontalFlip")), (layer("OneOf", transforms=[turn, move]),)):
        assert not any("resampled once" in row.words for row in of_layers(*alone).rows)


def test_a_misspelt_argument_is_named() -> None:
    given = {"degres": 10.0, "fliplr": 0.5, "epochs": 3, "copy_paste_mode": "flip", "augment": False}
    found = parse(yaml.safe_dump(given), "hyp.yaml")
    assert [(row.title, row.words) for row in found.rows if row.standing is Standing.LEFT_OUT] == [
        ("degres", "no argument; degrees is one")
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "degrees: 10\ndegrees: 20\n"),
        ("a.json", '{"degrees": 10, "degrees": 20}'),
        ("b.yaml", "transform:\n  __class_fullname__: Compose\n  p: 1\n  p: 0.5\n  transforms: []\n"),
    ],
)
def test_what_stands_twice_is_refused(name: str, text: str) -> None:
    with pytest.raises(PresetError, match="stands twice in one object"):
        parse(text, name)


def test_sharpening_says_what_it_does_to_brightness() -> None:
    assert "-25% to +0%" in of_layers(layer("Sharpen")).rows[0].words
    assert "brightness" not in of_layers(layer("Sharpen", lightness=[1, 1])).rows[0].words
    gaussian = of_layers(layer("Sharpen", method="gaussian")).rows[0].words
    assert "3 × 3" not in gaussian
    assert "brightness" not in gaussian


def test_ranges_beyond_what_there_is_are_cut_and_said_so() -> None:
    found = of_layers(layer("GaussianBlur", sigma_limit=[0, 50]), layer("RandomGamma", gamma_limit=[1, 900]))
    assert found.pipeline.step("blur").range_of("sigma") == (0, 20)
    assert found.pipeline.step("gamma").range_of("exponent") == (0.2, 5)
    assert all(row.standing is Standing.CLOSE and "cut" in row.words for row in found.rows)


def test_layers_that_are_never_applied_are_nothing() -> None:
    assert not of_layers(layer("ToGray", 0), layer("OneOf", 0.5, transforms=[layer("ToGray", 0)])).rows


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_known_by_its_defaults(name: str) -> None:
    """Whatever a file does not say is as it is by default; each gives steps, or says why there are none."""
    found = of_layers(layer(name, 0.5))
    assert found.rows
    for row in found.rows:
        assert row.step or row.standing is Standing.LEFT_OUT
        assert row.words or row.standing is Standing.EXACT


def test_files_of_version_1_are_read() -> None:
    flip = {
        "__class_fullname__": "albumentations.augmentations.geometric.transforms.HorizontalFlip",
        "always_apply": False,
        "p": 0.5,
    }
    noise = {"__class_fullname__": "GaussNoise", "always_apply": True, "p": 0.5, "var_limit": [10.0, 50.0], "mean": 0}
    found = of_layers(flip, noise)
    assert [(step.op, step.probability) for step in found.pipeline.transforms] == [
        ("flip", 0.5),
        ("gaussian_noise", 1.0),
    ]
    assert found.pipeline.transforms[1].range_of("sigma") == pytest.approx((10**0.5 / 255, 50**0.5 / 255))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"limit": "far"},
            'transform.transforms[0] (Rotate).limit: found "far"; allowed is a number, or two: [low, high]',
        ),
        ({"limit": [1, float("inf")]}, "(Rotate).limit: found"),
        ({"border_mode": 9}, "(Rotate).border_mode: found 9; allowed is 0 to 4"),
        ({"border_mode": 0, "fill": [1, 2]}, "(Rotate).fill: found [1, 2]; allowed is a level from 0 to 255, or three"),
        ({"p": 2}, "(Rotate).p: found 2; allowed is a number from 0 to 1"),
        ({"crop_border": "no"}, '(Rotate).crop_border: found "no"; allowed is true or false'),
    ],
)
def test_wrong_values_are_told_with_their_place(given: dict[str, object], said: str) -> None:
    with pytest.raises(PresetError) as caught:
        of_layers({**layer("Rotate"), **given})
    assert said in str(caught.value)


def test_a_layer_of_our_own_file_with_wrong_values_is_told() -> None:
    own = layer("augment.Cutout", count=[1, 2], side=[0.1, 0.2], fill="rainbow")
    with pytest.raises(PresetError) as caught:
        of_layers(own)
    assert "(augment.Cutout).fill" in str(caught.value)


# -- hostile files ---------------------------------------------------------------------------------------------------

LAUGHS = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "empty": "",
    "blank": " \n\n",
    "a list": "[1, 2]",
    "a text": "hello",
    "a number": "7",
    "broken JSON": '{"transform": ',
    "broken YAML": "a: [1, 2\nb: }",
    "tabs": "a:\n\t- b",
    "deep JSON": "[" * 100_000,
    "deep YAML": "a: " + "[" * 3_000,
    "deep flow": '{"a":' * 50_000,
    "code": "!!python/object/apply:os.system ['true']",
    "laughs": LAUGHS + "fliplr: 0.5\n",
    "a circle": "fliplr: &a [*a]",
    "merging": "a: &a {fliplr: 0.5}\n<<: *a\n",
    "a huge number": "fliplr: " + "9" * 10_000,
    "a huge JSON number": '{"fliplr": ' + "9" * 10_000 + "}",
    "no day": "fliplr: 2021-99-99",
    "a day": "fliplr: 2021-01-01",
    "odd names": "1: 2\nfliplr: 0.5",
    "lists as names": "? [a, b]\n: 1\n",
    "many values": "fliplr: [" + "1," * 30_000 + "]",
    "control characters": "fliplr: \x01",
    "no class": '{"transform": {"__class_fullname__": 7}}',
    "no layers": '{"transform": {"__class_fullname__": "Compose", "transforms": 7}}',
    "a layer of text": '{"transform": {"__class_fullname__": "Compose", "transforms": ["Rotate"]}}',
    "another file": '{"name": "other", "version": 3}',
    "infinite": '{"fliplr": Infinity}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bad_files_get_one_line_soon(name: str) -> None:
    begun = time.monotonic()
    said = told(HOSTILE[name], "it.json" if HOSTILE[name].startswith(("{", "[")) else "it.yaml")
    assert time.monotonic() - begun < 5
    assert said.startswith("it.")
    assert "\n" not in said
    assert len(said) < 600


def test_as_many_layers_as_a_preset_has_steps_are_taken_and_no_more() -> None:
    assert len(of_layers(*[layer("ToGray")] * 100).pipeline.transforms) == 100
    with pytest.raises(PresetError, match="100 steps"):
        of_layers(*[layer("ToGray")] * 101)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, said in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "it is a folder"),
        (large, "allowed are 256,000"),
        (binary, "it is not text in UTF-8"),
        (Path("a\0b"), "it cannot be read"),
    ):
        with pytest.raises(PresetError, match=said):
            read(path)


def test_a_preset_is_told_from_other_files() -> None:
    text = json.dumps({"augstudio_preset": 1, "transforms": []})
    assert "it is a preset already" in told(text, "mine.json")


plain = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from([*LAYERS, *NO_AUGMENTATION, "OneOf", "Compose", "a.Rotate", "a.Cutout", "a.SwapColours"]), st.data()
)
def test_no_values_of_a_layer_raise_anything_else(name: str, data: st.DataObject) -> None:
    names = [
        "limit",
        "scale",
        "p",
        "transforms",
        "border_mode",
        "fill",
        "shear",
        "rotate",
        "translate_percent",
        "brightness",
    ]
    names += [
        "angle",
        "border",
        "count",
        "side",
        "orders",
        "threshold_range",
        "blur_limit",
        "quality_range",
        "hue",
        "height",
    ]
    given = data.draw(st.dictionaries(st.sampled_from(names), plain, max_size=6))
    try:
        found = of_layers({**layer(name), **given})
    except PresetError:
        return
    assert Pipeline.model_validate(found.pipeline.model_dump()) == found.pipeline


@given(st.dictionaries(st.sampled_from([*ARGS, "augmentations", "auto_augment"]), plain, min_size=1, max_size=6))
def test_no_arguments_raise_anything_else(given: dict[str, object]) -> None:
    try:
        found = parse(json.dumps(given), "args.json")
    except PresetError:
        return
    assert Pipeline.model_validate(found.pipeline.model_dump()) == found.pipeline
