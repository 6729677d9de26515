"""The command itself: settings, plan, run."""

from __future__ import annotations

from augstudio.cli.exporting import options
from augstudio.cli.folders import AsClasses, AsSplits, FoldersAlone, said
from augstudio.cli.options import Exclude, MaxPixels


def export(
    source: options.Source = None,
    out: options.Out = None,
    preset: options.Preset = None,
    copies: options.Copies = None,
    seed: options.Seed = None,
    split: options.Split = None,
    group: options.Group = None,
    balance: options.Balance = None,
    at_most: options.AtMost = None,
    augment: options.Augment = None,
    exclude: Exclude = None,
    as_splits: AsSplits = False,
    as_classes: AsClasses = False,
    folders_alone: FoldersAlone = False,
    originals: options.Originals = None,
    output_format: options.Format = None,
    quality: options.Quality = None,
    labels: options.Labels = None,
    labels_as: options.LabelsAs = None,
    drawn_on: options.DrawnOn = None,
    voc_base: options.VocBase = None,
    yolo_task: options.YoloTask = None,
    coco_layout: options.CocoLayout = None,
    mask_ignore: options.Ignore = None,
    max_pixels: MaxPixels = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    resume: options.Resume = False,
    replace: options.Replace = False,
    moved: options.Moved = None,
    dry_run: options.DryRun = False,
    again: options.Again = False,
) -> None:
    """Write an augmented dataset: OUT/images, labels that follow, a manifest, the preset and a report beside it."""
    from augstudio.cli.exporting import plan, run, settings
    from augstudio.images import quiet_libraries

    quiet_libraries()
    asked = settings.asked(
        source,
        out,
        resume=resume,
        replace=replace,
        moved=moved,
        pipeline=preset,
        copies=copies,
        seed=seed,
        split=split,
        group=group,
        balance=balance,
        at_most=at_most,
        augment=augment,
        exclude=exclude or None,
        folders=said(as_splits=as_splits, as_classes=as_classes, folders_alone=folders_alone),
        originals=originals,
        format=output_format,
        quality=quality,
        labels=settings.labels(
            labels,
            labels_as,
            {
                "drawn_on": drawn_on,
                "voc_base": voc_base,
                "task": yolo_task,
                "layout": coco_layout,
                "ignore": mask_ignore,
            },
        ),
        max_pixels=max_pixels,
        workers=workers,
        cluster=cluster,
        again=again or None,
    )
    planned = plan.made(asked)
    plan.show(asked, planned, dry_run=dry_run)
    if dry_run:
        plan.end_dry_run(asked, planned)
    run.carry_out(asked, planned)
