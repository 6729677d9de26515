"""What somebody should know of an export before it begins: what loaders make of it, what balancing and dealing do."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator

from augstudio.dataset.facts import sample_of
from augstudio.dataset.groups import By
from augstudio.dataset.labelling import AUTO, NONE, taken
from augstudio.dataset.splits import Role, role_of
from augstudio.export.plan import DEALT, ExportPlan
from augstudio.export.settings import LARGEST
from augstudio.images import Format, PictureError, probe
from augstudio.labels.formats import FOLLOWED
from augstudio.wording import count as counted
from augstudio.wording import listing, printable, shown

MANY_COPIES = 10
"""Copies of one original above which a balanced class is remarked on; no published figure."""
READ_BY_KERAS = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".png"))
"""Suffixes that `image_dataset_from_directory` takes; it passes over all others in silence."""
_WRITTEN = {".webp": ".webp", ".tif": ".tif", ".tiff": ".tif"}
"""What files of these suffixes are written as by themselves; of most others it is read by all."""
_DEEP = frozenset((".png", ".apng", ".tif", ".tiff", ".jp2", ".j2k", ".jpf", ".jpx", ".pgm", ".pnm"))
_SHOWN = 3
_OPTION = re.compile(r" \(--[a-z-]+(?: [a-z]+)?\)")
_SPLIT_WORD = re.compile(r"(^|[-._ 0-9])(train(ing)?|validation|valid|val|dev|test(ing)?|eval(uation)?)([-._ 0-9]|$)")


def remarks(plan: ExportPlan) -> Iterator[str]:
    """Plain sentences, the gravest first."""
    yield from _of_doubles(plan)
    yield from _of_steps(plan)
    if plan.dataset.unfollowed:
        yield plan.dataset.unfollowed
    yield from _of_labels(plan)
    yield from _of_classes(plan)
    yield from _of_loaders(plan)
    yield from _of_balance(plan)


def _of_steps(plan: ExportPlan) -> Iterator[str]:
    pipeline = plan.settings.pipeline
    if any(row.copies for row in plan.rows) and not any(
        step.enabled and step.probability for step in pipeline.transforms
    ):
        what = "only resized" if pipeline.output.size else "the pictures as they are"
        yield f"No step is switched on: the copies are {what}."


def changed_in_words(pictures: int) -> str:
    """That a resumed export has made pictures anew which are others now."""
    these = "picture has" if pictures == 1 else "pictures have"
    return f"{pictures:,} {these} changed since, or their labels: all copies of these were made anew"


def without_options(remark: str) -> str:
    """A remark for those who have no command line before them."""
    return _OPTION.sub("", remark)


def balance_in_words(plan: ExportPlan) -> tuple[str, bool]:
    """What balancing does to the pictures that it copies most, in words; and whether that is very much."""
    settings = plan.settings
    labelled = [row for row in plan.rows if row.label and row.copies]
    if settings.balance is None or not labelled:
        return "", False
    row = max(labelled, key=lambda row: (row.most, -row.pictures))
    copies = counted(row.most, "copy", "copies")
    least = row.copies // row.pictures
    if least < row.most:
        copies = f"{least:,} or {copies}"
    pictures = f"each of {row.pictures:,} pictures" if row.pictures > 1 else "the only picture"
    where = f" in {printable(row.split)}" if row.split else ""
    asked = settings.copies if settings.balance == LARGEST else 0
    return f"{copies} of {pictures} of {printable(row.label)}{where}", row.most > max(MANY_COPIES, asked)


# -- what leaks, and what is told twice --------------------------------------------------------------------------------


def _of_doubles(plan: ExportPlan) -> Iterator[str]:
    for split, pairs in plan.leaks.items():
        one, other = pairs[0]
        yield (
            f"{_pictures(len(pairs))} in {printable(split)} and in the pictures to train on, byte for byte, such as "
            f"{printable(one)} = {printable(other)}: a model would be tested on what it has learnt. Exclude them "
            "(--exclude)."
        )
    if plan.two_classes:
        one, other = plan.two_classes[0]
        yield (
            f"{_pictures(len(plan.two_classes))} in another class as well, byte for byte, such as {printable(one)} = "
            f"{printable(other)}."
        )
    if plan.kept_together:
        yield (
            f"{plan.kept_together:,} pictures whose files are identical to others are dealt out together with them, so "
            "that none lies on both sides."
        )
    if plan.copies_together:
        yield (
            f"{plan.copies_together:,} pictures are copies of one picture with others, by their names, and are dealt "
            "out together with them."
        )
    if plan.settings.split is not None:
        lacking = [
            name for name, share in zip(DEALT, plan.settings.split, strict=False) if share and name not in plan.splits
        ]
        if lacking:
            groups = f"; there are only {counted(plan.groups, 'group')} to deal out" if plan.settings.group else ""
            yield f"No picture comes into {listing(lacking)}{groups}."
    by_folder = plan.settings.group is not None and plan.settings.group.by is By.FOLDER
    if by_folder and len(labels := {row.label for row in plan.rows}) > 1 and not any("/" in label for label in labels):
        yield (
            "Each folder is a group and goes whole into one split. If these folders are classes, leave the grouping "
            "out (--group), or group by a pattern."
        )
    if plan.ungrouped:
        yield f"{_pictures(plan.ungrouped)} in no group of {printable(str(plan.settings.group))}, each by itself."


def of_labels(plan: ExportPlan) -> Iterator[str]:
    """What follows the pictures, and how it is taken: plain sentences that warn of nothing."""
    for one in plan.labels.sets:
        found = [found.in_words() for found in taken(plan.dataset, one.labelling.format)]
        how = f", as {one.labelling.written.called}" if one.labelling.written is not one.labelling.format else ""
        for what in found or [one.labelling.format.called]:
            yield f"{what} follow the pictures{how}."
    yield from plan.labels.notes


def unfollowed(plan: ExportPlan) -> tuple[str, ...]:
    """Labels of a format that is followed, which nothing came of: an export without them is not what was meant."""
    if plan.settings.labels.read != AUTO or plan.labels.sets:
        return ()
    found = [one.in_words() for one in plan.dataset.labels if one.format in FOLLOWED]
    return tuple(
        f"The copies have no labels, though there are some: {why} (--labels none says that this is meant)"
        for why in [*plan.dataset.unread_labels, *found][:1]
    )


def _of_labels(plan: ExportPlan) -> Iterator[str]:
    labels, dataset = plan.labels, plan.dataset
    yield from labels.lost
    if labels.sets and (bare := len(dataset.sources) - labels.count(dataset)):
        yield f"{_pictures(bare)} without labels: exported as pictures that show no object."
    kinds: Counter[str] = Counter()
    for problem in labels.problems:
        kinds[problem.kind] += problem.count
    for kind, number in kinds.most_common():
        first = next(problem for problem in labels.problems if problem.kind == kind)
        yield f"In the labels, {kind} ({number:,}), such as {first}."
    known = {category.name for one in labels.labellings for category in one.categories}
    known |= {part for source in dataset.sources for part in (source.label, source.label.rpartition("/")[2])}
    if strange := [name for name in plan.settings.pipeline.labels.not_mirrored if name not in known]:
        names = listing([shown(name) for name in strange[:_SHOWN]])
        there = listing(sorted(printable(name) for name in known if name)[:_SHOWN])
        rest = f"; there are {there}" if there else ""
        yield f"No class is called {names}, which the preset keeps from being mirrored{rest}."
    if plan.settings.labels.read == NONE:
        for found in dataset.labels:
            yield f"{found.in_words()}: labels are left out, as asked; the copies come without them."


# -- what loaders make of it -------------------------------------------------------------------------------------------


def _of_classes(plan: ExportPlan) -> Iterator[str]:
    rows = plan.rows
    labels = dict.fromkeys(row.label for row in rows)
    loose = sum(row.pictures for row in rows if not row.label)
    if loose and len(labels) > 1:
        yield f"{_pictures(loose)} in no class folder; folder loaders leave them out or take them for a class."
    nested = [label for label in labels if "/" in label]
    if nested:
        top, bottom = printable(nested[0].partition("/")[0]), printable(nested[0].rpartition("/")[2])
        yield (
            f"Loaders differ on folders in folders: {printable(nested[0])} counts as {top} for most, as {bottom} for "
            "Hugging Face's."
        )
    for split in plan.splits:
        there = {row.label for row in rows if row.split == split}
        lacking = [label for label in labels if label and label not in there]
        if not lacking:
            continue
        more = f" and {len(lacking) - _SHOWN:,} more" if len(lacking) > _SHOWN else ""
        shown = ", ".join(printable(label) for label in lacking[:_SHOWN])
        said = f"No picture in {split} of {shown}{more}."
        if any(there) and role_of(split) is not Role.TRAIN:
            said = (
                f"{said[:-1]}: torchvision and Keras number the classes of {split} by themselves, so otherwise than "
                "those of train. A picture in each class avoids that."
            )
        yield said


def _of_loaders(plan: ExportPlan) -> Iterator[str]:
    labels = dict.fromkeys(row.label for row in plan.rows)
    # Seen with `datasets` 5.2, which finds splits by such words in any folder's or file's name.
    named = next((label for label in labels if any(map(_SPLIT_WORD.search, label.split("/")))), None)
    if named is not None:
        yield f"Hugging Face's loader takes the class {printable(named)} for a split; another name avoids that."
    if not plan.splits:
        file = next((s.name for s in plan.dataset.sources if _SPLIT_WORD.search(s.name.rpartition(".")[0])), None)
        if file is not None:
            yield f"Hugging Face's loader takes {printable(file)} for a split by its name; another name avoids that."
    odd = next((split for split in plan.splits if split != split.lower()), None)
    if odd is not None:
        yield f"Hugging Face's loader may leave out the split {printable(odd)}: it looks for names in lower case."
    for suffix, pictures in sorted(_unread_by_keras(plan).items()):
        yield (
            f"Keras passes over {suffix} files without a word, and {_pictures(pictures)} written as such. For Keras "
            "export as PNG or JPEG (--format png)."
        )
    if (deep := _deep_grey(plan)) is not None:
        yield (
            f"torchvision's ImageFolder turns 16-bit grey to white (all above 255), such as {printable(deep)}. For it "
            "export as JPEG (--format jpeg), which is 8-bit."
        )


def _unread_by_keras(plan: ExportPlan) -> dict[str, int]:
    """How many pictures become files that Keras does not read, by their suffix."""
    format_, sources = plan.settings.encoding.format, plan.dataset.sources
    if format_ is Format.WEBP:
        return {".webp": len(sources)}
    if format_ is not Format.SOURCE:
        return {}
    written = (_WRITTEN.get("." + source.name.rpartition(".")[2].lower()) for source in sources)
    return {suffix: number for suffix, number in Counter(written).items() if suffix and suffix not in READ_BY_KERAS}


def _deep_grey(plan: ExportPlan) -> str | None:
    """Key of a picture that becomes a file of 16-bit grey, among the first that facts are told from."""
    dataset = plan.dataset
    if plan.settings.encoding.format not in (Format.SOURCE, Format.PNG) or dataset.storage.root is None:
        return None
    for number in sample_of(dataset):
        source = dataset.sources[number]
        if "." + source.name.rpartition(".")[2].lower() in _DEEP:
            with contextlib.suppress(PictureError, OSError):
                info = probe(source.path, max_pixels=plan.settings.max_pixels)
                if info.depth == 16 and info.channels == 1:
                    return source.key
    return None


# -- what balancing does -----------------------------------------------------------------------------------------------


def _of_balance(plan: ExportPlan) -> Iterator[str]:
    if plan.crowded:
        by_heart = "a model may learn those few pictures by heart"
        yield f"{plan.balanced}: above {MANY_COPIES} {by_heart}; a limit (--at-most) avoids it."
    if plan.capped:
        made = {(row.split, row.label): row for row in plan.rows}
        told = [
            f"{printable(label)} gets {counted(made[split, label].copies, 'copy', 'copies')} instead of {wanted:,}"
            for (split, label), wanted in plan.capped.items()
        ]
        more = f", and {len(told) - _SHOWN:,} more classes get fewer" if len(told) > _SHOWN else ""
        most = counted(plan.settings.at_most or 0, "copy", "copies")
        yield f"At most {most} of one original: {', '.join(told[:_SHOWN])}{more}."
    if plan.unused:
        yield f"{_pictures(plan.unused)} not used: their classes have more pictures than the files asked for."


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s are' if count != 1 else ' is'}"
