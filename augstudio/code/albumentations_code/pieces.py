"""Functions and transforms that a file for Albumentations has of its own, as text; a file gets those that it needs.

They do with OpenCV what the engine does, on RGB pictures of 8 bits.
"""

from __future__ import annotations

from augstudio.code.assembling import Piece

PIECES = {
    "reduced": Piece(
        '''
def reduced(image, back, size):
    """The picture made smaller by averaging before a warp that shrinks it, and the matrix from there."""
    height, width = image.shape[:2]
    x, y = spans(back, (width, height), size)
    if max(x, y) < 1.9:
        return image, back
    if width * height <= 65536:
        small = [max(1, round(side / int(max(1.0, span) + 0.1))) for side, span in ((width, x), (height, y))]
        return cv2.resize(image, small, interpolation=cv2.INTER_AREA), scaled(back, small[0] / width, small[1] / height)
    whole = not back[[0, 1, 2, 2], [1, 0, 0, 1]].any() and max(abs(x - round(x)), abs(y - round(y))) < 0.02
    while min(x, y) >= 1.9 and not (whole and (round(x) % 2 or round(y) % 2)):
        image, back = blocks(image, back, 2, 2)
        x, y = x / 2, y / 2
    across, down = (int(span + 0.1) if span >= (1.9 if whole else 2.3) else 1 for span in (x, y))
    return blocks(image, back, across, down) if across > 1 or down > 1 else (image, back)


def spans(back, source, size):
    """How many pixels of the picture, across and down, one of the result stands for; the median of 16 places."""
    if not back[2, :2].any():
        return math.hypot(*back[0, :2]), math.hypot(*back[1, :2])
    found = []
    for x, y in [((i + 0.5) * size[0] / 4, (j + 0.5) * size[1] / 4) for j in range(4) for i in range(4)]:
        u, v, w = back @ (x, y, 1)
        if w > 0 and 0 <= u / w <= source[0] and 0 <= v / w <= source[1]:
            across, down = back[0] - u / w * back[2], back[1] - v / w * back[2]
            found.append((math.hypot(*across[:2]) / w, math.hypot(*down[:2]) / w))
    return [min(sorted(axis)[len(found) // 2], 2.0**20) for axis in zip(*found, strict=True)] or (1.0, 1.0)


def blocks(image, back, across, down):
    """Means of blocks of pixels; what is left over goes on both sides alike."""
    height, width = image.shape[:2]
    across, down = min(across, width), min(down, height)
    left, top = width % across // 2, height % down // 2
    part = image[top : top + height // down * down, left : left + width // across * across]
    small = cv2.resize(part, (width // across, height // down), interpolation=cv2.INTER_AREA)
    moved = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]]) @ back
    return small, scaled(moved, 1 / across, 1 / down)


def scaled(back, x, y):
    """The matrix to a picture that is smaller by these factors."""
    return np.diag([x, y, 1.0]) @ back
'''
    ),
    "resampled": Piece(
        '''
def resampled(image, matrix, size, border, how):
    """Pixels by a matrix of continuous coordinates: pixel i covers [i, i + 1)."""
    mode, fill = border or (cv2.BORDER_REPLICATE, 0)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    back = np.linalg.inv(matrix)
    back = np.linalg.inv(half) @ (back / back[2, 2]) @ half
    kept = {"flags": how | cv2.WARP_INVERSE_MAP, "borderMode": mode, "borderValue": fill}
    if back[2, :2].any():
        return cv2.warpPerspective(image, back, size, **kept)
    return cv2.warpAffine(image, back[:2], size, **kept)
'''
    ),
    "resampled_smaller": Piece(
        '''
def resampled(image, matrix, size, border, how):
    """Pixels by a matrix of continuous coordinates (pixel i covers [i, i + 1)); averaged first where it shrinks."""
    mode, fill = border or (cv2.BORDER_REPLICATE, 0)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    back = np.linalg.inv(matrix)
    back /= back[2, 2]
    if how == cv2.INTER_LINEAR:
        image, back = reduced(image, back, size)
    back = np.linalg.inv(half) @ back @ half
    kept = {"flags": how | cv2.WARP_INVERSE_MAP, "borderMode": mode, "borderValue": fill}
    if back[2, :2].any():
        return cv2.warpPerspective(image, back, size, **kept)
    return cv2.warpAffine(image, back[:2], size, **kept)
''',
        needs=("reduced",),
    ),
    "moved": Piece(
        '''
def moved(points, warps):
    """Where points go, `(N, 2)`."""
    for matrix, *_ in warps:
        points = np.column_stack([points, np.ones(len(points))]) @ matrix.T
        points = points[:, :2] / points[:, 2:]
    return points
'''
    ),
    "about_ellipse": Piece(
        """
TURNS = np.linspace(0, 2 * np.pi, 64, endpoint=False)
OUTLINE = np.column_stack([np.cos(TURNS), np.sin(TURNS)]) / 2 + 0.5  # of the ellipse in a box
"""
    ),
    "about_corners": Piece(
        """
OUTLINE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])  # the corners of a box
"""
    ),
    "Move": Piece(
        '''
class Move(A.DualTransform):
    """Moves pixels, masks, boxes and points (their x and y) by a matrix; `border` is a mode of OpenCV."""

    def __init__(self, border=None, fill=(0, 0, 0), p=1.0):
        super().__init__(p=p)
        self.border, self.fill = border, fill

    def matrix(self, width, height):
        """Draw the matrix, in continuous coordinates, for a picture of this size."""
        raise NotImplementedError

    def size(self, width, height):
        """The size that comes of it."""
        return width, height

    def get_params_dependent_on_data(self, params, data):
        height, width = params["shape"][:2]
        matrix = self.matrix(width, height)
        border = None if self.border is None else (self.border, tuple(self.fill))
        return {"warps": [(matrix, self.size(width, height), border)]}

    def apply(self, img, warps, **params):
        for warp in warps:
            img = resampled(img, *warp, cv2.INTER_LINEAR)
        return img

    def apply_to_mask(self, mask, warps, **params):
        for matrix, size, border in warps:
            mask = resampled(mask, matrix, size, border and (border[0], 0), cv2.INTER_NEAREST)
        return mask

    def apply_to_bboxes(self, bboxes, warps, shape, **params):
        if not len(bboxes):
            return bboxes
        sides = bboxes[:, 2:4] - bboxes[:, :2]
        points = bboxes[:, None, :2] + OUTLINE * sides[:, None]
        points = moved(points.reshape(-1, 2) * shape[1::-1], warps).reshape(points.shape) / warps[-1][1]
        return np.column_stack([points.min(1), points.max(1), bboxes[:, 4:]])

    def apply_to_keypoints(self, keypoints, warps, **params):
        if not len(keypoints):
            return keypoints
        return np.column_stack([moved(keypoints[:, :2] + 0.5, warps) - 0.5, keypoints[:, 2:]])
''',
        needs=("moved",),
    ),
    "Together": Piece(
        '''
class Together(A.Sequential):
    """Moves in a row, resampled once where their borders agree: one by one, each would blur the picture anew.

    So a crop moves the frame and cuts nothing off: a later rotation still finds what lies outside.
    """

    def __init__(self, transforms, p=1.0):
        super().__init__(transforms, p=p)

    def __call__(self, *args, force_apply=False, **data):
        shape = data["image"].shape
        warps, (height, width) = [], shape[:2]
        for move in self.transforms:
            move.params = {}
            if move.should_apply():
                move.params = move.get_params_dependent_on_data({"shape": (height, width)}, data)
                self.add(warps, *move.params["warps"][0])
                width, height = warps[-1][1]
        if warps:
            data = self.transforms[0].apply_with_params({"warps": warps, "shape": shape}, **data)
        return self.check_data_post_transform(data)

    @staticmethod
    def add(warps, matrix, size, border):
        if warps and (border is None or warps[-1][2] in (None, border)):
            first, _, before = warps.pop()
            matrix, border = matrix @ first, border or before
        warps.append((matrix, size, border))
''',
        needs=("Move",),
    ),
    "about_centre": Piece(
        '''
def about_centre(linear, width, height):
    """The matrix that applies a 2×2 one about the picture's centre."""
    matrix, centre = np.eye(3), np.array([width / 2, height / 2])
    matrix[:2, :2] = linear
    matrix[:2, 2] = centre - matrix[:2, :2] @ centre
    return matrix
'''
    ),
    "Crop": Piece(
        '''
class Crop(Move):
    """Cuts out a share of the area, and enlarges it to the frame again; `aspect` is relative to the picture's."""

    def __init__(self, area, aspect, p=1.0):
        super().__init__(p=p)
        self.area, self.aspect = area, aspect

    def matrix(self, width, height):
        area, aspect = self.py_random.uniform(*self.area), self.py_random.uniform(*self.aspect)
        across = min(1.0, math.sqrt(area * aspect))
        down = min(1.0, area / across)
        across = min(1.0, area / down)
        left = self.py_random.random() * (1 - across) * width
        top = self.py_random.random() * (1 - down) * height
        return np.array([[1 / across, 0, -left / across], [0, 1 / down, -top / down], [0, 0, 1]])
''',
        needs=("Move",),
    ),
    "Rotate": Piece(
        '''
class Rotate(Move):
    """Turns about the centre, counter-clockwise, by degrees."""

    def __init__(self, angle, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.angle = angle

    def matrix(self, width, height):
        angle = math.radians(self.py_random.uniform(*self.angle))
        cos, sin = math.cos(angle), math.sin(angle)
        return about_centre([[cos, sin], [-sin, cos]], width, height)
''',
        needs=("Move", "about_centre"),
    ),
    "Shear": Piece(
        '''
class Shear(Move):
    """Slants about the centre: sideways by `x` per unit of height, then vertically by `y` per unit of width."""

    def __init__(self, x, y, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.x, self.y = x, y

    def matrix(self, width, height):
        x, y = self.py_random.uniform(*self.x), self.py_random.uniform(*self.y)
        return about_centre([[1, x], [y, 1 + x * y]], width, height)
''',
        needs=("Move", "about_centre"),
    ),
    "Shift": Piece(
        '''
class Shift(Move):
    """Moves to the right and down by shares of width and height."""

    def __init__(self, x, y, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.x, self.y = x, y

    def matrix(self, width, height):
        x, y = self.py_random.uniform(*self.x), self.py_random.uniform(*self.y)
        return np.array([[1, 0, x * width], [0, 1, y * height], [0, 0, 1]])
''',
        needs=("Move",),
    ),
    "Shrink": Piece(
        '''
class Shrink(Move):
    """Makes the picture smaller inside its frame."""

    def __init__(self, scale, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.scale = scale

    def matrix(self, width, height):
        scale = self.py_random.uniform(*self.scale)
        return about_centre([[scale, 0], [0, scale]], width, height)
''',
        needs=("Move", "about_centre"),
    ),
    "Perspective": Piece(
        '''
class Perspective(Move):
    """Moves each corner by up to `travel`, a share of the side."""

    def __init__(self, travel, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.travel = travel

    def matrix(self, width, height):
        travel = self.py_random.uniform(*self.travel)
        shares = np.array([[self.py_random.uniform(-1, 1) for _ in "xy"] for _ in range(4)])
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        goal = corners + travel * shares
        size = width, height
        return cv2.getPerspectiveTransform(np.float32(corners * size), np.float32(goal * size))
''',
        needs=("Move",),
    ),
    "PerspectiveFar": Piece(
        '''
class Perspective(Move):
    """Moves each corner by up to `travel`, a share of the side; by less where no camera could see it so."""

    def __init__(self, travel, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.travel = travel

    def matrix(self, width, height):
        travel = self.py_random.uniform(*self.travel)
        shares = np.array([[self.py_random.uniform(-1, 1) for _ in "xy"] for _ in range(4)])
        corners, size = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]), (width, height)
        while not self.turns_one_way(goal := corners + travel * shares):
            travel *= 0.95
        return cv2.getPerspectiveTransform(np.float32(corners * size), np.float32(goal * size))

    @staticmethod
    def turns_one_way(corners):
        (ax, ay), (bx, by) = (corners - np.roll(corners, 1, 0)).T, (np.roll(corners, -1, 0) - corners).T
        return (ax * by - ay * bx > 0.05).all()
''',
        needs=("Move",),
    ),
    "Flip": Piece(
        '''
class Flip(Move):
    """Mirrors left and right ("horizontal"), or top and bottom ("vertical"), or either."""

    def __init__(self, axis, p=1.0):
        super().__init__(p=p)
        self.axis = axis

    def matrix(self, width, height):
        axis = self.py_random.choice(["horizontal", "vertical"]) if self.axis == "either" else self.axis
        if axis == "horizontal":
            return np.array([[-1.0, 0, width], [0, 1, 0], [0, 0, 1]])
        return np.array([[1.0, 0, 0], [0, -1, height], [0, 0, 1]])
''',
        needs=("Move",),
    ),
    "QuarterTurn": Piece(
        '''
class QuarterTurn(Move):
    """Turns by one of a few quarter turns, counter-clockwise."""

    def __init__(self, turns, p=1.0):
        super().__init__(p=p)
        self.turns = turns

    def matrix(self, width, height):
        self.turn = self.py_random.choice(self.turns)
        if self.turn == 90:
            return np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]])
        if self.turn == 180:
            return np.array([[-1.0, 0, width], [0, -1, height], [0, 0, 1]])
        return np.array([[0.0, -1, height], [1, 0, 0], [0, 0, 1]])

    def size(self, width, height):
        return (width, height) if self.turn == 180 else (height, width)
''',
        needs=("Move",),
    ),
    "looked_up": Piece(
        '''
def looked_up(image, *curves):
    """A tone curve, or one for each channel, on levels from 0 to 1."""
    levels = np.arange(256) / 255
    tables = [np.rint(np.clip(curve(levels), 0, 1) * 255).astype(np.uint8) for curve in curves]
    return cv2.LUT(image, tables[0] if len(tables) == 1 else np.stack(tables, 1)[None])
'''
    ),
    "Contrast": Piece(
        '''
class Contrast(A.ImageOnlyTransform):
    """Stretches or squeezes the levels about mid-grey."""

    def __init__(self, factor, p=1.0):
        super().__init__(p=p)
        self.factor = factor

    def get_params(self):
        return {"factor": self.py_random.uniform(*self.factor)}

    def apply(self, img, factor, **params):
        return looked_up(img, lambda level: 0.5 + factor * (level - 0.5))
''',
        needs=("looked_up",),
    ),
    "Gamma": Piece(
        '''
class Gamma(A.ImageOnlyTransform):
    """Raises the levels to a power."""

    def __init__(self, exponent, p=1.0):
        super().__init__(p=p)
        self.exponent = exponent

    def get_params(self):
        return {"exponent": self.py_random.uniform(*self.exponent)}

    def apply(self, img, exponent, **params):
        return looked_up(img, lambda level: level**exponent)
''',
        needs=("looked_up",),
    ),
    "Brightness": Piece(
        '''
class Brightness(A.ImageOnlyTransform):
    """Adds a share of full range to every level."""

    def __init__(self, amount, p=1.0):
        super().__init__(p=p)
        self.amount = amount

    def get_params(self):
        return {"amount": self.py_random.uniform(*self.amount)}

    def apply(self, img, amount, **params):
        return looked_up(img, lambda level: level + amount)
''',
        needs=("looked_up",),
    ),
    "ChannelGain": Piece(
        '''
class ChannelGain(A.ImageOnlyTransform):
    """Multiplies red, green and blue by factors of their own."""

    def __init__(self, red, green, blue, p=1.0):
        super().__init__(p=p)
        self.red, self.green, self.blue = red, green, blue

    def get_params(self):
        return {"gains": [self.py_random.uniform(*gain) for gain in (self.red, self.green, self.blue)]}

    def apply(self, img, gains, **params):
        return looked_up(img, *(lambda level, gain=gain: gain * level for gain in gains))
''',
        needs=("looked_up",),
    ),
    "Solarize": Piece(
        '''
class Solarize(A.ImageOnlyTransform):
    """Inverts what is brighter than a threshold."""

    def __init__(self, threshold, p=1.0):
        super().__init__(p=p)
        self.threshold = threshold

    def get_params(self):
        return {"threshold": self.py_random.uniform(*self.threshold)}

    def apply(self, img, threshold, **params):
        return looked_up(img, lambda level: np.where(level > threshold, 1 - level, level))
''',
        needs=("looked_up",),
    ),
    "Hue": Piece(
        '''
YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])


class Hue(A.ImageOnlyTransform):
    """Turns all colours round the circle of the YIQ colour space, by degrees; the luma stays."""

    def __init__(self, angle, p=1.0):
        super().__init__(p=p)
        self.angle = angle

    def get_params(self):
        return {"angle": math.radians(self.py_random.uniform(*self.angle))}

    def apply(self, img, angle, **params):
        cos, sin = math.cos(angle), math.sin(angle)
        turn = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
        return cv2.transform(img, np.linalg.inv(YIQ) @ turn @ YIQ)
'''
    ),
    "Saturation": Piece(
        '''
class Saturation(A.ImageOnlyTransform):
    """Blends the picture with its luma; a factor above 1 takes it farther away."""

    def __init__(self, factor, p=1.0):
        super().__init__(p=p)
        self.factor = factor

    def get_params(self):
        return {"factor": self.py_random.uniform(*self.factor)}

    def apply(self, img, factor, **params):
        luma = np.tile([0.299, 0.587, 0.114], (3, 1))
        return cv2.transform(img, factor * np.eye(3) + (1 - factor) * luma)
'''
    ),
    "SwapColours": Piece(
        '''
class SwapColours(A.ImageOnlyTransform):
    """Puts red, green and blue in one of a few orders."""

    def __init__(self, orders, p=1.0):
        super().__init__(p=p)
        self.orders = orders

    def get_params(self):
        return {"order": self.py_random.choice(self.orders)}

    def apply(self, img, order, **params):
        return img[..., ["RGB".index(letter) for letter in order]]
'''
    ),
    "gaussian": Piece(
        '''
def gaussian(image, sigma):
    """Gaussian blur; edges are mirrored."""
    kernel = cv2.getGaussianKernel(round(6 * sigma + 1) | 1, sigma, cv2.CV_32F)
    return cv2.sepFilter2D(image, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)
'''
    ),
    "gaussian_wide": Piece(
        '''
def gaussian(image, sigma):
    """Gaussian blur; edges are mirrored. A wide one holds nothing that a smaller picture lacks."""
    if sigma <= 12:
        kernel = cv2.getGaussianKernel(round(6 * sigma + 1) | 1, sigma, cv2.CV_32F)
        return cv2.sepFilter2D(image, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)
    height, width = image.shape[:2]
    factor = int(sigma // 6)
    small = math.ceil(width / factor), math.ceil(height / factor)
    x, y = (
        math.sqrt(max((sigma * part / side) ** 2 - 0.25, 0.01))
        for part, side in zip(small, (width, height), strict=True)
    )
    image = cv2.resize(image, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    image = np.rint(cv2.GaussianBlur(image, (0, 0), x, sigmaY=y, borderType=cv2.BORDER_REFLECT)).astype(np.uint8)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
'''
    ),
    "Blur": Piece(
        '''
class Blur(A.ImageOnlyTransform):
    """Blurs with a Gaussian of `sigma` pixels."""

    def __init__(self, sigma, p=1.0):
        super().__init__(p=p)
        self.sigma = sigma

    def get_params(self):
        return {"sigma": self.py_random.uniform(*self.sigma)}

    def apply(self, img, sigma, **params):
        return gaussian(img, sigma)
'''
    ),
    "Sharpen": Piece(
        '''
class Sharpen(A.ImageOnlyTransform):
    """Adds the detail again that a blur of one pixel takes away."""

    def __init__(self, amount, p=1.0):
        super().__init__(p=p)
        self.amount = amount

    def get_params(self):
        return {"amount": self.py_random.uniform(*self.amount)}

    def apply(self, img, amount, **params):
        return cv2.addWeighted(img, 1 + amount, gaussian(img, 1.0), -amount, 0)
'''
    ),
    "disc": Piece(
        '''
def disc(image, run, radius):
    """Grows what is bright (`cv2.dilate`) or dark (`cv2.erode`) by a disc of whole pixels."""
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return run(image, (x * x + y * y <= radius * radius).astype(np.uint8))
'''
    ),
    "disc_wide": Piece(
        '''
def disc(image, run, radius):
    """Grows what is bright (`cv2.dilate`) or dark (`cv2.erode`) by a disc of whole pixels; a wide one is an octagon."""
    if radius <= 4:
        y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
        return run(image, (x * x + y * y <= radius * radius).astype(np.uint8))
    diamond = round(math.sqrt(((2 * radius + 1) ** 2 - math.pi * radius**2) / 2 + 0.25) - 0.5)
    side = 2 * (radius - diamond) + 1
    image = run(image, np.ones((side, side), np.uint8))
    return run(image, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), iterations=diamond)
'''
    ),
    "grown": Piece(
        '''
def grown(image, run, radius):
    """Grows by a disc; a radius between two whole numbers mixes two discs."""
    low = math.floor(radius)
    share = radius - low
    return cv2.addWeighted(disc(image, run, low), 1 - share, disc(image, run, low + 1), share, 0)
'''
    ),
    "Dilate": Piece(
        '''
class Dilate(A.ImageOnlyTransform):
    """Grows what is bright by a disc of `radius` pixels."""

    def __init__(self, radius, p=1.0):
        super().__init__(p=p)
        self.radius = radius

    def get_params(self):
        return {"radius": self.py_random.uniform(*self.radius)}

    def apply(self, img, radius, **params):
        return grown(img, cv2.dilate, radius)
''',
        needs=("grown",),
    ),
    "Erode": Piece(
        '''
class Erode(A.ImageOnlyTransform):
    """Grows what is dark by a disc of `radius` pixels."""

    def __init__(self, radius, p=1.0):
        super().__init__(p=p)
        self.radius = radius

    def get_params(self):
        return {"radius": self.py_random.uniform(*self.radius)}

    def apply(self, img, radius, **params):
        return grown(img, cv2.erode, radius)
''',
        needs=("grown",),
    ),
    "Jpeg": Piece(
        '''
class Jpeg(A.ImageOnlyTransform):
    """Compresses as JPEG and decodes again; quality 100 leaves the picture as it is."""

    def __init__(self, quality, p=1.0):
        super().__init__(p=p)
        self.quality = quality

    def get_params(self):
        return {"quality": self.py_random.randint(*self.quality)}

    def apply(self, img, quality, **params):
        if quality >= 100:
            return img
        coded = cv2.imencode(".jpg", cv2.cvtColor(img, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB)
'''
    ),
    "GaussianNoise": Piece(
        '''
class GaussianNoise(A.ImageOnlyTransform):
    """Adds normal noise: to "each" colour its own, or "grey", the same to all."""

    def __init__(self, sigma, channels="each", p=1.0):
        super().__init__(p=p)
        self.sigma, self.channels = sigma, channels

    def get_params_dependent_on_data(self, params, data):
        height, width = params["shape"][:2]
        sigma = self.py_random.uniform(*self.sigma)
        noise = self.random_generator.normal(0, 255 * sigma, (height, width, 3 if self.channels == "each" else 1))
        return {"noise": np.rint(noise).astype(np.int16)}

    def apply(self, img, noise, **params):
        return np.clip(img + noise, 0, 255).astype(np.uint8)
'''
    ),
    "SaltAndPepper": Piece(
        '''
class SaltAndPepper(A.ImageOnlyTransform):
    """Sets a share of the pixels to black or white, half each."""

    def __init__(self, share, p=1.0):
        super().__init__(p=p)
        self.share = share

    def get_params_dependent_on_data(self, params, data):
        share = self.py_random.uniform(*self.share)
        field = self.random_generator.random(params["shape"][:2])
        return {"pepper": field < share / 2, "salt": field >= 1 - share / 2}

    def apply(self, img, pepper, salt, **params):
        img = img.copy()
        img[pepper], img[salt] = 0, 255
        return img
'''
    ),
    "Cutout": Piece(
        '''
class Cutout(A.ImageOnlyTransform):
    """Hides squares, each of a share of the shorter side, behind "grey", "black", the "mean" colour or "noise"."""

    def __init__(self, count, side, fill, p=1.0):
        super().__init__(p=p)
        self.count, self.side, self.fill = count, side, fill

    def get_params_dependent_on_data(self, params, data):
        height, width = params["shape"][:2]
        side = self.py_random.uniform(*self.side) * min(height, width)
        boxes = []
        for _ in range(self.py_random.randint(*self.count)):
            left, top = self.py_random.random() * (width - side), self.py_random.random() * (height - side)
            boxes.append([round(end) for end in (left, top, left + side, top + side)])
        noise = self.random_generator.integers(0, 256, params["shape"], np.uint8) if self.fill == "noise" else None
        return {"boxes": boxes, "noise": noise}

    def apply(self, img, boxes, noise, **params):
        hidden = {"grey": 128, "black": 0}.get(self.fill, 0)
        if self.fill == "mean":
            hidden = np.rint(img.mean((0, 1)))
        img = img.copy()
        for left, top, right, bottom in boxes:
            part = np.s_[top:bottom, left:right]
            img[part] = hidden if noise is None else noise[part]
        return img
'''
    ),
}
"""By name; a file has them in this order. `resampled`, `gaussian`, `disc` and `OUTLINE` are chosen by the writer."""
