"""The promise: variation k as the window shows it at 100 % is copy k of the export, pixel for pixel."""

from __future__ import annotations

import io
import time
from collections.abc import Collection
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from driving import read_rgba, rgba, settle
from numpy.typing import NDArray
from pictures import noise, smooth, text
from PIL import Image
from windows import OpenWindow

from augstudio import presets
from augstudio.dataset import scan
from augstudio.export import Settings, manifest, run_export
from augstudio.gui.intent.state import State, resolve
from augstudio.gui.intent.views import Shown, View
from augstudio.gui.parts.qimages import from_image, to_image
from augstudio.gui.parts.workers import Worker
from augstudio.gui.shell.window import Window
from augstudio.gui.stage import rendering
from augstudio.gui.stage.rendering import FULL_UP_TO, Detail, PictureCache, Wanted, render
from augstudio.images import Encoding, Format, encode, read
from augstudio.pipeline import Fit, Output, Pipeline
from augstudio.storage import at

SMALL = ("colour.jpg", "grey.png", "alpha.png", "deep.png", "turned.jpg")
ODD = ("grey_alpha.png", "deep_grey.png", "tiny.png")
LARGE = "large.jpg"
PRESETS = [entry.path for entry in presets.shipped()]
SEEDS = (0, 7, 123_456_789, 2**31 - 1)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of each kind, in a class; the large one is previewed reduced."""
    root = tmp_path_factory.mktemp("kinds") / "kinds"
    folder = root / "class"
    folder.mkdir(parents=True)
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(smooth(60, 91, seed=6)).save(turned, "JPEG", quality=90, exif=exif)
    pictures = {
        "colour.jpg": encode(smooth(70, 91), "JPEG", 90),
        "grey.png": encode(noise(61, 90, 1), "PNG", 90),
        "grey_alpha.png": encode(smooth(60, 90, 2), "PNG", 90),
        "alpha.png": encode(smooth(62, 90, 4), "PNG", 90),
        "deep.png": encode(smooth(60, 90, 3, np.uint16), "PNG", 90),
        "deep_grey.png": encode(noise(60, 90, 1, np.uint16), "PNG", 90),
        "turned.jpg": turned.getvalue(),
        "tiny.png": encode(noise(1, 1), "PNG", 90),
        LARGE: encode(cv2.resize(smooth(375, 500, seed=3), (2000, 1500)), "JPEG", 80),
    }
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    return root


def export(
    root: Path, out: Path, pipeline: Pipeline, seed: int, copies: int, names: Collection[str]
) -> dict[tuple[str, int], Path]:
    """Export pictures as PNG in this process: source's name and copy's number to file."""
    dataset = scan(root)
    dataset = replace(dataset, sources=tuple(source for source in dataset.sources if source.name in names))
    settings = Settings(out, pipeline, copies=copies, seed=seed, encoding=Encoding(Format.PNG), workers=0)
    assert not run_export(settings, dataset).failures
    return {(Path(line["source"]).name, line["copy"]): out / line["path"] for line in manifest.read(at(out))}


def at_100(open_window: OpenWindow, root: Path) -> Window:
    """A window with the pictures open, at 100 %."""
    window = open_window()
    window.open_folder(root)
    window.compare.show_whole()
    settle(window)
    return window


def show(window: Window, name: str, copy: int) -> NDArray[np.uint8]:
    """Choose a picture and a variation, and take what the window then shows."""
    window.studio.show_picture(f"class/{name}")
    window.studio.show_version(Shown("copy", copy))
    settle(window)
    image = window.compare.augmented.image()
    assert image is not None
    return from_image(image)


def hold(shown: NDArray[np.uint8], file: Path, what: object) -> None:
    """Hold a shown picture against an exported file."""
    expected = read_rgba(file)
    assert shown.shape == expected.shape, what
    differing = (shown != expected).any(axis=2)
    assert not differing.any(), f"{what}: {differing.mean():.1%} of the pixels differ"


@pytest.mark.parametrize("number", range(len(PRESETS)), ids=[path.stem for path in PRESETS])
def test_every_shipped_preset(open_window: OpenWindow, kinds: Path, tmp_path: Path, number: int) -> None:
    path, seed = PRESETS[number], SEEDS[number % len(SEEDS)]
    pipeline = presets.load(path)
    exported = export(kinds, tmp_path / "small", pipeline, seed, 2, SMALL)
    exported |= export(kinds, tmp_path / "large", pipeline, seed, 1, [LARGE])
    window = at_100(open_window, kinds)
    window.studio.load_preset(path)
    window.studio.set_seed(seed)
    for name, copy in (*product(SMALL, (1, 2)), (LARGE, 1)):
        hold(show(window, name, copy), exported[name, copy], (path.stem, name, copy))


def test_odd_kinds_of_pictures(open_window: OpenWindow, kinds: Path, tmp_path: Path) -> None:
    window = at_100(open_window, kinds)
    exported = export(kinds, tmp_path / "out", window.studio.state.pipeline, 0, 2, ODD)
    for name, copy in product(ODD, (1, 2)):
        hold(show(window, name, copy), exported[name, copy], (name, copy))


def test_other_seeds_and_copies(open_window: OpenWindow, kinds: Path, tmp_path: Path) -> None:
    window = at_100(open_window, kinds)
    window.studio.load_preset(presets.locate("robust-to-noise"))
    names = ("colour.jpg", "deep.png")
    for seed in SEEDS:
        exported = export(kinds, tmp_path / str(seed), window.studio.state.pipeline, seed, 12, names)
        window.studio.set_seed(seed)
        for name, copy in product(names, (3, 12)):
            hold(show(window, name, copy), exported[name, copy], (seed, name, copy))


@pytest.mark.parametrize(
    "output",
    [
        Output(fit=Fit.CROP, width=64, height=48),
        Output(fit=Fit.CROP, width=64, height=48, exact=True),
        Output(fit=Fit.PAD, width=50, height=80, border_colour=(200, 30, 90)),
        Output(fit=Fit.STRETCH, width=120, height=31),
        Output(fit=Fit.STRETCH, width=FULL_UP_TO + 200, height=300),  # previewed reduced
    ],
    ids=lambda output: f"{output.fit}-{output.width}x{output.height}{'-exact' * output.exact}",
)
def test_fixed_output_sizes(open_window: OpenWindow, kinds: Path, tmp_path: Path, output: Output) -> None:
    pipeline = presets.load(presets.locate("photos")).edited(output=output)
    names = ("colour.jpg", "deep_grey.png", "alpha.png", "turned.jpg", LARGE)
    exported = export(kinds, tmp_path / "out", pipeline, 5, 1, names)
    window = at_100(open_window, kinds)
    window.studio.apply_pipeline("test", pipeline)
    window.studio.set_seed(5)
    for name in names:
        shown = show(window, name, 1)
        assert shown.shape[:2] == (output.height, output.width)
        hold(shown, exported[name, 1], (name, output))


@pytest.mark.parametrize("name", ["colour.jpg", "grey.png", LARGE])
def test_what_is_painted(open_window: OpenWindow, kinds: Path, tmp_path: Path, name: str) -> None:
    """Down to the pixels of the widget itself."""
    window = at_100(open_window, kinds)
    exported = export(kinds, tmp_path / "out", window.studio.state.pipeline, 0, 2, [name])
    show(window, name, 2)
    view = window.compare.augmented
    assert view.devicePixelRatioF() == 1
    grabbed = from_image(view.grab().toImage())
    expected = read_rgba(exported[name, 2])
    place = view.picture_rect().toRect()
    seen = place.intersected(view.rect())
    assert seen.width() > 60
    assert seen.height() > 60
    part = expected[
        seen.top() - place.top() : seen.bottom() + 1 - place.top(),
        seen.left() - place.left() : seen.right() + 1 - place.left(),
    ]
    shown = grabbed[seen.top() : seen.bottom() + 1, seen.left() : seen.right() + 1]
    assert np.array_equal(shown, part)


def test_the_original_is_the_file(open_window: OpenWindow, kinds: Path) -> None:
    window = at_100(open_window, kinds)
    for name in (*SMALL, *ODD, LARGE):
        show(window, name, 1)
        image = window.compare.original.image()
        assert image is not None
        hold(from_image(image), kinds / "class" / name, name)


def test_zooming_in_asks_for_the_real_pixels(open_window: OpenWindow, kinds: Path, tmp_path: Path) -> None:
    """Fitted, a large picture is shown reduced and says so; at 100 % it is the export, and stays so through edits."""
    window = open_window()
    window.open_folder(kinds)
    settle(window)
    fitted = show(window, LARGE, 1)
    assert fitted.shape[:2] == (750, 1000), "decoded at a half: near enough to Detail.PREVIEW"
    assert window.compare._exact.text() == "reduced"
    window.compare.show_whole()
    settle(window)
    for seed in range(1, 6):
        window.studio.set_seed(seed)
        settle(window)
    exported = export(kinds, tmp_path / "out", window.studio.state.pipeline, 5, 1, [LARGE])
    hold(show(window, LARGE, 1), exported[LARGE, 1], "after edits at 100 %")
    assert window.compare._exact.text() == ""


def test_it_stays_exact_while_its_thread_is_slow_to_rest(
    open_window: OpenWindow, kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result may be shown before the thread that made it waits again; the real pixels are asked for all the same."""
    window = at_100(open_window, kinds)
    show(window, LARGE, 1)
    rest = Worker._next

    def slow(worker: Worker) -> tuple[bool, Any]:
        time.sleep(0.05)
        return rest(worker)

    monkeypatch.setattr(Worker, "_next", slow)
    window.studio.set_seed(9)
    settle(window)
    exported = export(kinds, tmp_path / "out", window.studio.state.pipeline, 9, 1, [LARGE])
    hold(show(window, LARGE, 1), exported[LARGE, 1], "after an edit at 100 %")


