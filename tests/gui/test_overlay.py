"""Labels over pictures, without a window: the shapes are those that the export writes, by the same draws."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from labelled import GOOD, NAMES, opened, write_masks, write_yolo
from pictures import smooth
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from augstudio.engine import BoundingBox, KeyPoints, Mask, Polygon, Region
from augstudio.engine.shapes import corners_of
from augstudio.export import Settings, manifest, run_export
from augstudio.gui.intent.state import State, resolve
from augstudio.gui.intent.views import Held, Shown, Told, View
from augstudio.gui.parts.qimages import from_image
from augstudio.gui.stage import label_cache, rendering
from augstudio.gui.stage.marks import Marks, path_of
from augstudio.gui.stage.overlay import PALETTE, Item, Overlay, item_of, of_copy, of_source, with_layer
from augstudio.gui.stage.rendering import Detail, PictureCache, Rendered, Wanted, label, render
from augstudio.images import Encoding, Format, encode, read
from augstudio.label_rules import Empty, Fate, LabelRules, Objects
from augstudio.labels.model import Facts
from augstudio.labels.picture import PictureLabels
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.storage import at
from augstudio.transforms import Range, describe, registry


def pipeline(*ops: str, **fields: Any) -> Pipeline:
    return Pipeline(transforms=tuple(registry()[op].default(probability=1.0) for op in ops), **fields)


MOVING = pipeline("crop", "rotate", "flip", "cutout").with_step("crop", area=Range(0.3, 0.5))


def state(root: Path, of: Pipeline, key: str = "images/a.png", **changes: Any) -> State:
    dataset, labels = opened(root)
    return State(dataset=dataset, picture=key, pipeline=of, saved=of, seed=3, labels=labels, **changes)


def view(root: Path, of: Pipeline, key: str = "images/a.png", **changes: Any) -> View:
    large = resolve(state(root, of, key, **changes)).wanted.large
    assert large is not None
    return large


def read_labels(of: View) -> PictureLabels:
    """The labels of a picture, read as an export reads them."""
    info = read(of.source.path).info
    records = of.labels.records(of.source.key)
    facts = Facts(of.source.key, info.width, info.height, info.orientation)
    root = Path(of.source.root)
    return PictureLabels.read(of.labels.labellings, records, lambda key: (root / key).read_bytes(), facts)


def shapes(overlay: Overlay) -> list[tuple[int, tuple[Any, ...]]]:
    return [(item.number, item.shapes) for item in overlay.items]


def written(fates: tuple[Fate, ...]) -> list[tuple[int, tuple[Any, ...]]]:
    return [(fate.number, fate.shapes) for fate in fates if fate.kept]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_yolo(tmp_path / "set")


# -- the preview is the export -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("copy", range(1, 7))
@pytest.mark.parametrize("detail", list(Detail))
def test_the_shapes_over_a_copy_are_those_that_are_written(root: Path, copy: int, detail: Detail) -> None:
    one = view(root, MOVING, shown=Shown("copy", copy))
    objects = read_labels(one).objects("", None)
    outcome = MOVING.outcome(3, "images/a.png", copy, (90, 60), objects=objects)
    made = render(Wanted(one, detail), PictureCache())
    assert made.labelled is not None
    assert shapes(made.labelled.marks.overlay) == written(outcome.fates)
    assert made.labelled.marks.overlay.size == made.size == outcome.plan.size
    assert np.array_equal(from_image(made.image)[..., :3], outcome.plan.apply(read(one.source.path).pixels))
    told = made.labelled.told
    assert (told.kept, told.names) == (len(written(outcome.fates)), ("cat", "dog", "dog", *("cat",) * 7))
    source = made.labelled.source
    assert (source is None) == (detail is Detail.STRIP)
    if source is not None:
        lost = [(item.number, item.words) for item in source.overlay.items if not item.kept]
        assert lost == [(fate.number, fate.reason) for fate in outcome.fates if not fate.kept]
        assert [item.shapes for item in source.overlay.items] == [(shape,) for shape in objects.shapes]


def labels_beside(out: Path, path: str) -> Path:
    return (out / path.replace("images/", "labels/", 1)).with_suffix(".txt")


RULES = (
    LabelRules(),
    LabelRules(not_mirrored=("arrow", "dog")),
    LabelRules(smallest_share=0.9, without_objects=Empty.REDRAW),
)


@pytest.mark.parametrize("rules", RULES, ids=["usual", "not mirrored", "redrawn"])
def test_what_is_shown_is_what_an_export_writes(root: Path, tmp_path: Path, rules: LabelRules) -> None:
    """Pictures pixel by pixel, and the rows of the label files."""
    maker, out, cache = MOVING.edited(labels=rules), tmp_path / "out", PictureCache()
    settings = Settings(out, maker, copies=8, seed=3, encoding=Encoding(Format.PNG), workers=0)
    dataset = opened(root)[0]
    assert not run_export(settings, dataset).failures
    lines = [line for line in manifest.read(at(out)) if line["copy"]]
    assert len(lines) == 32
    for line in lines:
        one = view(root, maker, line["source"], shown=Shown("copy", line["copy"]))
        made = render(Wanted(one, Detail.PREVIEW), cache)
        assert np.array_equal(from_image(made.image)[..., :3], read(out / line["path"]).pixels), line["path"]
        assert made.labelled is not None
        width, height = made.size
        shown = [
            (NAMES.index(item.name), (left + right) / 2 / width, (top + bottom) / 2 / height)
            for item in made.labelled.marks.overlay.items
            for left, top, right, bottom in [item.bounds or (0, 0, 0, 0)]
        ]
        files = [out / file["path"] for file in line.get("files", ())] or [labels_beside(out, line["path"])]
        rows = [row.split()[:3] for file in files if file.exists() for row in file.read_text().splitlines()]
        assert np.array(rows, float).ravel() == pytest.approx(np.array(shown).ravel(), abs=1e-5)


def test_some_copies_lose_objects(root: Path) -> None:
    """Or the tests above would say nothing of them."""
    kept = set()
    for copy in range(1, 7):
        labelled = render(
            Wanted(view(root, MOVING, shown=Shown("copy", copy)), Detail.PREVIEW), PictureCache()
        ).labelled
        assert labelled is not None
        kept.add(labelled.told.kept)
    assert len(kept) > 1


@pytest.mark.parametrize("output", [Output(), Output(fit=Fit.CROP, width=300, height=200)])
def test_a_reduced_preview_has_the_shapes_of_the_whole_picture(tmp_path: Path, output: Output) -> None:
    root = write_yolo(tmp_path / "set", {"x": ("0 0.5 0.5 0.2 0.3", "1 0.1 0.1 0.1 0.1")})
    large = root / "images" / "x.jpg"
    (root / "images" / "x.png").unlink()
    large.write_bytes(encode(cv2.resize(smooth(375, 500, seed=3), (2000, 1500)), "JPEG", 80))
    maker = MOVING.edited(output=output)
    one = view(root, maker, "images/x.jpg")
    picture = read(large, enough=maker.output.enough)
    assert (picture.reduction > 1) == (output.size is not None)
    objects = read_labels(one).objects("", picture.read_as)
    outcome = maker.outcome(3, "images/x.jpg", 1, picture.pixels.shape[1::-1], objects=objects)
    cache = PictureCache()
    for detail in Detail:
        made = render(Wanted(one, detail), cache)
        assert made.labelled is not None
        assert shapes(made.labelled.marks.overlay) == written(outcome.fates)
        assert made.labelled.marks.overlay.size == outcome.plan.size == made.size


def test_what_lies_over_the_original_is_the_same_while_the_same_is_lost(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it need not be painted again while a slider is dragged."""
    monkeypatch.setattr(rendering, "LATE_SECONDS", 60.0)  # on a busy machine labels come later, which is not asked here
    cache, maker = PictureCache(), pipeline("rotate", "crop")
    one = view(root, maker)
    found = []
    for angle, area in ((1.0, 1.0), (1.1, 1.0), (1.1, 0.3)):
        now = maker.with_step("rotate", angle=Range(angle, angle)).with_step("crop", area=Range(area, area))
        labelled = render(Wanted(one._replace(pipeline=now), Detail.PREVIEW), cache).labelled
        assert labelled is not None
        found.append(labelled.source)
    assert found[0] is found[1]
    assert found[0] is not found[2]


