"""The pipeline: a card for each step."""
