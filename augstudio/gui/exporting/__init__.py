"""Exports: asked for, running, resumed and verified."""