def test_late_labels_are_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, cache = Wanted(view(root, MOVING), Detail.PREVIEW), PictureCache()
    usual = render(wanted, cache)
    monkeypatch.setattr(rendering, "LATE_SECONDS", -1.0)
    late = render(wanted, cache)
    assert late.late
    assert late.labelled is None
    assert not usual.late
    assert from_image(late.image).tobytes() == from_image(usual.image).tobytes()
    assert usual.labelled is not None
    again = label(wanted, cache)
    assert shapes(again.marks.overlay) == shapes(usual.labelled.marks.overlay)
    assert again.told == usual.labelled.told


def test_what_must_not_be_mirrored_is_not(root: Path) -> None:
    flips = pipeline("flip", labels=LabelRules(not_mirrored=("arrow",)))
    for key, withheld in (("images/a.png", False), ("images/b.png", True)):
        for shown in (Shown(), Shown("highest")):
            one = view(root, flips, key, shown=shown)
            made = render(Wanted(one, Detail.PREVIEW), PictureCache())
            same = np.array_equal(from_image(made.image)[..., :3], read(one.source.path).pixels)
            assert same == withheld
            now = state(root, flips, key, shown=shown, told=made.told)
            assert ("without Flip (never mirrored)" in resolve(now).drawn) == withheld


