"""The pictures in the middle, and what is said about them."""
