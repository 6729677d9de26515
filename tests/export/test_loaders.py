"""Exports as those read them who train on them: by torchvision's rule, by Keras's, and with Hugging Face's library."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import types
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exporting import export, lines, picture, pipeline, report
from PIL import Image

from augstudio.dataset.scanning import scan
from augstudio.dataset.splits import Folders
from augstudio.export import Settings, Status, layout, loading, parse_split, plan_export, verify
from augstudio.images import Encoding, Format
from augstudio.pipeline import Fit, Output
from augstudio.storage import at

Labelled = dict[str, str]
"""The class of each file that a loader finds, by the file's path relative to `images`."""

TORCHVISION = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}
WIDE = Output(fit=Fit.PAD, width=30, height=20)
KERAS = {".bmp", ".gif", ".jpeg", ".jpg", ".png"}


class LoaderError(Exception):
    """What a loader refuses."""


def by_top_folder(root: Path, suffixes: set[str], *, empty_is_fine: bool = False) -> Labelled:
    """Both torchvision and Keras take every folder directly below the root for a class, with all that lies in it.

    torchvision refuses a class without pictures; both refuse a root without classes, and neither sees pictures that
    lie in the root itself.
    """
    found: Labelled = {}
    classes = sorted(path.name for path in root.iterdir() if path.is_dir())
    if not classes:
        raise LoaderError("no classes")
    for label in classes:
        of_class = {
            Path(folder, name).relative_to(root).as_posix(): label
            for folder, _, names in os.walk(root / label, followlinks=True)
            for name in names
            if Path(name).suffix.lower() in suffixes
        }
        if not of_class and not empty_is_fine:
            raise LoaderError(f"{label} is empty")
        found |= of_class
    return found


def as_torchvision(root: Path) -> Labelled:
    return by_top_folder(root, TORCHVISION)


def as_keras(root: Path) -> Labelled:
    found = by_top_folder(root, KERAS, empty_is_fine=True)
    if not found:
        raise LoaderError("no images found")
    return found


def exported(tmp_path: Path, names: dict[str, int], **fields: Any) -> Path:
    """Export pictures of the given names (and widths), and give the folder of what came out."""
    for seed, (name, width) in enumerate(names.items()):
        picture(tmp_path / "in" / name, 9, width, seed=seed)
    done = export(tmp_path / "in", tmp_path / "out", **fields)
    assert (done.state, done.failures, done.problems) == (Status.COMPLETE, (), ())
    return tmp_path / "out" / "images"


def listed(root: Path, split: str = "") -> Labelled:
    """Class of each file, as the manifest has it, relative to the folder that a loader is pointed at."""
    below = f"images/{split}/" if split else "images/"
    return {
        line["path"].removeprefix(below): line["class"]
        for line in lines(root.parent)
        if not split or line["split"] == split
    }


FLAT = {"cat/1.jpg": 10, "cat/2.png": 11, "dog/1.jpg": 12, "with space/a.b.png": 13}
LOADERS = pytest.mark.parametrize("loader", [as_torchvision, as_keras])


@LOADERS
@pytest.mark.parametrize("written", [Format.SOURCE, Format.JPEG, Format.PNG])
def test_classes(loader: Any, written: Format, tmp_path: Path) -> None:
    root = exported(tmp_path, FLAT, encoding=Encoding(written), originals=True)
    found = loader(root)
    assert found == listed(root)
    assert sorted(set(found.values())) == ["cat", "dog", "with space"]
    assert Counter(found.values()) == report(tmp_path / "out")["classes"] == {"cat": 6, "dog": 3, "with space": 3}
    sizes = {line["path"]: (line["width"], line["height"]) for line in lines(tmp_path / "out")}
    for path in found:
        with Image.open(root / path) as image:
            image.load()
            assert image.size == sizes[f"images/{path}"]