def test_a_class_folder_alone_can_say_that_nothing_is_mirrored(tmp_path: Path) -> None:
    root = write_yolo(tmp_path / "set")
    (root / "images").rename(root / "arrow")
    flips = pipeline("flip", labels=LabelRules(not_mirrored=("arrow",)))
    one = replace(state(root, flips, "arrow/d.png"), labels=State().labels)
    large = resolve(one).wanted.large
    assert large is not None
    assert large.draws()[0].withheld
    assert "(never mirrored)" in resolve(one).drawn


def redrawing(root: Path) -> tuple[Pipeline, View]:
    """A copy of b that is drawn anew, since it would lose its only object."""
    maker = pipeline("crop", "rotate", labels=LabelRules(without_objects=Empty.REDRAW, smallest_share=0.9))
    maker = maker.with_step("crop", area=Range(0.3, 0.9))
    for copy in range(1, 200):
        one = view(root, maker, "images/b.png", shown=Shown("copy", copy))
        if one.outcome((90, 60), read_labels(one).objects("", None))[1] > 0:
            return maker, one
    raise AssertionError("no copy is drawn anew")


def test_a_copy_that_is_drawn_anew_is_shown_so(root: Path) -> None:
    maker, one = redrawing(root)
    objects = read_labels(one).objects("", None)
    outcome = maker.outcome(3, "images/b.png", one.shown.copy, (90, 60), objects=objects)
    for shown in (True, False):  # also where labels are hidden
        made = render(Wanted(one, Detail.PREVIEW, labels=shown), PictureCache())
        assert np.array_equal(from_image(made.image)[..., :3], outcome.plan.apply(read(one.source.path).pixels))
    assert made.told is not None
    assert made.told.again > 0
    now = resolve(state(root, maker, "images/b.png", shown=one.shown, told=made.told))
    assert describe(outcome.draws[1]) in now.drawn


def test_what_is_held_leaves_the_other_numbers_as_they_were_drawn(root: Path) -> None:
    maker, one = redrawing(root)
    objects = read_labels(one).objects("", None)
    usual = one.outcome((90, 60), objects)[0].draws
    held = view(root, maker, "images/b.png", shown=one.shown, held=Held("rotate", "angle", 1.0))
    draws = held.outcome((90, 60), objects)[0].draws
    assert draws[1].number("angle") == 1.0
    assert draws[0] == usual[0]


# -- reading -----------------------------------------------------------------------------------------------------------


def test_without_labels_nothing_is_read_or_drawn(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it is looked for labels")

    monkeypatch.setattr(label_cache, "_stamped", never)
    monkeypatch.setattr(PictureLabels, "read", never)
    one = view(root, MOVING)._replace(labels=State().labels)
    for augmented in (True, False):
        made = render(Wanted(one, Detail.PREVIEW, augmented), PictureCache())
        assert made.labelled is None
        assert made.told is None


def test_a_picture_that_labels_say_nothing_of(root: Path) -> None:
    for key, words in (("images/c.png", "no objects"), ("images/d.png", "no labels")):
        labelled = render(Wanted(view(root, MOVING, key), Detail.PREVIEW), PictureCache()).labelled
        assert labelled is not None
        assert labelled.marks.overlay.items == ()
        assert labelled.told.words == words


def test_hidden_labels_are_not_worked_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "outcome", lambda *_: pytest.fail("worked out"))
    assert render(Wanted(view(root, MOVING), Detail.PREVIEW, labels=False), PictureCache()).labelled is None


