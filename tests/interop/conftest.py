"""Tests with other people's libraries, in an environment of their own: collected only where one asks for them."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("AUGSTUDIO_INTEROP") else ["test_*.py"]
