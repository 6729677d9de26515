"""3×3 matrices in plain Python: NumPy takes ten times as long for so few numbers.

And what NumPy hands to BLAS keeps its idle threads awake.
"""

from __future__ import annotations

from typing import TypeAlias

Matrix: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""A 3×3 matrix, row by row; it takes homogeneous source points to target points."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
EPSILON = 1e-9
"""What counts as nothing."""


def times(later: Matrix, first: Matrix) -> Matrix:
    """The product of two matrices: first the one, then the later."""
    a, b, c, d, e, f, g, h, i = later
    p, q, r, s, t, u, v, w, x = first
    if not (g or h or v or w) and i == x == 1:  # no perspective: mostly
        return (
            *(a * p + b * s, a * q + b * t, a * r + b * u + c),
            *(d * p + e * s, d * q + e * t, d * r + e * u + f),
            *(0.0, 0.0, 1.0),
        )
    return (
        *(a * p + b * s + c * v, a * q + b * t + c * w, a * r + b * u + c * x),
        *(d * p + e * s + f * v, d * q + e * t + f * w, d * r + e * u + f * x),
        *(g * p + h * s + i * v, g * q + h * t + i * w, g * r + h * u + i * x),
    )


def inverse(matrix: Matrix) -> Matrix:
    """The matrix that leads back.

    Raises
    ------
    ZeroDivisionError
        If there is none.
    """
    a, b, c, d, e, f, g, h, i = matrix
    x, y, z = e * i - f * h, f * g - d * i, d * h - e * g
    n = a * x + b * y + c * z
    if abs(n) < 1e-100:  # next to nothing is left of the picture: the products above are too small for floats
        across, down = max(abs(a), abs(d), abs(g)), max(abs(b), abs(e), abs(h))
        if not across or not down or (across == down == 1):
            raise ZeroDivisionError("the matrix leaves nothing of the picture")
        a, b, c, d, e, f, g, h, i = inverse((a / across, b / down, c, d / across, e / down, f, g / across, h / down, i))
        return (a / across, b / across, c / across, d / down, e / down, f / down, g, h, i)
    return (
        *(x / n, (c * h - b * i) / n, (b * f - c * e) / n),
        *(y / n, (a * i - c * g) / n, (c * d - a * f) / n),
        *(z / n, (b * g - a * h) / n, (a * e - b * d) / n),
    )


def quadrangle(size: tuple[int, int], offsets: tuple[tuple[float, float], ...]) -> Matrix:
    """The matrix that moves the corners of a frame (clockwise from top left) by so much."""
    width, height = size
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = offsets
    x1, x2, y2, y3 = x1 + width, x2 + width, y2 + height, y3 + height
    # Corner 2 is where g and h make it: two equations, solved; then corners 1 and 3 give the rest.
    ax, ay, bx, by = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    cx, cy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    n = ax * by - bx * ay
    g, h = (cx * by - bx * cy) / n, (ax * cy - cx * ay) / n
    return (
        *((x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0),
        *((y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0),
        *(g / width, h / height, 1.0),
    )