def test_labels_of_which_nothing_can_be_used_are_not_taken_for_none(tmp_path: Path) -> None:
    made = write_yolo(tmp_path, {"a": ("what is this",), **{name: rows for name, rows in GOOD.items() if name != "a"}})
    labelled = render(Wanted(view(made, MOVING), Detail.PREVIEW), PictureCache()).labelled
    assert labelled is not None
    assert labelled.told.words == "labels that cannot be used: not exported"
    assert labelled.told.problems


def test_problems_are_told_and_the_rest_is_drawn(tmp_path: Path) -> None:
    rows = {
        "a": ("7 0.5 0.5 0.1 0.1", "0 0.5 nan 0.1 0.1", "0 0.5 0.5 0.2 0.2", "what is this"),
        **GOOD,
    }
    root = write_yolo(tmp_path / "set", rows)
    labelled = render(Wanted(view(root, Pipeline()), Detail.PREVIEW), PictureCache()).labelled
    assert labelled is not None
    assert len(labelled.marks.overlay.items) == 1
    assert labelled.told.problems[0].startswith("labels/a.txt, line 1: ")
    assert len(labelled.told.problems) == 3


def test_files_that_cannot_be_read_are_a_problem(root: Path) -> None:
    one = view(root, Pipeline())
    (root / "labels" / "a.txt").unlink()
    labelled = render(Wanted(one, Detail.PREVIEW), PictureCache()).labelled
    assert labelled is not None
    assert labelled.told.problems == ("labels/a.txt: the labels cannot be read: no such file or folder",)


def test_files_that_are_replaced_are_read_again(root: Path) -> None:
    one, cache = view(root, Pipeline()), PictureCache()
    file = root / "labels" / "a.txt"
    for count in (10, 1):
        labelled = render(Wanted(one, Detail.PREVIEW), cache).labelled
        assert labelled is not None
        assert len(labelled.told.names) == count
        assert [path for path, _ in labelled.told.files] == [str(file)]
        file.write_text("0 0.5 0.5 0.1 0.1\n")
        os.utime(file, ns=(1, 1))


# -- masks -------------------------------------------------------------------------------------------------------------


def test_masks_lie_over_original_and_copy(tmp_path: Path) -> None:
    root = write_masks(tmp_path / "set")
    turned = pipeline("quarter_turn")
    one = view(root, turned, "images/p0.png")
    cache = PictureCache()
    original = render(Wanted(one, Detail.PREVIEW, augmented=False), cache).labelled
    made = render(Wanted(one, Detail.PREVIEW), cache)
    assert original is not None
    assert made.labelled is not None
    assert made.plan is not None
    layer, turned_layer = original.marks.overlay.layer, made.labelled.marks.overlay.layer
    assert layer is not None
    assert turned_layer is not None
    assert layer.shape == (60, 90, 4)
    assert not layer[:10].any()
    assert len({tuple(layer[20, 20]), tuple(layer[40, 60]), tuple(layer[0, 0])}) == 3
    (mask,) = made.plan.masks([Mask(np.ascontiguousarray(layer), (0, 0, 0, 0))])
    assert np.array_equal(turned_layer, mask.pixels)
    assert made.labelled.told.words == "1 mask"


def test_levels_that_say_nothing_are_clear() -> None:
    levels = np.array([[0, 1, 255]], np.uint8)
    layer = with_layer(Overlay((3, 1), ()), [Mask(levels, (255,))], [{1: 0}], (1, 3)).layer
    assert layer is not None
    assert layer[0, :, 3].tolist() == [0, layer[0, 1, 3], 0]
    assert layer[0, 1, 3] > 0
    named = with_layer(Overlay((3, 1), ()), [Mask(levels, (255,))], [{0: 0, 1: 1}], (1, 3)).layer
    assert named is not None
    assert named[0, 0, 3] > 0, "level 0 is a class like others"


def test_coloured_and_deep_masks() -> None:
    colours = np.array([[[0, 0, 0], [200, 10, 10], [5, 5, 5]]], np.uint8)
    layer = with_layer(Overlay((3, 1), ()), [Mask(colours, (5, 5, 5))], [{}], (1, 3)).layer
    assert layer is not None
    assert layer[0, :, 3].astype(bool).tolist() == [False, True, False]
    deep = np.array([[0, 40_000, 1]], np.uint16)
    layer = with_layer(Overlay((3, 1), ()), [Mask(deep, (0,))], [{}], (1, 3)).layer
    assert layer is not None
    assert layer[0, :, 3].astype(bool).tolist() == [False, True, True]


