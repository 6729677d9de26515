"""Between picture arrays and Qt's images."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from augstudio.engine import Pixels


def to_image(pixels: Pixels) -> QImage:
    """A picture array as an image that Qt paints fast; 16 bits are rounded to 8 for the screen."""
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        pixels = np.dstack([pixels[..., :1]] * 3 + [pixels[..., 1:]])
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    if pixels.ndim == 2:
        form, fast = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB32
    elif pixels.shape[2] == 3:
        form, fast = QImage.Format.Format_RGB888, QImage.Format.Format_RGB32
    else:
        form, fast = QImage.Format.Format_RGBA8888, QImage.Format.Format_ARGB32
    # convertToFormat copies, so the image does not depend on the array's life.
    return QImage(pixels.data, width, height, pixels.strides[0], form).convertToFormat(fast)


def from_image(image: QImage) -> Pixels:
    """The RGBA array `(H, W, 4)` of an image, for tests and for looking closely."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()
