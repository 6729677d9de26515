"""What in a folder is no picture of the dataset: files of other kinds, other programs' folders; by kind and number."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from augstudio.images import signatures
from augstudio.wording import printable

_RAW, _UNREAD, _OTHER = "camera raw files", "pictures of a kind that is not read", "other files"
_LABELS = "csv data json jsonl names tsv txt xml yaml yml"
_KINDS: dict[str, str] = {
    f".{suffix}": kind
    for kind, suffixes in (
        (
            _RAW,
            "3fr ari arw bay braw cap cr2 cr3 crw dcr dng drf eip erf fff gpr iiq k25 kdc mdc mef mos mrw nef nrw orf "
            "pef ptx pxn r3d raf raw rw2 rwl rwz sr2 srf srw x3f",
        ),
        (
            _UNREAD,
            "ai cdr cgm clip dcm dds dicom djvu emf eps exr fit fits fts hdr icns ico indd jbig2 jng jxl jxr kra mdi "
            "mng nii ora pcx pic pict psb psd qoi ras sai sgi svg svgz wdp wmf xbm xcf xpm",
        ),
        ("videos", "3g2 3gp asf avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv vob webm wmv"),
        ("archives", "7z bz2 gz lz4 rar tar tgz xz zip zst"),
        (
            "data files",
            "arrow avro feather h5 hdf5 lmdb mat mdb npy npz parquet pickle pkl pt pth tfrecord tfrecords",
        ),
        ("PDF files", "pdf"),
        ("unfinished or deleted files", "crdownload deleted download opdownload part partial temp tmp"),
        (
            _OTHER,
            f"{_LABELS} aae bib c cache cfg cpp css db dll doc docx exe h htm html identifier ini ipynb js license "
            "lnk log m md md5 names odt ppt pptx py pyc r rst rtf sh sha1 sha256 so sql sqlite tex thm toml ts url xls "
            "xlsx xmp",
        ),
    )
    for suffix in suffixes.split()
}
"""By suffix: what surely is no picture that can be read, so that nobody has to look into it."""

LABEL_SUFFIXES = frozenset(f".{suffix}" for suffix in _LABELS.split())
"""Of files that may hold labels."""

_FOLDERS = {
    **dict.fromkeys(
        ("@eadir", "@tmp", "@sharebin", "@sharesnap", "#snapshot", "@synoresource", "@synoeastream"),
        "of a Synology disk",
    ),
    **dict.fromkeys(("@__thumb", "@recycle", "@recently-snapshot", "@transcode"), "of a QNAP disk"),
    **dict.fromkeys(("#recycle", "$recycle.bin", "recycler", "network trash folder", "msocache"), "of a bin"),
    **dict.fromkeys(("lost+found", "lost.dir", "system volume information"), "of the file system"),
    **dict.fromkeys(("__macosx", "temporary items", "thevolumesettingsfolder", "ipod photo cache"), "of macOS"),
    **dict.fromkeys(("__pycache__", "node_modules", "site-packages"), "of a programming language"),
    **dict.fromkeys(("captureone", "capture one"), "of Capture One"),
    **dict.fromkeys(("_gsdata_", "nc_trash", "darktable_exported_cache", "zbthumbnail.info"), "of another program"),
}
"""Folders that programs make for themselves, in any case of letters: no dataset has a class of such a name."""
_FOLDER = re.compile(
    r"(?P<lightroom>.*\.lr(?:data|library|cat-data))|(?P<found>found\.[0-9]{3})|(?P<mac>.*\.(?:photoslibrary|aplibrary))",
    re.IGNORECASE | re.DOTALL,
)
_FOLDER_KINDS = {
    "lightroom": "of Lightroom",
    "found": "of the file system",
    "mac": "of Photos, which exports its pictures",
}
_NAMED = 8
"""Suffixes of a kind that are told one by one."""
_VARIOUS = "of various suffixes"
HIDDEN_PICTURES, HIDDEN_FILES, HIDDEN_FOLDERS = "hidden pictures", "other hidden files", "hidden folders"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files or folders of one kind that are no pictures of the dataset.

    Attributes
    ----------
    kind : str
        What they are, in the plural, such as "camera raw files".
    name : str
        What they have in common: a suffix (".cr2"), a folder's name; empty for none.
    count : int
        How many.
    first : str
        Key of the first, in the order of letters.
    told : bool
        Whether it is worth saying unasked: what somebody may have taken for pictures.
    """

    kind: str
    name: str
    count: int
    first: str
    told: bool

    def __str__(self) -> str:
        """In words: "12 camera raw files (.cr2), such as a/IMG_1.cr2"."""
        named = f" ({printable(self.name)})" if self.name else ""
        example = f", such as {printable(self.first)}" if self.count > 1 else f": {printable(self.first)}"
        return f"{self.count:,} {self.kind if self.count != 1 else _one(self.kind)}{named}{example}"

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {"kind": self.kind, "name": printable(self.name), "count": self.count, "first": printable(self.first)}