def test_formats_that_keras_does_not_read(tmp_path: Path) -> None:
    root = exported(tmp_path, FLAT, encoding=Encoding(Format.WEBP))
    assert as_torchvision(root) == listed(root)
    with pytest.raises(LoaderError, match="no images found"):
        as_keras(root)
    shutil.rmtree(tmp_path / "in")
    for label in ("a", "b"):
        (tmp_path / "in" / label).mkdir(parents=True)
        Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(tmp_path / "in" / label / "1.tiff")
    export(tmp_path / "in", tmp_path / "tiff")
    assert as_torchvision(tmp_path / "tiff" / "images") == listed(tmp_path / "tiff" / "images")
    with pytest.raises(LoaderError, match="no images found"):
        as_keras(tmp_path / "tiff" / "images")


@LOADERS
def test_nested_classes(loader: Any, tmp_path: Path) -> None:
    root = exported(tmp_path, {"dog/1.jpg": 10, "dog/pug/1.jpg": 11, "cat/2.png": 12})
    top = {path: label.partition("/")[0] for path, label in listed(root).items()}
    assert loader(root) == top
    assert any(
        "dog/pug counts as dog for most, as pug for Hugging" in remark for remark in report(tmp_path / "out")["remarks"]
    )


@LOADERS
@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_splits(loader: Any, split: str, tmp_path: Path) -> None:
    names = {f"{label}/{number}.png": 10 + number for label in "ab" for number in range(8)}
    root = exported(tmp_path, names, split=parse_split("50/25/25"))
    assert sorted(path.name for path in root.iterdir()) == ["test", "train", "val"]
    assert loader(root / split) == listed(root, split)
    assert Counter(loader(root / split).values()) == report(tmp_path / "out")["splits"][split]


@LOADERS
def test_splits_of_the_source(loader: Any, tmp_path: Path) -> None:
    names = {f"{split}/{label}/{number}.png": 10 for split in ("train", "valid") for label in "ab" for number in (1, 2)}
    root = exported(tmp_path, names)
    for split in ("train", "valid"):
        assert loader(root / split) == listed(root, split)


@LOADERS
def test_pictures_in_no_class(loader: Any, tmp_path: Path) -> None:
    root = exported(tmp_path, {"1.jpg": 10, "2.png": 11})
    with pytest.raises(LoaderError, match="no classes"):
        loader(root)
    picture(tmp_path / "in" / "a" / "1.jpg", 9, 10)
    export(tmp_path / "in", tmp_path / "out", replace=True)
    assert set(loader(root).values()) == {"a"}
    assert any("in no class folder" in remark for remark in report(tmp_path / "out")["remarks"])


