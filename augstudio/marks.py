"""What an export is known by: its files, and what they are called. For those who write one, and who come upon one."""

from __future__ import annotations

from augstudio.storage import Key

IMAGES = Key("images")
"""The folder below an export's root that loaders read."""
MANIFEST, PRESET, REPORT = Key("manifest.jsonl"), Key("preset.json"), Key("report.json")
"""Beside it: how each file was made, the pipeline, and what was done."""
GROUPS = Key("split_groups.csv")
"""Beside it, where pictures were dealt out by a table of groups: that table."""
LABELS = Key("labels.json")
"""Beside it, where labels follow: how they are read and written."""
LABEL_FOLDERS = (Key("labels"), Key("Annotations"), Key("annotations"), Key("ImageSets"), Key("masks"))
"""Folders that label files of an export lie in, beside that of its pictures; of each only those of one format."""
LABEL_TABLES = (Key("data.yaml"),)
"""Label files at an export's root."""
MANIFEST_FIELD = "source_sha256"
"""A field of every line of a manifest, which no other program's files have."""
REPORT_FIELD = "augstudio_export"
"""The report's field that says whose it is, and in which version."""
COPY, ORIGINAL = "__aug", "__orig"
"""What stands behind the stem in the name of a copy, before its number, and of an original."""
