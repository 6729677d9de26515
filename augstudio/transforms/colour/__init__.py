"""One file per transform."""