def suffix_of(name: str) -> str:
    """The suffix of a file's name in lower case; of "photo.jpeg?w=200" that is ".jpeg?w=200"."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122  (a Path for every file is slow)


def kind_of_folder(name: str) -> str:
    """Whose folder it is that a program has made for itself; empty for a folder of the user's own."""
    if whose := _FOLDERS.get(name.casefold()):
        return whose
    found = _FOLDER.fullmatch(name)
    return _FOLDER_KINDS[found.lastgroup or ""] if found else ""


def kind_of_suffix(suffix: str) -> str | None:
    """What a file is by its suffix; None where only its first bytes tell."""
    return _KINDS.get(suffix)


def kind_of_head(head: bytes) -> str:
    """What a file is by its first bytes, if it is no picture."""
    return signatures.other_kind(head) or (_OTHER if head else "empty files")


class Tally:
    """Counts what is left out; lean, since there may be as many files as pictures."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, str]] = {}

    def add(self, kind: str, name: str, key: str) -> None:
        """Count one more."""
        count, first = self._found.get((kind, name), (0, key))
        self._found[kind, name] = count + 1, min(first, key)

    def result(self) -> tuple[LeftOut, ...]:
        """All kinds: what is worth saying first, then by number."""
        kinds: dict[str, list[str]] = {}
        for kind, name in sorted(self._found, key=lambda one: -self._found[one][0]):
            kinds.setdefault(kind, []).append(name)
        for kind, names in kinds.items():  # of a suffix for each file, nobody wants to read a line for each
            for name in names[_NAMED:] if len(names) > _NAMED + 1 else ():
                count, first = self._found.pop((kind, name))
                so_far, first_so_far = self._found.get((kind, _VARIOUS), (0, first))
                self._found[kind, _VARIOUS] = so_far + count, min(first, first_so_far)
        found = [
            LeftOut(kind, name, count, first, _worth_saying(kind, name))
            for (kind, name), (count, first) in self._found.items()
        ]
        return tuple(sorted(found, key=lambda one: (not one.told, -one.count, one.kind, one.name)))


def in_words(found: Iterable[LeftOut]) -> tuple[str, ...]:
    """What is worth saying of what was left out, a plain line each."""
    return tuple(f"left out: {one}" for one in found if one.told)


def files_in_all(found: Iterable[LeftOut]) -> str:
    """How many of each known kind are worth saying: "12 camera raw files, 3 videos"; empty for none."""
    kinds: dict[str, int] = {}
    for one in found:
        if one.told and one.kind != _OTHER:
            kinds[one.kind] = kinds.get(one.kind, 0) + one.count
    return ", ".join(f"{number:,} {kind if number != 1 else _one(kind)}" for kind, number in kinds.items())


def _worth_saying(kind: str, name: str) -> bool:
    # Of a kind that is not known, a suffix of its own or none at all may be somebody's pictures.
    return kind not in (HIDDEN_FILES, HIDDEN_FOLDERS) and not (kind == _OTHER and name in _KINDS)


def _one(kind: str) -> str:
    first, space, rest = kind.partition(" of ")
    words = first.split(" ")
    plural = words[-1]
    words[-1] = "copy" if plural == "copies" else plural.removesuffix("s")
    return " ".join(words) + space + rest