def _reduced(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("detail", [Detail.PREVIEW, Detail.STRIP])
@pytest.mark.parametrize("preset", ["gentle", "photos", "robust-to-noise"])
def test_a_reduced_preview_looks_like_the_reduced_export(kinds: Path, preset: str, detail: Detail) -> None:
    """Strip and fitted view are made from a reduced picture: close to the export at that size, noise left out."""
    pipeline = presets.load(presets.locate(preset))
    for step in pipeline.transforms:
        if step.group() == "noise":
            pipeline = pipeline.without(step.id)
    source = next(source for source in scan(kinds).sources if source.name == LARGE)
    for copy in (1, 2, 3):
        view = View(source, (), pipeline, 0, Shown("copy", copy))
        shown = from_image(render(Wanted(view, detail), PictureCache()).image)
        real = rgba(pipeline(read(source.path).pixels, seed=0, key=source.key, copy=copy))
        small = _reduced(real, (shown.shape[1], shown.shape[0]))
        difference = np.abs(small.astype(int) - shown)[..., :3]
        assert difference.mean() < 2.5, (preset, copy)


def test_the_strip_of_a_small_picture_is_the_export(kinds: Path, tmp_path: Path) -> None:
    pipeline = presets.load(presets.locate("robust-to-noise"))
    exported = export(kinds, tmp_path / "out", pipeline, 3, 12, ["colour.jpg"])
    dataset = scan(kinds)
    scene = resolve(State(dataset=dataset, picture="class/colour.jpg", pipeline=pipeline, seed=3))
    cache = PictureCache()
    for view in scene.wanted.strip[2:]:
        shown = from_image(render(Wanted(view, Detail.STRIP), cache).image)
        hold(shown, exported["colour.jpg", view.shown.copy], view.shown)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (31, 33)])
def test_there_and_back_as_an_image(channels: int, dtype: type, shape: tuple[int, int]) -> None:
    pixels = noise(*shape, channels, dtype)
    image = to_image(pixels)
    assert (image.width(), image.height()) == (shape[1], shape[0])
    assert np.array_equal(from_image(image), rgba(pixels))
    before = from_image(image)
    pixels[...] = 0
    assert np.array_equal(from_image(image), before), "the image still looks into the array"


def test_a_cut_out_array_keeps_its_stride() -> None:
    whole = text(40, 61)
    assert np.array_equal(from_image(to_image(whole[3:31, 7:44])), rgba(whole[3:31, 7:44]))


def test_reducing_never_enlarges() -> None:
    assert rendering.reduce(noise(3, 5), 64).shape == (3, 5, 3)
    assert rendering.reduce(noise(300, 5), 64).shape == (64, 1, 3)