@pytest.mark.parametrize("shape", [(40, 60), (20, 30), (80, 120), (7, 11)])
def test_regions_lie_in_the_layer(shape: tuple[int, int]) -> None:
    pixels = np.zeros((40, 60), bool)
    pixels[10:20, 20:40] = True
    pixels[15, 25] = False
    item = item_of(0, "crowd", 1, (Region.within(0, pixels),))
    layer = with_layer(Overlay((60, 40), (item,)), [], [], shape).layer
    assert layer is not None
    rows, columns = (((np.arange(n) + 0.5) * whole / n).astype(int) for n, whole in zip(shape, (40, 60), strict=True))
    assert np.array_equal(layer[..., 3] > 0, pixels[np.ix_(rows, columns)])
    assert list(item.outlines) == []
    assert len(list(replace(item, kept=False).outlines)) == 1, "what is lost is dashed around"


# -- painting ----------------------------------------------------------------------------------------------------------


def painted(marks: Marks, width: int = 100, height: int = 80, *, names: bool = False) -> Any:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    where = QRectF(0, 0, width, height)
    marks.paint(painter, where, where, 1.0)
    if names:
        marks.paint_names(painter, where, where, 1.0)
    painter.end()
    return from_image(image)


def colour(item: Item) -> list[int]:
    return [int(PALETTE[item.colour][i : i + 2], 16) for i in (1, 3, 5)]


def test_lines_are_drawn_where_the_shapes_are(qapp: object) -> None:
    box = item_of(0, "cat", 0, (BoundingBox(0, 100, 80, 300, 240),))
    pixels = painted(Marks(Overlay((400, 320), (box,))))
    rows, columns = np.nonzero((pixels[..., :3] == colour(box)).all(axis=2))
    assert 24 <= columns.min() <= 26
    assert 74 <= columns.max() <= 76
    assert 19 <= rows.min() <= 21
    assert 59 <= rows.max() <= 61
    assert not pixels[30:50, 35:65].any(), "boxes are not filled"


def test_polygons_are_filled_faintly_but_for_holes(qapp: object) -> None:
    outline = np.array([(10, 10), (90, 10), (90, 70), (10, 70)], float)
    hole = np.array([(40, 30), (60, 30), (60, 50), (40, 50)], float)
    item = item_of(0, "cat", 2, (Polygon(0, ((outline, hole),)),))
    pixels = painted(Marks(Overlay((100, 80), (item,))))
    assert 0 < pixels[20, 20, 3] < 90
    assert pixels[40, 50, 3] == 0


def test_what_is_lost_is_dashed(qapp: object) -> None:
    box = item_of(0, "cat", 0, (BoundingBox(0, 20, 20, 80, 60),))
    kept, lost = (
        (painted(Marks(Overlay((100, 80), (one,))))[20, 22:78, :3] == colour(box)).all(axis=1).sum()
        for one in (box, replace(box, kept=False, words="outside"))
    )
    assert kept > 50
    assert 10 < lost < 0.8 * kept


def test_points_are_dots(qapp: object) -> None:
    item = item_of(0, "cat", 0, (KeyPoints(0, np.array([(50.0, 40.0), (np.nan, np.nan)])),))
    assert item.bounds == (50, 40, 50, 40)
    pixels = painted(Marks(Overlay((100, 80), (item,))))
    assert pixels[40, 50, :3].tolist() == colour(item)


def test_names_are_written_where_they_fit(qapp: object) -> None:
    big = item_of(0, "cat", 0, (BoundingBox(0, 10, 40, 90, 75),))
    small = item_of(0, "cat", 0, (BoundingBox(0, 10, 40, 14, 44),))
    for one, fits in ((big, True), (small, False), (replace(small, kept=False, words="outside"), True)):
        marks = Marks(Overlay((100, 80), (one,)))
        differ = (painted(marks) != painted(marks, names=True)).any()
        assert differ == fits


def test_a_path_of_many_rings() -> None:
    rings = [np.array([(0, 0), (4, 0), (4, 4.5)], float), np.array([(10, 10), (np.inf, 0), (4, 4)])]
    path = path_of([*rings, np.array([(5, 5), (6, 5), (6, 6)], float)])
    assert path.elementCount() == 8, "one goes nowhere"
    assert path.boundingRect() == QRectF(0, 0, 6, 6)
    assert path_of([]).isEmpty()
    assert path_of(rings[1:]).isEmpty()
    boxes = [(1.0, 2.0, 3.0, 5.0), (0.0, 0.0, np.nan, 1.0), (-2.0, 1.0, 4.0, 9.0)]
    same = path_of([corners_of(boxes[0]), corners_of(boxes[2]), rings[0]])
    assert path_of(rings, boxes) == same
    assert path_of([], boxes) == path_of([corners_of(boxes[0]), corners_of(boxes[2])])


