"""What came of an export, or of verifying one, in plain words: no Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from augstudio.advice import Level
from augstudio.dataset import DatasetError, ScanStopped
from augstudio.export import Report, Status, UnknownSourceError, Verdict
from augstudio.export.loading import Snippet, snippets
from augstudio.export.remarks import changed_in_words, without_options
from augstudio.storage import is_url
from augstudio.wording import count, duration, size

SECTIONS = {
    "problems": "Problems",
    "failed": "Pictures that failed",
    "missing": "Missing",
    "changed": "Changed since they were written",
    "extra": "Not of this export",
    "notes": "Worth knowing",
}
"""Lists that may be shown, in this order, under these titles."""
CHOOSE = "Choose their folder…"
"""What the button says where nobody knows where an export's pictures are."""
_LISTED = 2000


class Verified(NamedTuple):
    """What came of verifying an export.

    Attributes
    ----------
    verdict : Verdict or None
        None if it was cancelled.
    unfinished, another : bool
        As for `of_verdict`.
    """

    verdict: Verdict | None
    unfinished: bool = False
    another: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the last page shows.

    Attributes
    ----------
    level : Level or None
        How bad it is; None if all is well.
    heading, summary : str
        Some words, and some lines.
    sections : mapping of str to tuple of str
        Lines of the lists named in `SECTIONS`.
    out : str
        The export that it is about; empty if there is none.
    verifiable : bool
        Whether there is an export that can be verified.
    resume : str
        What the button says that goes on with it; empty if there is no need to.
    loading : tuple of Snippet
        The lines that load it.
    """

    level: Level | None
    heading: str
    summary: str
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    out: str = ""
    verifiable: bool = False
    resume: str = ""
    loading: tuple[Snippet, ...] = ()

    @property
    def folder(self) -> Path | None:
        """The folder to open, where there is a local one."""
        folder = None if not self.out or is_url(self.out) else Path(self.out)
        return folder if folder and folder.is_dir() else None


def judge(ending: object, out: str, trouble: str) -> Outcome:
    """What came of work on an export, from what it gave back or raised; `trouble` says what could not be done."""
    match ending:
        case Report():
            return of_report(ending)
        case Verified(verdict, unfinished, another) if verdict is not None:
            return of_verdict(verdict, out, unfinished=unfinished, another=another)
        case Verified():
            said = "Not every file was read, so nothing can be said. Nothing was changed."
            return Outcome(Level.CAUTION, "Verifying was cancelled", said, out=out, verifiable=True)
        case ScanStopped():
            said = "Nothing was changed."
            return Outcome(Level.CAUTION, "The export was cancelled", said, out=out, resume="Resume")
        case UnknownSourceError() | DatasetError():
            heading = "Where are its pictures?" if isinstance(ending, UnknownSourceError) else trouble
            said = f"{ending}.\nNothing was changed."
            return Outcome(Level.CAUTION, heading, said, out=out, resume=CHOOSE)
    return Outcome(Level.EXCESSIVE, trouble, str(ending))


def shortly(ending: object) -> tuple[Level | None, str]:
    """How bad it is, and the same in a few words: "288 files, 2 failed"."""
    level = judge(ending, "", "").level
    match ending:
        case Report():
            failed = f", {len(ending.failures):,} failed" if ending.failures else ""
            how = {Status.COMPLETE: "", Status.CANCELLED: "Cancelled: "}.get(ending.state, "Stopped: ")
            return level, f"{how}{count(ending.files, 'file')}{failed}"
        case Verified(verdict) if verdict is not None:
            wrong = len(verdict.missing) + len(verdict.changed) + len(verdict.extra) + len(verdict.problems)
            return level, f"{count(wrong, 'difference')}" if wrong else f"{count(verdict.checked, 'file')} as written"
        case Verified() | ScanStopped():
            return level, "Cancelled"
    return level, "It could not be done"


def _files(report: Report) -> str:
    """Pictures and label files apart, where there are both: whoever verifies them reads all."""
    labels = report.labels.files if report.labels is not None else 0
    if not labels:
        return count(report.files, "file")
    return f"{count(report.files, 'picture')} and {count(labels, 'label file')}"


def of_report(report: Report) -> Outcome:
    """What came of an export."""
    heading = {
        Status.COMPLETE: "The export is complete",
        Status.CANCELLED: "The export was cancelled",
        Status.STOPPED: "The export had to stop",
    }.get(report.state, "The export is not finished")
    finished = report.state is Status.COMPLETE
    level = None if finished else Level.EXCESSIVE if report.state is Status.STOPPED else Level.CAUTION
    if finished and (report.failures or report.problems):
        level = Level.CAUTION
    lines = [
        f"{_files(report)} ({size(report.bytes)}) from {report.done - len(report.failures):,} of "
        f"{count(report.total, 'picture')} in {duration(report.elapsed)}, in {report.out}"
    ]
    if report.kept:
        lines.append(f"{report.kept:,} of the pictures {'was' if report.kept == 1 else 'were'} there already.")
    if report.changed:
        lines.append(f"{changed_in_words(report.changed)}.")
    if report.reason:
        lines.append(report.reason)
    if report.anew:
        lines = ["What lay there was being deleted when it was cancelled. Exporting again begins anew."]
    elif not finished:
        lines.append("What is there is complete; resuming makes the rest.")
    if report.hidden:
        lines.append("The earlier export is as it was. The new one waits beside it, in a hidden folder.")
    if report.leftover:
        verb = "are" if report.leftover > 1 else "is"
        lines.append(f"{count(report.leftover, 'file')} of the earlier export {verb} still to be removed.")
        level = level or Level.CAUTION
    if report.failures:
        lines.append(f"{count(len(report.failures), 'picture')} failed; the reasons are in report.json too.")
    elif finished and not report.problems:
        lines.append("The folders were read back as a loader reads them, and hold what they should.")
    done = sorted(report.notes.items(), key=lambda note: (-note[1], note[0]))
    return Outcome(
        level=level,
        heading=heading,
        summary="\n".join(lines),
        sections={
            "problems": report.problems,
            "failed": _shown([f"{failure.source}: {failure.reason}" for failure in report.failures]),
            "notes": _shown(
                [
                    *map(without_options, report.remarks),
                    *(f"Left out: {line}" for line in (*report.left_out, *report.skipped)),
                    *(f"{count(pictures, 'picture')}: {note}" for note, pictures in done),
                ]
            ),
        },
        out=report.out,
        verifiable=not (report.hidden or report.anew),
        resume="Remove them" if report.leftover else "" if finished or report.anew else "Resume",
        loading=snippets(report),
    )


def of_verdict(verdict: Verdict, out: str, *, unfinished: bool, another: bool = False) -> Outcome:
    """What verifying has shown.

    Parameters
    ----------
    verdict, out
        Of which export.
    unfinished : bool
        Whether it can be resumed anyhow.
    another : bool
        Whether resuming goes on with another one, that waits beside it to take its place.
    """
    read = f"{count(verdict.checked, 'file')} ({size(verdict.bytes)}) read in {out}"
    if verdict.ok:
        return Outcome(
            None,
            "Everything is as it was written",
            f"{read}.\nEvery file that the export made is there, and none has changed.",
            out=out,
            verifiable=True,
        )
    broken = len(verdict.missing) + len(verdict.changed)
    said = [
        *([f"{count(len(verdict.missing), 'file')} missing"] if verdict.missing else []),
        *([f"{count(len(verdict.changed), 'file')} changed"] if verdict.changed else []),
        *([f"{count(len(verdict.extra), 'file')} that the export did not make"] if verdict.extra else []),
        *([count(len(verdict.problems), "other problem")] if verdict.problems else []),
    ]
    lines = [f"{read}: {', '.join(said)}."]
    if another:
        lines.append("Another, begun to take its place, waits beside it; resuming goes on with that.")
    elif broken and not unfinished:
        lines.append("They can be made again, the very same, as long as their pictures are where they were.")
    if verdict.extra:
        lines.append("What the export did not make is left alone; a loader would read it all the same.")
    return Outcome(
        Level.EXCESSIVE if broken else Level.CAUTION,
        "The export is not finished" if unfinished else "Not everything is as it was written",
        "\n".join(lines),
        {
            "problems": verdict.problems,
            "missing": _shown(verdict.missing),
            "changed": _shown(verdict.changed),
            "extra": _shown(verdict.extra),
        },
        out=out,
        verifiable=True,
        resume="Resume" if unfinished or another else "Make these files again" if broken else "",
    )


def _shown(lines: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    more = len(lines) - _LISTED
    return (*lines[:_LISTED], f"and {more:,} more") if more > 0 else tuple(lines)
