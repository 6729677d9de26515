"""The window itself, how it starts, and what it does with folders and presets."""
