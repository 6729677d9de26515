"""Tests that need other people's libraries: `make test-interop` runs them, in an environment of their own."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("AUGSTUDIO_INTEROP") else ["test_*.py"]
