"""Functions and transforms that a file for torchvision has of its own, as text; a file gets those that it needs.

They do in PyTorch what the engine does, on RGB pictures of 8 bits, channels first, one or a batch.
"""

from __future__ import annotations

from augstudio.code.assembling import Piece

PIECES = {
    "uniform": Piece(
        '''
def uniform(low, high):
    """A number between two ends, by PyTorch's generator."""
    return low + (high - low) * torch.rand((), dtype=torch.float64).item()
'''
    ),
    "one_of": Piece(
        '''
def one_of(choices):
    """One of a few, all alike."""
    return choices[torch.randint(len(choices), ()).item()]
'''
    ),
    "whole": Piece(
        '''
def whole(low, high):
    """A whole number, both ends included."""
    return torch.randint(low, high + 1, ()).item()
'''
    ),
    "to_levels": Piece(
        '''
def to_levels(picture):
    """Rounded to levels from 0 to 255."""
    return picture.round().clamp(0, 255).to(torch.uint8)
'''
    ),
    "reduced": Piece(
        '''
def reduced(pixels, back, size):
    """The picture made smaller by averaging before a warp that shrinks it, and the matrix from there."""
    height, width = pixels.shape[-2:]
    x, y = spans(back.tolist(), (width, height), size)
    if max(x, y) < 1.9:
        return pixels, back
    if width * height <= 65536:
        across, down = (max(1, round(side / int(max(1.0, span) + 0.1))) for side, span in ((width, x), (height, y)))
        small = by_area(by_area(pixels, across).mT, down).mT
        return to_levels(small).float(), scaled(back, across / width, down / height)
    bent = back[[0, 1, 2, 2], [1, 0, 0, 1]].any()
    whole = not bent and max(abs(x - round(x)), abs(y - round(y))) < 0.02
    while min(x, y) >= 1.9 and not (whole and (round(x) % 2 or round(y) % 2)):
        pixels, back = blocks(pixels, back, 2, 2)
        x, y = x / 2, y / 2
    across, down = (int(span + 0.1) if span >= (1.9 if whole else 2.3) else 1 for span in (x, y))
    return blocks(pixels, back, across, down) if across > 1 or down > 1 else (pixels, back)


def spans(back, source, size):
    """How many pixels of the picture, across and down, one of the result stands for; the median of 16 places."""
    (a, b, c), (d, e, f), (g, h, i) = back
    if not g and not h:
        return math.hypot(a, b), math.hypot(d, e)
    found = []
    for x, y in [((m + 0.5) * size[0] / 4, (n + 0.5) * size[1] / 4) for n in range(4) for m in range(4)]:
        w = g * x + h * y + i
        if w > 0:
            u, v = (a * x + b * y + c) / w, (d * x + e * y + f) / w
            if 0 <= u <= source[0] and 0 <= v <= source[1]:
                found.append((math.hypot(a - u * g, b - u * h) / w, math.hypot(d - v * g, e - v * h) / w))
    return [min(sorted(axis)[len(found) // 2], 2.0**20) for axis in zip(*found, strict=True)] or (1.0, 1.0)


def by_area(pixels, width):
    """Each row in so many parts, each the mean of what it covers."""
    total = torch.nn.functional.pad(pixels.double().cumsum(-1), (1, 0))
    ends = torch.linspace(0, pixels.shape[-1], width + 1, dtype=torch.float64)
    low = ends.floor().long().clamp(max=pixels.shape[-1] - 1)
    covered = torch.lerp(total[..., low], total[..., low + 1], ends - low)
    return covered.diff(dim=-1) * (width / pixels.shape[-1])


def blocks(pixels, back, across, down):
    """Means of blocks of pixels; what is left over goes on both sides alike."""
    height, width = pixels.shape[-2:]
    across, down = min(across, width), min(down, height)
    left, top = width % across // 2, height % down // 2
    part = pixels[..., top : top + height // down * down, left : left + width // across * across]
    moved = torch.tensor([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]], dtype=back.dtype) @ back
    small = torch.nn.functional.avg_pool2d(part, (down, across))
    return to_levels(small).float(), scaled(moved, 1 / across, 1 / down)


def scaled(back, x, y):
    """The matrix to a picture that is smaller by these factors."""
    return torch.diag(torch.tensor([x, y, 1.0], dtype=back.dtype)) @ back
''',
        needs=("to_levels",),
    ),
    "resampled": Piece(
        '''
def resampled(pixels, matrix, size, border, mode):
    """Pixels by a matrix of continuous coordinates: pixel i covers [i, i + 1)."""
    return looked_at(pixels, torch.linalg.inv(matrix), size, border, mode)
''',
        needs=("looked_at",),
    ),
    "resampled_smaller": Piece(
        '''
def resampled(pixels, matrix, size, border, mode):
    """Pixels by a matrix of continuous coordinates (pixel i covers [i, i + 1)); averaged first where it shrinks."""
    back = torch.linalg.inv(matrix)
    back = back / back[2, 2]
    if mode == "bilinear":
        pixels, back = reduced(pixels, back, size)
    return looked_at(pixels, back, size, border, mode)
''',
        needs=("looked_at", "reduced"),
    ),
    "looked_at": Piece(
        '''
def looked_at(pixels, back, size, border, mode):
    """What each pixel of the result shows, by the matrix that leads back."""
    (kind, fill), (width, height) = border or ("edge", 0), size
    x = torch.arange(width, dtype=torch.float64) + 0.5
    y = torch.arange(height, dtype=torch.float64)[:, None] + 0.5
    u, v, w = (row[0] * x + row[1] * y + row[2] for row in back)
    u, v = u / w, v / w
    if kind == "tile":  # with a seam of one pixel, to look across
        u, v = u % pixels.shape[-1] + 1, v % pixels.shape[-2] + 1
        pixels = torch.nn.functional.pad(pixels, (1, 1, 1, 1), mode="circular")
    grid = torch.stack([2 * u / pixels.shape[-1] - 1, 2 * v / pixels.shape[-2] - 1], -1).to(pixels)
    grid = grid.expand(len(pixels), -1, -1, -1)
    padding = {"mirror": "reflection", "edge": "border"}.get(kind, "zeros")
    fill = torch.as_tensor(fill).to(pixels).reshape(-1, 1, 1) if kind == "blank" else 0
    seen = torch.nn.functional.grid_sample(pixels - fill, grid, mode, padding, align_corners=False)
    return seen + fill
'''
    ),
    "about_ellipse": Piece(
        """
TURNS = torch.arange(64) / 64 * 2 * math.pi
OUTLINE = torch.stack([TURNS.cos(), TURNS.sin()], -1) / 2 + 0.5  # of the ellipse in a box
"""
    ),
    "about_corners": Piece(
        """
OUTLINE = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])  # the corners of a box
"""
    ),
    "moved": Piece(
        '''
def moved(inpt, matrix, size, border):
    """A picture, a mask, boxes or points, moved."""
    if isinstance(inpt, tv_tensors.BoundingBoxes):
        return moved_boxes(inpt, matrix, size)
    if isinstance(inpt, getattr(tv_tensors, "KeyPoints", ())):
        points = moved_points(inpt.as_subclass(torch.Tensor) + 0.5, matrix) - 0.5
        return tv_tensors.wrap(points.to(inpt.dtype), like=inpt, canvas_size=size[::-1])
    is_mask = isinstance(inpt, tv_tensors.Mask)
    if is_mask and border is not None and border[0] not in ("mirror", "tile"):
        border = "blank", 0
    pixels = inpt.as_subclass(torch.Tensor)
    flat = pixels.reshape(-1, *((1,) if is_mask else pixels.shape[-3:-2]), *pixels.shape[-2:]).float()
    flat = resampled(flat, matrix, size, border, "nearest" if is_mask else "bilinear")
    flat = flat.round().to(inpt.dtype).reshape(*pixels.shape[:-2], size[1], size[0])
    return tv_tensors.wrap(flat, like=inpt)


def moved_points(points, matrix):
    """Where points go, `(..., 2)`."""
    points = torch.nn.functional.pad(points.double(), (0, 1), value=1.0) @ matrix.T
    return points[..., :2] / points[..., 2:]


def moved_boxes(boxes, matrix, size):
    """The boxes about what becomes of them, cut at the frame."""
    plain = F.convert_bounding_box_format(boxes, new_format="XYXY").as_subclass(torch.Tensor).double()
    start, end = plain[..., None, :2], plain[..., None, 2:]
    points = moved_points(start + OUTLINE * (end - start), matrix)
    found = torch.cat([points.amin(-2), points.amax(-2)], -1)
    found = found.clamp(min=torch.zeros(4), max=torch.tensor([*size, *size]))
    if not boxes.is_floating_point():
        found = found.round()
    found = tv_tensors.BoundingBoxes(found.to(boxes.dtype), format="XYXY", canvas_size=size[::-1])
    return F.convert_bounding_box_format(found, new_format=boxes.format)
'''
    ),
    "Resized": Piece(
        '''
class Resized(v2.Transform):
    """Brings pictures to a size: cropped ("crop"), padded ("pad") or distorted ("stretch") where the shape differs."""

    def __init__(self, width, height, fit, border=None, fill=(0, 0, 0)):
        super().__init__()
        self.width, self.height, self.fit, self.border, self.fill = width, height, fit, border, fill

    def transform(self, inpt, params):
        height, width = F.get_size(inpt)
        if self.fit == "stretch":
            return F.resize(inpt, [self.height, self.width], antialias=True)
        scale = (max if self.fit == "crop" else min)(self.width / width, self.height / height)
        width, height = width * scale, height * scale
        inpt = F.resize(inpt, [round(height), round(width)], antialias=True)
        left, top = round((width - self.width) / 2), round((height - self.height) / 2)
        shift = torch.tensor([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]], dtype=torch.float64)
        border = None if self.border is None else (self.border, self.fill)
        return moved(inpt, shift, (self.width, self.height), border)
''',
        needs=("moved",),
    ),
    "Move": Piece(
        '''
class Move(v2.Transform):
    """Moves pixels, masks, boxes and points by a matrix; applied to a share `p` of the pictures.

    `border` is "mirror", "edge", "tile" or "blank", which shows `fill`; None where nothing outside is seen.
    """

    def __init__(self, border=None, fill=(0, 0, 0), p=1.0):
        super().__init__()
        self.border, self.fill, self.p = border, fill, p

    def matrix(self, width, height):
        """Draw the matrix, in continuous coordinates, for a picture of this size."""
        raise NotImplementedError

    def size(self, width, height):
        """The size that comes of it."""
        return width, height

    def warps(self, width, height):
        if torch.rand(()) >= self.p:
            return []
        border = None if self.border is None else (self.border, self.fill)
        return [(self.matrix(width, height), self.size(width, height), border)]

    def make_params(self, flat_inputs):
        height, width = query_size(flat_inputs)
        return {"warps": self.warps(width, height)}

    def transform(self, inpt, params):
        for matrix, size, border in params["warps"]:
            inpt = moved(inpt, matrix, size, border)
        return inpt


def query_size(flat_inputs):
    """Height and width of the picture."""
    return next(F.get_size(inpt) for inpt in flat_inputs if isinstance(inpt, torch.Tensor))
''',
        needs=("moved",),
    ),
    "Together": Piece(
        '''
class Together(Move):
    """Moves in a row, resampled once where their borders agree: one by one, each would blur the picture anew.

    So a crop moves the frame and cuts nothing off: a later rotation still finds what lies outside.
    """

    def __init__(self, moves):
        super().__init__()
        self.moves = torch.nn.ModuleList(moves)

    def warps(self, width, height):
        warps = []
        for move in self.moves:
            for matrix, size, border in move.warps(width, height):
                if warps and (border is None or warps[-1][2] in (None, border)):
                    first, _, before = warps.pop()
                    matrix, border = matrix @ first, border or before
                warps.append((matrix, size, border))
                width, height = size
        return warps
''',
        needs=("Move",),
    ),
    "as_matrix": Piece(
        '''
def as_matrix(rows):
    """A 3×3 matrix."""
    return torch.tensor(rows, dtype=torch.float64)
'''
    ),
    "about_centre": Piece(
        '''
def about_centre(a, b, c, d, width, height):
    """The matrix that applies a 2×2 one about the picture's centre."""
    x, y = width / 2, height / 2
    return as_matrix([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y], [0, 0, 1]])
''',
        needs=("as_matrix",),
    ),
    "Crop": Piece(
        '''
class Crop(Move):
    """Cuts out a share of the area, and enlarges it to the frame again; `aspect` is relative to the picture's."""

    def __init__(self, area, aspect, p=1.0):
        super().__init__(p=p)
        self.area, self.aspect = area, aspect

    def matrix(self, width, height):
        area, aspect = uniform(*self.area), uniform(*self.aspect)
        across = min(1.0, math.sqrt(area * aspect))
        down = min(1.0, area / across)
        across = min(1.0, area / down)
        left, top = uniform(0, 1) * (1 - across) * width, uniform(0, 1) * (1 - down) * height
        return as_matrix([[1 / across, 0, -left / across], [0, 1 / down, -top / down], [0, 0, 1]])
''',
        needs=("Move", "as_matrix", "uniform"),
    ),
    "Rotate": Piece(
        '''
class Rotate(Move):
    """Turns about the centre, counter-clockwise, by degrees."""

    def __init__(self, angle, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.angle = angle

    def matrix(self, width, height):
        angle = math.radians(uniform(*self.angle))
        cos, sin = math.cos(angle), math.sin(angle)
        return about_centre(cos, sin, -sin, cos, width, height)
''',
        needs=("Move", "about_centre", "uniform"),
    ),
    "Shear": Piece(
        '''
class Shear(Move):
    """Slants about the centre: sideways by `x` per unit of height, then vertically by `y` per unit of width."""

    def __init__(self, x, y, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.x, self.y = x, y

    def matrix(self, width, height):
        x, y = uniform(*self.x), uniform(*self.y)
        return about_centre(1, x, y, 1 + x * y, width, height)
''',
        needs=("Move", "about_centre", "uniform"),
    ),
    "Shift": Piece(
        '''
class Shift(Move):
    """Moves to the right and down by shares of width and height."""

    def __init__(self, x, y, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.x, self.y = x, y

    def matrix(self, width, height):
        return as_matrix([[1, 0, uniform(*self.x) * width], [0, 1, uniform(*self.y) * height], [0, 0, 1]])
''',
        needs=("Move", "as_matrix", "uniform"),
    ),
    "Shrink": Piece(
        '''
class Shrink(Move):
    """Makes the picture smaller inside its frame."""

    def __init__(self, scale, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.scale = scale

    def matrix(self, width, height):
        scale = uniform(*self.scale)
        return about_centre(scale, 0, 0, scale, width, height)
''',
        needs=("Move", "about_centre", "uniform"),
    ),
    "quadrangle": Piece(
        '''
def quadrangle(shares, width, height):
    """The perspective that moves the corners, clockwise from top left, by shares of the sides."""
    rows, goals = [], []
    for (x, y), (dx, dy) in zip([(0, 0), (1, 0), (1, 1), (0, 1)], shares, strict=True):
        x, y, u, v = x * width, y * height, (x + dx) * width, (y + dy) * height
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        goals += [u, v]
    found = torch.linalg.solve(as_matrix(rows), as_matrix(goals))
    return torch.cat([found, torch.ones(1)]).reshape(3, 3)
''',
        needs=("as_matrix",),
    ),
    "Perspective": Piece(
        '''
class Perspective(Move):
    """Moves each corner by up to `travel`, a share of the side."""

    def __init__(self, travel, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.travel = travel

    def matrix(self, width, height):
        travel = uniform(*self.travel)
        shares = [(travel * uniform(-1, 1), travel * uniform(-1, 1)) for _ in range(4)]
        return quadrangle(shares, width, height)
''',
        needs=("Move", "quadrangle", "uniform"),
    ),
    "PerspectiveFar": Piece(
        '''
class Perspective(Move):
    """Moves each corner by up to `travel`, a share of the side; by less where no camera could see it so."""

    def __init__(self, travel, border, fill=(0, 0, 0), p=1.0):
        super().__init__(border, fill, p)
        self.travel = travel

    def matrix(self, width, height):
        travel = uniform(*self.travel)
        shares = [(travel * uniform(-1, 1), travel * uniform(-1, 1)) for _ in range(4)]
        while not self.turns_one_way(shares):
            shares = [(0.95 * x, 0.95 * y) for x, y in shares]
        return quadrangle(shares, width, height)

    @staticmethod
    def turns_one_way(shares):
        corners = torch.tensor(shares) + torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])
        sides = corners.roll(-1, 0) - corners
        (ax, ay), (bx, by) = sides.T, sides.roll(-1, 0).T
        return bool((ax * by - ay * bx > 0.05).all())
''',
        needs=("Move", "quadrangle", "uniform"),
    ),
    "Flip": Piece(
        '''
class Flip(Move):
    """Mirrors left and right ("horizontal"), or top and bottom ("vertical"), or either."""

    def __init__(self, axis, p=1.0):
        super().__init__(p=p)
        self.axis = axis

    def matrix(self, width, height):
        axis = one_of(["horizontal", "vertical"]) if self.axis == "either" else self.axis
        if axis == "horizontal":
            return as_matrix([[-1, 0, width], [0, 1, 0], [0, 0, 1]])
        return as_matrix([[1, 0, 0], [0, -1, height], [0, 0, 1]])
''',
        needs=("Move", "as_matrix", "one_of"),
    ),
    "QuarterTurn": Piece(
        '''
class QuarterTurn(Move):
    """Turns by one of a few quarter turns, counter-clockwise."""

    def __init__(self, turns, p=1.0):
        super().__init__(p=p)
        self.turns = turns

    def matrix(self, width, height):
        self.turn = one_of(self.turns)
        if self.turn == 90:
            return as_matrix([[0, 1, 0], [-1, 0, width], [0, 0, 1]])
        if self.turn == 180:
            return as_matrix([[-1, 0, width], [0, -1, height], [0, 0, 1]])
        return as_matrix([[0, -1, height], [1, 0, 0], [0, 0, 1]])

    def size(self, width, height):
        return (width, height) if self.turn == 180 else (height, width)
''',
        needs=("Move", "as_matrix", "one_of"),
    ),
    "OnPixels": Piece(
        '''
class OnPixels(v2.Transform):
    """Changes pixels where they are, of a share `p` of the pictures; masks, boxes and points stay."""

    def __init__(self, p=1.0):
        super().__init__()
        self.p = p

    def drawn(self):
        """What is drawn for a picture."""
        return {}

    def changed(self, pixels, **drawn):
        """What becomes of its pixels."""
        raise NotImplementedError

    def make_params(self, flat_inputs):
        return self.drawn() if torch.rand(()) < self.p else None

    def transform(self, inpt, params):
        others = isinstance(inpt, tv_tensors.TVTensor) and not isinstance(inpt, (tv_tensors.Image, tv_tensors.Video))
        if params is None or others:
            return inpt
        return tv_tensors.wrap(self.changed(inpt.as_subclass(torch.Tensor), **params), like=inpt)
'''
    ),
    "looked_up": Piece(
        '''
def looked_up(pixels, curve):
    """A tone curve on levels from 0 to 1."""
    table = to_levels(curve(torch.arange(256, dtype=torch.float64) / 255) * 255)
    return table[pixels.long()]
''',
        needs=("to_levels",),
    ),
    "mixed": Piece(
        '''
def mixed(pixels, rows):
    """Red, green and blue mixed by a 3×3 matrix."""
    return to_levels(torch.einsum("ij,...jhw->...ihw", torch.as_tensor(rows).float(), pixels.float()))
''',
        needs=("to_levels",),
    ),
    "Brightness": Piece(
        '''
class Brightness(OnPixels):
    """Adds a share of full range to every level."""

    def __init__(self, amount, p=1.0):
        super().__init__(p)
        self.amount = amount

    def drawn(self):
        return {"amount": uniform(*self.amount)}

    def changed(self, pixels, amount):
        return looked_up(pixels, lambda level: level + amount)
''',
        needs=("OnPixels", "looked_up", "uniform"),
    ),
    "Contrast": Piece(
        '''
class Contrast(OnPixels):
    """Stretches or squeezes the levels about mid-grey."""

    def __init__(self, factor, p=1.0):
        super().__init__(p)
        self.factor = factor

    def drawn(self):
        return {"factor": uniform(*self.factor)}

    def changed(self, pixels, factor):
        return looked_up(pixels, lambda level: 0.5 + factor * (level - 0.5))
''',
        needs=("OnPixels", "looked_up", "uniform"),
    ),
    "Gamma": Piece(
        '''
class Gamma(OnPixels):
    """Raises the levels to a power."""

    def __init__(self, exponent, p=1.0):
        super().__init__(p)
        self.exponent = exponent

    def drawn(self):
        return {"exponent": uniform(*self.exponent)}

    def changed(self, pixels, exponent):
        return looked_up(pixels, lambda level: level**exponent)
''',
        needs=("OnPixels", "looked_up", "uniform"),
    ),
    "ChannelGain": Piece(
        '''
class ChannelGain(OnPixels):
    """Multiplies red, green and blue by factors of their own."""

    def __init__(self, red, green, blue, p=1.0):
        super().__init__(p)
        self.red, self.green, self.blue = red, green, blue

    def drawn(self):
        return {"gains": [uniform(*gain) for gain in (self.red, self.green, self.blue)]}

    def changed(self, pixels, gains):
        return to_levels(pixels * torch.tensor(gains).reshape(3, 1, 1))
''',
        needs=("OnPixels", "to_levels", "uniform"),
    ),
    "Solarize": Piece(
        '''
class Solarize(OnPixels):
    """Inverts what is brighter than a threshold."""

    def __init__(self, threshold, p=1.0):
        super().__init__(p)
        self.threshold = threshold

    def drawn(self):
        return {"threshold": uniform(*self.threshold)}

    def changed(self, pixels, threshold):
        return looked_up(pixels, lambda level: torch.where(level > threshold, 1 - level, level))
''',
        needs=("OnPixels", "looked_up", "uniform"),
    ),
    "Hue": Piece(
        '''
YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]], dtype=torch.float64)


class Hue(OnPixels):
    """Turns all colours round the circle of the YIQ colour space, by degrees; the luma stays."""

    def __init__(self, angle, p=1.0):
        super().__init__(p)
        self.angle = angle

    def drawn(self):
        return {"angle": math.radians(uniform(*self.angle))}

    def changed(self, pixels, angle):
        cos, sin = math.cos(angle), math.sin(angle)
        turn = torch.tensor([[1, 0, 0], [0, cos, sin], [0, -sin, cos]], dtype=torch.float64)
        return mixed(pixels, torch.linalg.inv(YIQ) @ turn @ YIQ)
''',
        needs=("OnPixels", "mixed", "uniform"),
    ),
    "Saturation": Piece(
        '''
class Saturation(OnPixels):
    """Blends the picture with its luma; a factor above 1 takes it farther away."""

    def __init__(self, factor, p=1.0):
        super().__init__(p)
        self.factor = factor

    def drawn(self):
        return {"factor": uniform(*self.factor)}

    def changed(self, pixels, factor):
        luma = torch.tensor([0.299, 0.587, 0.114]).expand(3, 3)
        return mixed(pixels, factor * torch.eye(3) + (1 - factor) * luma)
''',
        needs=("OnPixels", "mixed", "uniform"),
    ),
    "SwapColours": Piece(
        '''
class SwapColours(OnPixels):
    """Puts red, green and blue in one of a few orders."""

    def __init__(self, orders, p=1.0):
        super().__init__(p)
        self.orders = orders

    def drawn(self):
        return {"order": one_of(self.orders)}

    def changed(self, pixels, order):
        return pixels[..., ["RGB".index(letter) for letter in order], :, :]
''',
        needs=("OnPixels", "one_of"),
    ),
    "gaussian": Piece(
        '''
def gaussian(pixels, sigma):
    """Gaussian blur, not yet rounded; edges are mirrored."""
    reach = round(6 * sigma + 1) // 2
    if not reach:
        return pixels.float()
    for axis in (-2, -1):
        side = pixels.shape[axis]
        places = torch.arange(-reach, side + reach) % (2 * side)
        pixels = pixels.index_select(axis, torch.minimum(places, 2 * side - 1 - places))
    size = 2 * reach + 1
    return F.gaussian_blur(pixels.float(), [size, size], [sigma, sigma])[..., reach:-reach, reach:-reach]
'''
    ),
    "Blur": Piece(
        '''
class Blur(OnPixels):
    """Blurs with a Gaussian of `sigma` pixels."""

    def __init__(self, sigma, p=1.0):
        super().__init__(p)
        self.sigma = sigma

    def drawn(self):
        return {"sigma": uniform(*self.sigma)}

    def changed(self, pixels, sigma):
        return to_levels(gaussian(pixels, sigma))
''',
        needs=("OnPixels", "gaussian", "to_levels", "uniform"),
    ),
    "Sharpen": Piece(
        '''
class Sharpen(OnPixels):
    """Adds the detail again that a blur of one pixel takes away."""

    def __init__(self, amount, p=1.0):
        super().__init__(p)
        self.amount = amount

    def drawn(self):
        return {"amount": uniform(*self.amount)}

    def changed(self, pixels, amount):
        blurred = to_levels(gaussian(pixels, 1.0)).float()
        return to_levels((1 + amount) * pixels - amount * blurred)
''',
        needs=("OnPixels", "gaussian", "to_levels", "uniform"),
    ),
    "disc": Piece(
        '''
def disc(pixels, radius):
    """Grows what is bright by a disc of whole pixels."""
    reach = range(-radius, radius + 1)
    return grown_by(pixels, radius, [(y, x) for y in reach for x in reach if x * x + y * y <= radius * radius])
''',
        needs=("grown_by",),
    ),
    "disc_wide": Piece(
        '''
def disc(pixels, radius):
    """Grows what is bright by a disc of whole pixels; a wide one is an octagon."""
    if radius <= 4:
        reach = range(-radius, radius + 1)
        return grown_by(pixels, radius, [(y, x) for y in reach for x in reach if x * x + y * y <= radius * radius])
    diamond = round(math.sqrt(((2 * radius + 1) ** 2 - math.pi * radius**2) / 2 + 0.25) - 0.5)
    square = radius - diamond
    pixels = torch.nn.functional.max_pool2d(pixels.float(), 2 * square + 1, stride=1, padding=square).to(torch.uint8)
    for _ in range(diamond):
        pixels = grown_by(pixels, 1, [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)])
    return pixels
''',
        needs=("grown_by",),
    ),
    "grown_by": Piece(
        '''
def grown_by(pixels, reach, places):
    """The brightest of the pixels at these places about each one."""
    height, width = pixels.shape[-2:]
    wide = torch.nn.functional.pad(pixels, (reach, reach, reach, reach))
    seen = (wide[..., reach + y : reach + y + height, reach + x : reach + x + width] for y, x in places)
    return reduce(torch.maximum, seen)
'''
    ),
    "grown": Piece(
        '''
def grown(pixels, radius):
    """Grows what is bright by a disc; a radius between two whole numbers mixes two discs."""
    low = math.floor(radius)
    return to_levels(torch.lerp(disc(pixels, low).float(), disc(pixels, low + 1).float(), radius - low))
''',
        needs=("to_levels",),
    ),
    "Dilate": Piece(
        '''
class Dilate(OnPixels):
    """Grows what is bright by a disc of `radius` pixels."""

    def __init__(self, radius, p=1.0):
        super().__init__(p)
        self.radius = radius

    def drawn(self):
        return {"radius": uniform(*self.radius)}

    def changed(self, pixels, radius):
        return grown(pixels, radius)
''',
        needs=("OnPixels", "grown", "uniform"),
    ),
    "Erode": Piece(
        '''
class Erode(OnPixels):
    """Grows what is dark by a disc of `radius` pixels."""

    def __init__(self, radius, p=1.0):
        super().__init__(p)
        self.radius = radius

    def drawn(self):
        return {"radius": uniform(*self.radius)}

    def changed(self, pixels, radius):
        return 255 - grown(255 - pixels, radius)
''',
        needs=("OnPixels", "grown", "uniform"),
    ),
    "Jpeg": Piece(
        '''
class Jpeg(OnPixels):
    """Compresses as JPEG, by Pillow, and decodes again; quality 100 leaves the picture as it is."""

    def __init__(self, quality, p=1.0):
        super().__init__(p)
        self.quality = quality

    def drawn(self):
        return {"quality": whole(*self.quality)}

    def changed(self, pixels, quality):
        if quality >= 100:
            return pixels
        pictures = pixels.reshape(-1, *pixels.shape[-3:])
        return torch.stack([self.coded(picture, quality) for picture in pictures]).reshape(pixels.shape)

    @staticmethod
    def coded(picture, quality):
        file = io.BytesIO()
        F.to_pil_image(picture).save(file, "JPEG", quality=quality)
        return F.pil_to_tensor(Image.open(file))
''',
        needs=("OnPixels", "whole"),
    ),
    "GaussianNoise": Piece(
        '''
class GaussianNoise(OnPixels):
    """Adds normal noise: to "each" colour its own, or "grey", the same to all."""

    def __init__(self, sigma, channels="each", p=1.0):
        super().__init__(p)
        self.sigma, self.channels = sigma, channels

    def drawn(self):
        return {"sigma": uniform(*self.sigma)}

    def changed(self, pixels, sigma):
        like = pixels if self.channels == "each" else pixels[..., :1, :, :]
        return to_levels(pixels + (255 * sigma * torch.randn(like.shape)).round())
''',
        needs=("OnPixels", "to_levels", "uniform"),
    ),
    "SaltAndPepper": Piece(
        '''
class SaltAndPepper(OnPixels):
    """Sets a share of the pixels to black or white, half each."""

    def __init__(self, share, p=1.0):
        super().__init__(p)
        self.share = share

    def drawn(self):
        return {"share": uniform(*self.share)}

    def changed(self, pixels, share):
        field = torch.rand(pixels[..., :1, :, :].shape)
        return pixels.masked_fill(field < share / 2, 0).masked_fill(field >= 1 - share / 2, 255)
''',
        needs=("OnPixels", "uniform"),
    ),
    "Cutout": Piece(
        '''
class Cutout(OnPixels):
    """Hides squares, each of a share of the shorter side, behind "grey", "black", the "mean" colour or "noise"."""

    def __init__(self, count, side, fill, p=1.0):
        super().__init__(p)
        self.count, self.side, self.fill = count, side, fill

    def drawn(self):
        count = whole(*self.count)
        return {"side": uniform(*self.side), "places": [(uniform(0, 1), uniform(0, 1)) for _ in range(count)]}

    def changed(self, pixels, side, places):
        height, width = pixels.shape[-2:]
        side, found = side * min(height, width), pixels.clone()
        hidden = torch.full_like(pixels, 128 if self.fill == "grey" else 0)
        if self.fill == "mean":
            hidden += to_levels(pixels.float().mean((-2, -1), keepdim=True))
        if self.fill == "noise":
            hidden = torch.randint_like(pixels, 256)
        for x, y in places:
            left, top = x * (width - side), y * (height - side)
            part = (..., slice(round(top), round(top + side)), slice(round(left), round(left + side)))
            found[part] = hidden[part]
        return found
''',
        needs=("OnPixels", "to_levels", "uniform", "whole"),
    ),
}
"""By name; a file has them in this order. `resampled`, `disc` and `OUTLINE` are chosen by the writer."""
