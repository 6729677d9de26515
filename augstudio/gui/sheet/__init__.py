"""The sheet: many pictures at once."""
