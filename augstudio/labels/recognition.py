"""Recognising labels that lie beside pictures: which format, how many, for how many pictures.

Files are judged by a few of each folder and kind, evenly spread and always the same ones; only files that speak of
many pictures are read whole, up to a limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from augstudio.callbacks import never
from augstudio.labels.found import LabelFormat, Labels, Named, Recognised, plain
from augstudio.labels.json_files import Gathered, read_json, tell_json
from augstudio.labels.masks import find_masks
from augstudio.labels.names import is_list, is_paper, word
from augstudio.labels.places import Pictures, split_key, spread, where
from augstudio.labels.reader import HEAD, WHOLE, Reader
from augstudio.labels.tables import read_lines, read_table
from augstudio.labels.text import Told, in_words, tell_text
from augstudio.labels.xml_files import read_cvat, tell_xml
from augstudio.wording import count

_MOST_PLACES = 6
"""Of labels of one format that are told one by one."""
_PER_FOLDER = 20  # files of a kind that are looked at in one folder
_PER_FAMILY = 100  # and in all folders of one family, or one in each of so many folders
_MOST_WHOLE = 200  # files that may speak of many pictures
_MOST_BYTES = 2**30  # of all those together
_CHECK_EVERY = 4096
_ONE_EACH: Mapping[str, Callable[[bytes, bool], Told | None]] = {
    ".txt": lambda data, cut: tell_text(data, cut=cut),
    ".xml": lambda data, _: tell_xml(data),
    ".json": lambda data, _: tell_json(data),
    "": lambda data, _: tell_xml(data),  # as Stanford's dogs have it
}
"""How to tell what a file of one picture is, by its suffix."""
_MANY = (".json", ".jsonl", ".csv", ".tsv", ".xml", ".txt")
_BESIDE = ""
_YOLO_COMPANIONS = frozenset(("data.yaml", "dataset.yaml", "classes.txt", "obj.names", "obj.data"))


def recognise(
    pictures: Sequence[str],
    others: Sequence[str],
    read: Callable[[str, int], bytes],
    *,
    stop: Callable[[], bool] = never,
) -> Recognised:
    """Recognise the labels beside a dataset's pictures, and the masks among them.

    Parameters
    ----------
    pictures : sequence of str
        Keys of all picture files: POSIX paths relative to the dataset's root, in any order.
    others : sequence of str
        Keys of the files that may hold labels, in any order.
    read : callable
        Gives at most the first so many bytes of a file, for its key; may raise OSError.
    stop : callable
        Asked now and then; True ends it.

    Returns
    -------
    Recognised
        The same for the same files, in whatever order they were given.

    Raises
    ------
    RecognitionStopped
        `stop` answered True.
    """
    reader = Reader(read, stop)
    reader.check()
    everything = Pictures(pictures)
    masks = find_masks(everything, reader)
    recognition = _Recognition(everything.without(frozenset(masks.keys)), reader)
    recognition.look_at(others)
    among = len(recognition.pictures.keys)
    found = [*masks.found, *recognition.labels()]
    found = [replace(labels, among=among) for labels in found if labels.pictures]
    found.sort(key=lambda labels: (-labels.pictures, -labels.files, labels.format, labels.where))
    found = _gathered(found)
    notes = [*masks.notes, *recognition.notes]
    if reader.unreadable:
        files = count(len(reader.unreadable), "file")
        notes.append(f"{files} looked at for labels cannot be read, such as {plain(min(reader.unreadable))}")
    return Recognised(
        tuple(found), frozenset(masks.keys), tuple(notes), masks.pairs, tuple(recognition.unread), recognition.named
    )


def _gathered(found: list[Labels]) -> list[Labels]:
    """Labels of one format in very many places told as one: nobody reads a line for each."""
    kinds: dict[tuple[LabelFormat, str], list[Labels]] = {}
    for labels in found:
        kinds.setdefault((labels.format, labels.content), []).append(labels)
    result = []
    for same in kinds.values():
        if len(same) <= _MOST_PLACES:
            result += same
            continue
        objects = [labels.objects for labels in same]
        result.append(
            replace(
                same[0],
                files=sum(labels.files for labels in same),
                pictures=min(sum(labels.pictures for labels in same), same[0].among),
                objects=sum(filter(None, objects)) if None not in objects else None,
                where=f"{len(same):,} places, such as {same[0].where}",
            )
        )
    return result


@dataclass
class _Family:
    """Files of one suffix that lie in folders of one name: whatever one of them is, the others mostly are, too."""

    suffix: str
    name: str
    folders: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """For each folder the files, each with its picture."""


@dataclass
class _Tally:
    """What has been found of one format in one kind of place."""

    files: int = 0
    pictures: set[str] = field(default_factory=set)
    objects: int | None = 0
    contents: set[str] = field(default_factory=set)
    places: list[str] = field(default_factory=list)


class _Recognition:
    def __init__(self, pictures: Pictures, reader: Reader) -> None:
        self.pictures = pictures
        self.reader = reader
        self.notes: list[str] = []
        self.unread: list[str] = []
        self.named: dict[str, Named] = {}
        self._beside: dict[tuple[LabelFormat, str], _Tally] = {}  # one file for each picture
        self._whole: dict[tuple[LabelFormat, str], _Tally] = {}  # files that speak of many
        self._bytes = 0  # read of files that speak of many pictures
        self._taken: dict[str, set[str]] = {}  # where a format was recognised, for each suffix; see `_home`

    def look_at(self, others: Sequence[str]) -> None:
        """Look at all files that are no pictures."""
        families: dict[tuple[str, str], _Family] = {}
        alone: dict[str, list[str]] = {}
        yolo = False
        for number, key in enumerate(sorted(set(others))):
            if number % _CHECK_EVERY == 0:
                self.reader.check()
            folder, stem, suffix = split_key(key)
            yolo = yolo or key.rpartition("/")[2].lower() in _YOLO_COMPANIONS
            if is_paper(stem):
                continue
            partner = self.pictures.partner(folder, stem) if suffix in _ONE_EACH else None
            if partner is not None:
                name = _BESIDE if partner[1] else _telling(folder)
                family = families.setdefault((suffix, name), _Family(suffix, name))
                family.folders.setdefault(folder, []).append((key, partner[0]))
            elif suffix in _MANY or suffix in _ONE_EACH:
                alone.setdefault(suffix, []).append(key)
        for _, family in sorted(families.items()):
            alone.setdefault(family.suffix, []).extend(self._judge(family, yolo=yolo))
        for suffix, keys in sorted(alone.items()):
            used = self._look_at_whole(suffix, sorted(keys)) if suffix in _MANY else set()
            self._note_orphans(suffix, sorted(key for key in keys if key not in used))

    def labels(self) -> list[Labels]:
        """What was found."""
        one_each = (
            Labels(
                *(key[0], tally.files, len(tally.pictures), None),
                where="beside the pictures" if key[1] == _BESIDE else where(tally.places),
                content=in_words([frozenset(tally.contents)]),
            )
            for key, tally in self._beside.items()
        )
        of_many = (
            Labels(
                *(key[0], tally.files, len(tally.pictures), tally.objects),
                where=_files(tally.places),
                content=key[1],
            )
            for key, tally in self._whole.items()
        )
        return [*one_each, *of_many]

    def _judge(self, family: _Family, *, yolo: bool) -> list[str]:
        """Tell the format of each folder's files; return those that are of none, and may speak of many pictures."""
        votes: dict[str, Counter[LabelFormat | None]] = {}
        contents: dict[str, dict[LabelFormat, set[str]]] = {}
        blank = False
        names = sorted(family.folders)
        chosen = [names[at] for at in spread(len(names), _PER_FAMILY)]
        for folder in chosen:
            files = family.folders[folder]
            own = votes.setdefault(folder, Counter())
            for at in spread(len(files), max(1, min(_PER_FOLDER, _PER_FAMILY // len(chosen)))):
                told = self._tell(files[at][0])
                if told is not None and told.format is None:
                    blank = True
                    continue
                own[told.format if told else None] += 1
                if told and told.format:
                    contents.setdefault(folder, {}).setdefault(told.format, set()).update(told.content)
        together = sum(votes.values(), Counter[LabelFormat | None]())
        if not together and blank and (yolo or word(family.name).labels):
            together[LabelFormat.YOLO] = 1  # pictures without objects, all of them
        left = []
        for folder in names:
            winner = _winner(votes.get(folder) or together)
            files = family.folders[folder]
            if winner is None:
                left += [key for key, _ in files]
                continue
            tally = self._beside.setdefault((winner, family.name), _Tally())
            tally.files += len(files)
            tally.pictures.update(picture for _, picture in files)
            tally.contents |= contents.get(folder, {}).get(winner, set())
            tally.places.append(folder)
            self._taken.setdefault(family.suffix, set()).add(self._home(files[0][0]))
        return left

    def _home(self, key: str) -> str:
        """What labels share with others of their kind: the folder, if it holds pictures too, else its telling name."""
        folder = key.rpartition("/")[0]
        return f"{folder}/" if folder in self.pictures.folders else _telling(folder)

    def _tell(self, key: str) -> Told | None:
        data = self.reader.start(key)
        suffix = split_key(key)[2]
        return None if data is None else _ONE_EACH[suffix](data, len(data) >= HEAD)

    def _note_orphans(self, suffix: str, keys: Sequence[str]) -> None:
        """Note files that are labels, and belong to no picture: by their folder, or by a look at a few."""
        if suffix not in _ONE_EACH:
            return
        keys = [key for key in keys if not is_list(split_key(key)[1])]
        taken = set(self._taken.get(suffix, ()))
        homes = [self._home(key) for key in keys]
        for at in spread(len(keys), _PER_FOLDER):
            told = None if homes[at] in taken else self._tell(keys[at])
            if told and told.format not in (None, LabelFormat.CAPTIONS, LabelFormat.CVAT):
                taken.add(homes[at])
        orphans = [key for key, home in zip(keys, homes, strict=True) if home in taken]
        if orphans:
            belong = "belongs" if len(orphans) == 1 else "belong"
            files = count(len(orphans), *_kind_of_file(suffix))
            self.notes.append(f"{files} {belong} to no picture, such as {plain(orphans[0])}")

    def _look_at_whole(self, suffix: str, keys: Sequence[str]) -> set[str]:
        """Look for files that speak of many pictures; return those that do."""
        most = _PER_FOLDER if suffix in (".txt", ".xml") else _MOST_WHOLE
        if len(keys) > most:
            if suffix not in (".txt", ".xml"):
                files = count(len(keys), f"{suffix} file")
                self.notes.append(f"{files} may speak of many pictures each; only {most:,} of them were looked at")
            keys = sorted(keys, key=_promise)[:most]
        used = set()
        for number, key in enumerate(keys):
            if self._bytes >= _MOST_BYTES:
                beyond = count(len(keys) - number, f"{suffix} file")
                self.notes.append(f"{beyond} not looked at for labels, such as {plain(key)}: the others are that long")
                break
            data = self.reader.start(key)
            if data is None or not _may_name_pictures(suffix, data):
                continue
            if len(data) >= HEAD:
                data = self.reader.start(key, WHOLE)
                self._bytes += len(data or b"")
            gathered = data and self._gather(suffix, key, data)
            if gathered and self._take(key, gathered, large=len(data or b"") >= WHOLE):
                used.add(key)
        return used

    def _gather(self, suffix: str, key: str, data: bytes) -> Gathered | None:
        cut, check = len(data) >= WHOLE, self.reader.check
        folder = split_key(key)[0]
        if suffix == ".json":
            return read_json(data, cut=cut, check=check)
        if suffix == ".jsonl":
            return read_lines(data, key, cut=cut, check=check)
        if suffix == ".xml":
            cvat = read_cvat(data, check)
            return Gathered(LabelFormat.CVAT, set(cvat.names), None if cut else cvat.objects, set(cvat.content))
        return read_table(data, key, cut=cut, named=lambda name: self._named(name, folder), check=check)

    def _named(self, name: str, folder: str) -> str | None:
        """The picture of a name, or of a stem."""
        return self.pictures.named(name, folder) or self.pictures.by_stem.get(name.rpartition("/")[2]) or None

    def _note_unread(self, note: str) -> None:
        self.notes.append(note)
        self.unread.append(note)

    def _take(self, key: str, gathered: Gathered, *, large: bool) -> bool:
        """Count what a file speaks of, unless it is damaged or speaks of other pictures."""
        title = gathered.format.called
        if gathered.format is LabelFormat.COCO:
            self.named[key] = Named(frozenset(gathered.names), gathered.named_all or not large)
        if gathered.damage:
            if gathered.format is LabelFormat.OTHER:
                return False
            self._note_unread(f"{plain(key)}: it says that it is {title}, but is damaged: {gathered.damage}")
            return True
        folder = split_key(key)[0]
        pictures = set()
        for number, name in enumerate(sorted(gathered.names)):
            if number % _CHECK_EVERY == 0:
                self.reader.check()
            if picture := self._named(name, folder):
                pictures.add(picture)
            elif gathered.format is LabelFormat.COCO:  # which of several it is, the name of the file may tell
                last = name.replace("\\", "/").rpartition("/")[2]
                pictures.update(self.pictures.by_name.get(last, ())[:1])
        if large:
            self.notes.append(f"{plain(key)}: longer than {WHOLE >> 20} MiB, so only its beginning was looked at")
        if not pictures:
            if gathered.format in (LabelFormat.OTHER, LabelFormat.CSV, LabelFormat.HUGGING_FACE):
                return False
            named = count(len(gathered.names), "picture")
            self._note_unread(f"{plain(key)}: {title} that speaks of {named}, none of which is here")
            return True
        tally = self._whole.setdefault((gathered.format, in_words([frozenset(gathered.content)])), _Tally())
        tally.files += 1
        tally.pictures |= pictures
        tally.places.append(key)
        if tally.objects is not None:
            tally.objects = None if gathered.objects is None else tally.objects + gathered.objects
        return True


def _kind_of_file(suffix: str) -> tuple[str, str]:
    return (f"{suffix} file", f"{suffix} files") if suffix else ("file without a suffix", "files without a suffix")


def _telling(folder: str) -> str:
    """The name in a path that tells what lies there: one that speaks of labels, else the last."""
    parts = folder.split("/")
    return next((part for part in reversed(parts) if word(part).labels), parts[-1] or ".")


def _winner(votes: Counter[LabelFormat | None]) -> LabelFormat | None:
    return max(votes, key=lambda told: (votes[told], told or ""), default=None)


def _promise(key: str) -> tuple[bool, int, str]:
    """Sorts files by how much their names promise that they speak of many pictures."""
    return not any(word(part.rpartition(".")[0] or part).labels for part in key.split("/")), key.count("/"), key


def _may_name_pictures(suffix: str, data: bytes) -> bool:
    if suffix == ".xml":
        told = tell_xml(data)
        return told is not None and told.format is LabelFormat.CVAT
    if suffix == ".json":
        return tell_json(data) is None
    if suffix == ".txt":  # a table, not prose
        return any(mark in data[:1024].split(b"\n", 1)[0] for mark in (b",", b"\t", b";"))
    return True


def _files(keys: Iterable[str]) -> str:
    """Files in words: `annotations.json`, or `a.json, b.json and 3 more files`."""
    names = sorted(keys)
    shown = [plain(name) for name in names[:3]]
    if len(names) > 3:
        shown = [*shown[:2], count(len(names) - 2, "more file")]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