def circle(radius: float, x: float = 500, y: float = 500) -> Item:
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    return item_of(
        0, "cat", 0, (Polygon.of(0, np.stack((x + radius * np.cos(angles), y + radius * np.sin(angles)), 1)),)
    )


def test_outlines_are_simpler_where_nobody_sees_it_and_whole_where_they_are_enlarged(qapp: object) -> None:
    item = circle(300)
    marks = Marks(Overlay((1000, 1000), (item, circle(20, 60, 60))), 2.0)
    small = QRectF(0, 0, 100, 100)
    (group,) = marks._seen(small, small)
    assert group.count < 100
    assert marks._seen(QRectF(-3600, -3600, 4000, 4000), small) == (), "in view is neither of them"
    (group,) = marks._seen(QRectF(-700, -1900, 4000, 4000), small)
    assert group.count == 401, "all points, of that which is in view"


def test_the_smallest_object_at_a_place() -> None:
    items = tuple(
        item_of(n, name, 0, (BoundingBox(n, *box),))
        for n, (name, box) in enumerate((("big", (0, 0, 50, 50)), ("small", (10, 10, 20, 20))))
    )
    overlay = Overlay((60, 60), items)
    assert [one.name if one else "" for one in (overlay.at(15, 15), overlay.at(30, 30), overlay.at(55, 5))] == [
        "small",
        "big",
        "",
    ]


def test_what_became_of_an_object_in_words() -> None:
    items = [item_of(n, "cat", 0, (BoundingBox(n, 0, 0, 9, 9),)) for n in range(3)]
    fates = [
        Fate(0, True, items[0].shapes, 1.0, False, 1.0, 9, ""),
        Fate(1, True, items[1].shapes, 0.4, True, 1.0, 9, ""),
        Fate(2, False, (), 0.12, True, 1.0, 9, "cut to 12 %"),
    ]
    assert [item.words for item in of_source(items, (9, 9), fates).items] == ["", "", "cut to 12 %"]
    assert [(item.number, item.words) for item in of_copy(items, (9, 9), fates).items] == [(0, ""), (1, "40 % visible")]


# -- intent ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "kept", "masks", "words"),
    [
        (3, 3, 0, "all 3 objects kept"),
        (3, 2, 0, "2 of 3 objects kept"),
        (3, 0, 1, "0 of 3 objects kept · 1 mask"),
        (1, 1, 0, "1 of 1 object kept"),
        (3, None, 0, "3 objects"),
        (0, 0, 2, "2 masks"),
        (0, 0, 0, "no objects"),
    ],
)
def test_what_is_told(root: Path, names: int, kept: int | None, masks: int, words: str) -> None:
    now = state(root, Pipeline())
    assert now.source is not None
    told = Told(now.source, 3, Shown(), ("cat",) * names, 0, kept, masks, ("what is wrong",))
    scene = resolve(replace(now, told=told))
    assert scene.labelled == words
    assert scene.label_problems == ("what is wrong",)
    hidden = resolve(replace(now, told=told, labels_shown=False))
    assert (hidden.labelled, hidden.label_problems) == ("", ("what is wrong",))
    assert hidden.wanted == scene.wanted, "what is there is only not drawn"
    assert resolve(replace(now, told=told, shown=Shown("copy", 2))).labelled == "", "it is of another version"
    other = resolve(replace(now, told=told, picture="images/b.png"))
    assert (other.labelled, other.label_problems, other.label_files) == ("", (), ())
    assert resolve(replace(now, told=told, labels=State().labels)).label_problems == ()


def test_a_view_decides_as_an_export_does(root: Path) -> None:
    one = view(root, MOVING)
    objects = read_labels(one).objects("", None)
    outcome, again = one.outcome((90, 60), objects)
    assert (outcome.draws, again) == (one.draws(objects), 0)
    assert outcome.draws == MOVING.outcome(3, "images/a.png", 1, (90, 60), objects=objects).draws
    assert isinstance(objects, Objects)
    assert isinstance(render(Wanted(one, Detail.PREVIEW), PictureCache()), Rendered)