def test_a_class_whose_pictures_all_fail_leaves_no_empty_folder(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a" / "1.jpg", 9, 10)
    (tmp_path / "in" / "b").mkdir()
    (tmp_path / "in" / "b" / "broken.png").write_bytes(b"no picture")
    done = export(tmp_path / "in", tmp_path / "out")
    assert done.problems == ()
    assert set(as_torchvision(tmp_path / "out" / "images").values()) == {"a"}


# -- reading back ----------------------------------------------------------------------------------------------------


def read_back(out: Path) -> tuple[str, ...]:
    """What is wrong with an export's folders, by its own manifest."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for line in lines(out):
        folder = line["path"].rpartition("/")[0]
        files[folder] += 1
        sizes[folder] += line["bytes"]
    return layout.read_back(at(out), files, sizes)


def test_what_does_not_belong_there_is_told(tmp_path: Path) -> None:
    out = exported(tmp_path, FLAT).parent
    cat = out / "images" / "cat"
    assert read_back(out) == ()
    (cat / ".DS_Store").touch()  # what desktops leave is no news
    assert read_back(out) == ()

    (cat / "stray.png").touch()
    assert read_back(out) == ("images/cat holds 5 files, but 4 were written",)
    (cat / "1__aug1.jpg").unlink()
    (said,) = read_back(out)
    assert said.startswith("images/cat holds ")
    assert "bytes" in said
    (cat / "stray.png").unlink()
    assert read_back(out) == ("images/cat holds 3 files, but 4 were written",)

    (out / "images" / "bird").mkdir()
    (out / "images" / "fish" / "carp").mkdir(parents=True)
    (out / "images" / "loose.png").write_bytes(b"x")
    assert read_back(out) == (
        "images holds 1 files, but 0 were written",
        "images/cat holds 3 files, but 4 were written",
        "images/bird is an empty folder, which loaders take for a class",
        "images/fish/carp is an empty folder, which loaders take for a class",
    )
    with pytest.raises(LoaderError, match="bird is empty"):
        as_torchvision(out / "images")
    verdict = verify(out)
    assert verdict
    assert (verdict.missing, verdict.extra) == (("images/cat/1__aug1.jpg",), ("images/loose.png",))

    shutil.rmtree(cat)
    assert "images/cat holds 0 files, but 4 were written" in read_back(out)


def test_many_problems_are_cut_short(tmp_path: Path) -> None:
    out = exported(tmp_path, FLAT).parent
    for number in range(50):
        (out / "images" / f"empty {number}").mkdir()
    said = read_back(out)
    assert len(said) < 30
    assert said[-1] == "and 30 more like these"


def test_litter_of_an_export_before_is_told_at_its_end(tmp_path: Path) -> None:
    out = exported(tmp_path, FLAT).parent
    (out / "images" / "cat" / "mine.txt").write_text("keep me")
    done = export(tmp_path / "in", out, copies=1, replace=True)
    assert done.problems == ("images/cat holds 3 files, but 2 were written",)
    assert (out / "images" / "cat" / "mine.txt").read_text() == "keep me"


# -- the lines that load it ------------------------------------------------------------------------------------------

FAKES = {
    "torchvision": "", "torchvision.datasets": "ImageFolder", "torchvision.transforms": "ToTensor",
    "keras": "", "keras.utils": "image_dataset_from_directory",
}  # fmt: skip
"""Modules that the lines import, and what from each."""


class Loaded:
    """What stands for a loader in the lines: it holds to the loader's rules, and numbers classes as it does."""

    def __init__(self, rule: Any, root: str, *given: Any, **named: Any) -> None:
        self.root, self.named = Path(root), named
        unlabelled = named.get("labels", "") is None
        labelled = {path.name: "" for path in self.root.rglob("*.*")} if unlabelled else rule(self.root)
        self.classes = sorted(set(labelled.values()))
        self.class_to_idx = {label: number for number, label in enumerate(self.classes)}
        self._labelled = labelled

    @property
    def numbers(self) -> dict[str, int]:
        """Of the class of each file, as it comes out when it is read."""
        renumbered = self.named.get("target_transform", lambda number: number)
        return {path: renumbered(self.class_to_idx[label]) for path, label in self._labelled.items()}


def carried_out(monkeypatch: pytest.MonkeyPatch, snippet: loading.Snippet) -> dict[str, Any]:
    """The variables that the lines leave."""
    for name, content in FAKES.items():
        module = types.ModuleType(name)
        if content:
            rule = as_torchvision if name.startswith("torch") else as_keras
            setattr(module, content, partial(Loaded, rule) if content != "ToTensor" else object)
        monkeypatch.setitem(sys.modules, name, module)
    left: dict[str, Any] = {}
    exec(compile(snippet.code, snippet.library, "exec"), left)
    return left


ODD = 'it\'s [odd] \\ "here"'


@pytest.mark.parametrize("library", ["PyTorch", "Keras"])
def test_the_lines_load_what_was_written(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = export(_written(tmp_path / ODD / "in", FLAT), tmp_path / ODD / "out", pipeline=pipeline(output=WIDE))
    (snippet,) = (snippet for snippet in loading.snippets(done) if snippet.library == library)
    left = carried_out(monkeypatch, snippet)
    assert left["train"].numbers.keys() == listed(tmp_path / ODD / "out" / "images").keys()
    assert left["train"].named == ({} if library == "PyTorch" else {"image_size": (20, 30)}), "height first"


@pytest.mark.parametrize("library", ["PyTorch", "Keras"])
def test_the_lines_load_splits(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with the classes' numbers of the first, also where it lacks one; and pictures in no class without any."""
    names = ["train/a/1.png", "train/b/1.png", "train/c/1.png", "valid/c/1.png", "test/1.png", "test/2.png"]
    done = export(_written(tmp_path / "in", names), tmp_path / "out")
    (snippet,) = (snippet for snippet in loading.snippets(done) if snippet.library == library)
    left = carried_out(monkeypatch, snippet)
    images = tmp_path / "out" / "images"
    assert left["train"].class_to_idx == {"a": 0, "b": 1, "c": 2}
    assert left["val"].root == images / "valid"
    if library == "PyTorch":
        assert set(left["val"].numbers.values()) == {2}, "not 0, as the loader has it by itself"
        assert left["test"] == sorted((images / "test").iterdir())
    else:
        assert "# valid does not hold the classes of train" in snippet.code
        assert len(left["test"].numbers) == 2
        assert [left[name].named.get("shuffle") for name in ("train", "val", "test")] == [None, False, False]


def test_what_a_loader_cannot_do_is_said_beside_its_lines() -> None:
    def code(library: str, folders: list[tuple[str, str]], *suffixes: str) -> str:
        (found,) = (s.code for s in loading.lines("/x", folders, (9, 9), set(suffixes)) if s.library == library)
        return found

    assert "# Keras reads no .tif and .webp" in code("Keras", [("", "a")], ".jpg", ".webp", ".tif")
    assert "#" not in code("Keras", [("", "a"), ("", "b")], ".jpg")
    assert "# ImageFolder needs class folders" in code("PyTorch", [("", "")])
    assert "# val holds d\\n, which train does not" in code("PyTorch", [("train", "a"), ("val", "d\n")]).replace(
        "'", ""
    )
    assert "#" not in code("PyTorch", [("train", "dog/pug"), ("train", "cat"), ("val", "dog"), ("val", "cat")])
    two = code("Hugging Face", [("val", "a"), ("train", "a"), ("valid", "a")])
    assert two.endswith("train, val, val_2 = data['train'], data['validation'], data['validation2']")


def test_lines_are_given_for_what_is_complete_and_near(tmp_path: Path) -> None:
    done = export(_written(tmp_path / "in", FLAT), tmp_path / "out")
    assert len(loading.snippets(done)) == 3
    for fields in ({"state": Status.CANCELLED}, {"files": 0}, {"out": "s3://bucket/out"}):
        assert loading.snippets(replace(done, **fields)) == ()


def _written(root: Path, names: Iterable[str]) -> Path:
    for seed, name in enumerate(names):
        picture(root / name, 9, 10, seed=seed)
    return root


@pytest.mark.slow
def test_hugging_face_s_lines(tmp_path: Path) -> None:
    """With names that it would take for splits by itself."""
    if importlib.util.find_spec("datasets") is None:
        pytest.skip("the library `datasets` is not installed")
    places = ("train", "Valid", "test")
    layouts = {
        "flat": ["cat/1.jpg", "cat/my test.png", "test tube/1.png"],
        "split": [f"{place}/{label}/{n}.png" for place in places for label in ("a", "dev set") for n in (1, 2)],
        ODD: ["cat/1.jpg", "dog/1.png"],
    }
    for name, pictures in layouts.items():
        source = scan(
            _written(tmp_path / name / "in", pictures), folders=Folders.CLASSES if name == "flat" else Folders.AUTO
        )
        done = export(source, tmp_path / name / "out", copies=1)
        (snippet,) = (s for s in loading.snippets(done) if s.library == "Hugging Face")
        say = (
            "\nimport json, os\nfrom datasets import Image"
            "\nprint(json.dumps({name: {os.path.basename(row['image']['path']) + ' ' + str(row['label']): "
            "split.features['label'].int2str(row['label']) for row in split.cast_column('image', Image(decode=False))} "
            "for name, split in data.items()}))"
        )
        told = subprocess.run(
            [sys.executable, "-c", snippet.code + say],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")},
            capture_output=True, text=True, timeout=200, check=True,
        )  # fmt: skip
        found = json.loads(told.stdout.splitlines()[-1])
        theirs = {"": "train", "train": "train", "Valid": "validation", "test": "test"}
        wanted: dict[str, list[str]] = {}
        for line in lines(tmp_path / name / "out"):
            wanted.setdefault(theirs[line["split"]], []).append(line["class"])
        assert {split: sorted(rows.values()) for split, rows in found.items()} == {
            split: sorted(labels) for split, labels in wanted.items()
        }


# -- Hugging Face's library itself -----------------------------------------------------------------------------------

LOAD = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
import datasets
from datasets import ClassLabel, Image, load_dataset

datasets.disable_progress_bars()
told = {}
for root in sys.argv[1:]:
    splits = {}
    for name, split in load_dataset("imagefolder", data_dir=root).items():
        label = split.features.get("label")
        files = {}
        for row, seen in zip(split.cast_column("image", Image(decode=False)), split, strict=True):
            path = os.path.relpath(row["image"]["path"], root).replace(os.sep, "/")
            files[path] = [label.int2str(row["label"]) if label else None, *seen["image"].size]
        splits[name] = {"classes": label.names if label else None, "files": files}
    told[root] = splits
print(json.dumps(told))
"""


def hugging_face(tmp_path: Path, *roots: Path) -> list[dict[str, Any]]:
    """Load folders with the library, in a process of its own; offline."""
    told = subprocess.run(
        [sys.executable, "-c", LOAD, *map(str, roots)],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")},
        stdout=subprocess.PIPE,
        text=True,
        timeout=200,
        check=True,
    )
    content = json.loads(told.stdout)
    return [content[str(root)] for root in roots]


@pytest.mark.slow
def test_hugging_face_s_library(tmp_path: Path) -> None:
    if importlib.util.find_spec("datasets") is None:
        pytest.skip("the library `datasets` is not installed")
    flat = {f"{label}/{suffix[1:]}{suffix}": 10 for label in ("cat", "dog") for suffix in (".jpg", ".png", ".bmp")}
    kept = {f"{place}/{label}/{n}.png": n for place in ("train", "valid", "test") for label in "ab" for n in (1, 2)}
    layouts: dict[str, tuple[dict[str, int], dict[str, Any]]] = {
        "flat": (flat, {"originals": True}),
        "webp": (flat, {"encoding": Encoding(Format.WEBP)}),
        "dealt": ({f"{label}/{n}.jpg": 10 + n for label in "ab" for n in range(8)}, {"split": parse_split("50/25/25")}),
        "kept": (kept, {}),
        "nested": ({"pets/cat/1.png": 10, "pets/dog/1.png": 11, "farm/cow/1.png": 12}, {}),
        "uneven": ({"pets/cat/1.png": 10, "cow/1.png": 12}, {}),
        "no class": ({"1.png": 10, "2.png": 12}, {}),
    }
    roots = [exported(tmp_path / name, names, **fields) for name, (names, fields) in layouts.items()]
    found = dict(zip(layouts, hugging_face(tmp_path, *roots), strict=True))

    for name, root in zip(layouts, roots, strict=True):
        # Every file comes once, in its split, with its class and its size.
        files = {path: seen for split in found[name].values() for path, seen in split["files"].items()}
        assert sum(len(split["files"]) for split in found[name].values()) == len(files)
        wanted = {
            line["path"].removeprefix("images/"): [line["class"].rpartition("/")[2], line["width"], line["height"]]
            for line in lines(root.parent)
        }
        if name in ("uneven", "no class"):  # it gives no labels where they are not all as deep, or not two
            wanted = {path: [None, *size] for path, (_, *size) in wanted.items()}
        assert files == wanted
    assert set(found["flat"]) == {"train"}
    assert found["flat"]["train"]["classes"] == ["cat", "dog"]
    assert found["nested"]["train"]["classes"] == ["cat", "cow", "dog"], "it goes by the innermost folder"
    for name, theirs in (("dealt", ("train", "val", "test")), ("kept", ("train", "valid", "test"))):
        for ours, its in zip(theirs, ("train", "validation", "test"), strict=True):
            assert {path.partition("/")[0] for path in found[name][its]["files"]} == {ours}
            assert found[name][its]["classes"] == ["a", "b"]


def test_a_plan_of_each_layout_names_what_loaders_are_pointed_at(tmp_path: Path) -> None:
    for name in ("train/a/1.png", "val/a/2.png"):
        picture(tmp_path / "in" / name, 5, 5)
    kept = plan_export(Settings(tmp_path / "out", pipeline()), scan(tmp_path / "in"))
    assert kept.roots == ("train", "val")
    flat = plan_export(Settings(tmp_path / "out", pipeline()), scan(tmp_path / "in" / "train"))
    assert flat.roots == ("",)
