"""Procedural drawing operators, batched in torch: photo [B, 3, H, W] in 0...1 and one style per sample -> drawing.

Each operator gives a coverage in 0...1 (how much ink lies on the paper); coverages are laid over one another and
coloured. Everything is a function of the picture, of the pixel grid and of a field of noise that is given: the noise that
the model itself starts from. So a model can predict it all, the place of single strokes too.
"""

import math

import torch
import torch.nn.functional as F

_RADIUS = 10
# How far beyond the picture the noise of strokes is mirrored, in pixels.
_REACH = 20
_LUMA = (0.299, 0.587, 0.114)
Style = dict[str, torch.Tensor]


def gaussian(x: torch.Tensor, sigma: torch.Tensor, radius: int = _RADIUS) -> torch.Tensor:
    """Blur of x [B, C, H, W] with one sigma per sample ([B, 1, 1, 1], pixels); edges are replicated."""
    b, c, h, w = x.shape
    t = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    k = torch.exp(-t * t / (2 * sigma.view(-1, 1).clamp_min(0.05) ** 2))
    k = (k / k.sum(1, keepdim=True)).repeat_interleave(c, 0)
    y = F.pad(x, (radius,) * 4, mode="replicate").reshape(1, b * c, h + 2 * radius, w + 2 * radius)
    y = F.conv2d(y, k.view(b * c, 1, 1, -1), groups=b * c)
    return F.conv2d(y, k.view(b * c, 1, -1, 1), groups=b * c).view(b, c, h, w)


def seen(x: torch.Tensor, s: Style) -> torch.Tensor:
    """The gray [B, 1, H, W] that the pen draws from: luma, through a red filter or a blue one, with skin made lighter.

    Red light shows skin pale and hair dark; `skin` lifts what is redder than it is blue.
    """
    g = luma(x)
    red, blue = s["filter"].clamp_min(0), (-s["filter"]).clamp_min(0)
    g = g + red * (0.85 * x[:, :1] + 0.15 * x[:, 1:2] - g) + blue * (0.25 * x[:, 1:2] + 0.75 * x[:, 2:] - g)
    chroma = (x[:, :1] - x[:, 2:]) / (x.sum(1, keepdim=True) + 0.15)
    warmth = torch.sigmoid((gaussian(chroma, torch.full_like(s["skin"], 1.0)) - 0.1) * 45) * (g * 4).clamp(0, 1)
    return (g + s["skin"] * warmth * 0.8 * (1 - g)).clamp(0, 1)


def wide_blur(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Blur of 3 * wide_sigma pixels, computed on a third of the size."""
    h, w = g.shape[2:]
    small = F.interpolate(g, (max(1, h // 3), max(1, w // 3)), mode="area")
    return F.interpolate(gaussian(small, s["wide_sigma"], 16), (h, w), mode="bilinear", align_corners=False)


def local_tone(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Tone relative to the wide surroundings: light on one side of a face is evened out, hair stays dark."""
    soft = gaussian(g, s["tone_blur"])
    return (0.5 - (soft - wide_blur(g, s)) * 2.2).clamp(0, 1)


def curve(cover: torch.Tensor, s: Style) -> torch.Tensor:
    """Coverage through a tone curve: what lies under curve_low stays bare, what lies over curve_high is full."""
    t = ((cover - s["curve_low"]) / (s["curve_high"] - s["curve_low"]).clamp_min(0.05)).clamp(0, 1)
    return torch.lerp(cover, t * t * (3 - 2 * t), s["curve"])


def luma(x: torch.Tensor) -> torch.Tensor:
    """Rec. 601 luma, [B, 1, H, W]."""
    return (x * x.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def _line_kernels(count: int, size: int = 9, length: float = 2.5) -> torch.Tensor:
    r = size // 2
    y, x = torch.meshgrid(torch.arange(-r, r + 1.0), torch.arange(-r, r + 1.0), indexing="ij")
    kernels = []
    for i in range(count):
        a = math.pi * i / count
        along, across = x * math.cos(a) + y * math.sin(a), -x * math.sin(a) + y * math.cos(a)
        k = torch.exp(-(along**2) / (2 * length**2) - across**2 / (2 * 0.5**2))
        kernels.append(k / k.sum())
    return torch.stack(kernels)[:, None]


_KERNELS = _line_kernels(8)
# Those of the kernels, in radians.
_DIRECTIONS = (torch.arange(8) * (math.pi / 8)).view(1, 8, 1, 1)


def flow_fit(g: torch.Tensor, angles: torch.Tensor = _DIRECTIONS) -> torch.Tensor:
    """How well directions (radians, [B or 1, N, 1, 1]) agree with the edges of g, by the structure tensor: [B, N, H, W] in
    -1...1."""
    gx, gy = (
        F.pad(g, (1, 1, 0, 0), mode="replicate").diff(n=1, dim=3),
        F.pad(g, (0, 0, 1, 1), mode="replicate").diff(n=1, dim=2),
    )
    gx, gy = (gx[..., 1:] + gx[..., :-1]) / 2, (gy[..., 1:, :] + gy[..., :-1, :]) / 2
    two = torch.full((g.shape[0], 1, 1, 1), 2.0, device=g.device)
    j = gaussian(torch.cat([gx * gx - gy * gy, 2 * gx * gy], 1), two, 5)
    size = j.square().sum(1, keepdim=True).sqrt() + 1e-6
    angles = angles.to(g)
    # The edge runs at right angles to the gradient, hence the minus: cos 2(a - tangent).
    return -(j[:, :1] * torch.cos(2 * angles) + j[:, 1:] * torch.sin(2 * angles)) / size


def flow_smooth(d: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    """Smooths d along the edges of g: eight oriented kernels weighted by their fit."""
    weight = torch.exp(4 * flow_fit(g))
    weight = weight / weight.sum(1, keepdim=True)
    return (F.conv2d(F.pad(d, (4,) * 4, mode="replicate"), _KERNELS.to(d)) * weight).sum(1, keepdim=True)


def lines(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Contours: flow-smoothed difference of Gaussians, relative to the local tone."""
    wide = gaussian(g, s["line_sigma"] * 1.6)
    d = (wide - gaussian(g, s["line_sigma"])) / (wide + 0.2)
    d = flow_smooth(d, g)
    return torch.tanh((d - s["line_floor"]).clamp_min(0) * 38)


def inked(g: torch.Tensor, s: Style) -> torch.Tensor:
    """XDoG (Winnemoeller 2012) with a soft threshold."""
    d = gaussian(g, s["ink_sigma"]) * 9 - gaussian(g, s["ink_sigma"] * 1.6) * 8
    return torch.sigmoid((s["ink_level"] - flow_smooth(d, g)) * s["ink_edge"])


def dodge(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Dodge and burn: the picture divided by its blur, as a pencil rubs in what is darker than its surroundings."""
    ratio = (g + 0.06) / (gaussian(g, s["dodge_sigma"]) + 0.06)
    return ((1 - ratio.clamp(0, 1)) * 1.8).clamp(0, 1)


def tone(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Smudged or washed tone; tone_levels >= 2 gives that many flat washes with soft borders."""
    t = gaussian(g, s["tone_blur"]).clamp(0.002, 1) ** s["tone_gamma"]
    n = s["tone_levels"].clamp_min(1)
    steps = t * n
    soft = torch.floor(steps) + torch.sigmoid((steps - torch.floor(steps) - 0.5) * 12)
    return 1 - torch.where(s["tone_levels"] >= 1.5, soft / n, t).clamp(0, 1)


_TILE = (
    torch.tensor(
        [
            [5, 50, 17, 33, 9, 54, 21, 37],
            [42, 26, 62, 1, 46, 30, 58, 13],
            [19, 35, 7, 52, 23, 39, 11, 56],
            [60, 3, 44, 28, 63, 15, 48, 31],
            [8, 53, 20, 36, 4, 49, 16, 32],
            [45, 29, 57, 12, 41, 25, 61, 0],
            [22, 38, 10, 55, 18, 34, 6, 51],
            [59, 14, 47, 27, 43, 2, 40, 24],
        ],
        dtype=torch.float32,
    )
    / 64
)


def stipple(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Dots of an ordered 8 x 8 tile (4-pixel or 8-pixel dots' spacing) on the pixel grid."""
    h, w = g.shape[2:]
    soft = gaussian(g, torch.full_like(s["stipple"], 1.2))

    def dots(scale: int) -> torch.Tensor:
        tile = _TILE.to(g).repeat_interleave(scale, 0).repeat_interleave(scale, 1)
        n = 8 * scale
        field = tile.repeat(-(-h // n), -(-w // n))[:h, :w]
        return torch.sigmoid((0.9 - soft - field * 0.9) * 10)

    return torch.where(s["stipple_size"] > 0.5, dots(2), dots(1))


def threads(g: torch.Tensor, s: Style) -> torch.Tensor:
    """Lines of equal tone, like the contours of a map."""
    soft = gaussian(g, torch.full_like(s["thread"], 2.5))
    wave = 0.5 - 0.5 * torch.cos(2 * math.pi * s["thread_count"] * soft)
    return torch.sigmoid((0.25 - wave + 0.2 * (0.5 - soft)) * 9)


def grained(noise: torch.Tensor, angles: torch.Tensor, s: Style) -> torch.Tensor:
    """White noise [B, 1, H, W] drawn out along each direction (radians, [B, N, 1, 1]), of deviation 1: [B, N, H, W].

    Along a direction it is blurred by stroke_long pixels. Across, it is kept as fine as pixels are, or, with a pitch, only
    what repeats every stroke_pitch pixels is kept: strokes side by side, as a hand hatches.
    """
    padded = F.pad(noise, (_REACH,) * 4, mode="reflect")
    h, w = padded.shape[2:]
    fy, fx = torch.fft.fftfreq(h).view(1, 1, h, 1).to(noise), torch.fft.rfftfreq(w).view(1, 1, 1, w // 2 + 1).to(noise)
    along, across = fx * angles.cos() + fy * angles.sin(), fy * angles.cos() - fx * angles.sin()
    pitch, ruled = s["stroke_pitch"], s["stroke_pitch"] > 0
    centre = torch.where(ruled, 1 / pitch.clamp_min(1), 0.0)
    width = torch.where(ruled, 0.75 * pitch, 0.5)
    gain = torch.exp(
        -2 * (math.pi * s["stroke_long"] * along) ** 2 - 2 * (math.pi * width * (across.abs() - centre)) ** 2
    )
    # The half of the spectrum that rfft leaves out mirrors this one.
    gain = gain / gain.square().mean((2, 3), keepdim=True).sqrt()
    field = torch.fft.irfft2(torch.fft.rfft2(padded) * gain, s=(h, w))
    return field[..., _REACH:-_REACH, _REACH:-_REACH]


def stroked(cover: torch.Tensor, g: torch.Tensor, noise: torch.Tensor, s: Style) -> torch.Tensor:
    """The coverage as strokes, hatching or grain: ink where the noise, drawn out along the strokes' direction, lies below
    it; what is dark is crossed by a second layer."""
    angles = s["stroke_turn"] + _DIRECTIONS.to(g)
    slant = torch.cos(2 * _DIRECTIONS.to(g))
    fit = torch.lerp(slant.expand(len(g), -1, *g.shape[2:]), flow_fit(g, angles), s["stroke_follow"])
    weight = torch.exp(8 * fit)
    weight = weight / weight.square().sum(1, keepdim=True).sqrt()
    field = grained(noise, angles, s)

    def layer(weight: torch.Tensor, cover: torch.Tensor) -> torch.Tensor:
        # The logistic curve of 1.7 x is nearly the normal distribution's: the field becomes even over 0...1.
        rank = torch.sigmoid(1.7 * (field * weight).sum(1, keepdim=True) / 1.15)
        return torch.sigmoid((cover * 1.1 - 0.05 - rank) * s["stroke_edge"]) * (cover * 8).clamp(0, 1)

    ink = layer(weight, cover)
    crossing = layer(weight.roll(3, 1), ((cover - 0.35) / 0.65).clamp(0, 1))
    ink = 1 - (1 - ink) * (1 - s["stroke_cross"] * crossing)
    return torch.lerp(cover, ink, s["stroke"])


def draw(
    photo: torch.Tensor, s: Style, noise: torch.Tensor | None = None, sitter: torch.Tensor | None = None
) -> torch.Tensor:
    """The drawing of photo [B, 3, H, W] in 0...1 in the styles s, in 0...1.

    noise is white, of deviation 1, [B, 1, H, W]; it places strokes and grain, and without it there are none. sitter is
    the share of the person in each pixel, [B, 1, H, W] in 0...1; without it everything is drawn, whatever s says.
    """
    g = seen(photo, s)
    # What lines leave bare, and what tones do.
    outline, shade = torch.ones_like(g), torch.ones_like(g)
    for name, operator in (
        ("line", lines),
        ("ink", inked),
        ("dodge", dodge),
        ("tone", tone),
        ("local", local_tone),
        ("stipple", stipple),
        ("thread", threads),
    ):
        used = (s[name].view(-1) > 0).nonzero().view(-1)
        if len(used):
            cover = operator(g[used], {k: v[used] for k, v in s.items()})
            layers = outline if name in ("line", "ink") else shade
            layers[used] *= 1 - s[name][used] * cover
    bare = 1 - curve(1 - outline * shade, s)
    used = (s["stroke"].view(-1) > 0).nonzero().view(-1)
    if noise is not None and len(used):
        own = {k: v[used] for k, v in s.items()}
        whole = torch.where(own["stroke_lines"] > 0.5, 1.0, outline[used])
        broken = torch.where(own["stroke_lines"] > 0.5, outline[used], 1.0) * shade[used]
        ink = stroked(curve(1 - broken, own), g[used], noise[used], own)
        bare[used] = (1 - ink) * (1 - curve(1 - whole, own))
    paper = torch.cat([s["paper_r"], s["paper_g"], s["paper_b"]], 1)
    pen = torch.cat([s["ink_r"], s["ink_g"], s["ink_b"]], 1)
    # On dark paper the pen is light: it draws the lights, so the coverage of tone is turned round.
    light_pen = (luma(pen) > luma(paper)).to(g)
    soft = gaussian(g, torch.full_like(s["chalk"], 1.2))
    colour = (photo - g) * s["keep_colour"]
    cover = (1 - bare) * (1 - light_pen) + light_pen * (
        (soft * 1.2 - 0.15).clamp(0, 1) * 0.75 + 0.35 * (1 - bare)
    ).clamp(0, 1)
    out = paper * (1 - cover) + pen * cover + colour
    lights = s["chalk"] * ((soft - 0.6) / 0.3).clamp(0, 1) * bare
    out = out + (1 - out) * lights * (1 - light_pen)
    if sitter is not None:
        out = torch.lerp(out, paper, s["bare"] * (1 - outlined(sitter)))
    return torch.lerp(out, plain(photo, luma(photo), s), s["plain"]).clamp(0, 1)


def outlined(sitter: torch.Tensor) -> torch.Tensor:
    """The sitter with the line around: a clear border, one pixel further out."""
    return F.max_pool2d(((sitter - 0.25) / 0.3).clamp(0, 1), 3, 1, 1)


def plain(photo: torch.Tensor, g: torch.Tensor, s: Style) -> torch.Tensor:
    """Gray, blurred, inverted or unchanged."""
    y = g + (photo - g) * s["plain_colour"]
    y = gaussian(y, s["plain_blur"])
    return y + (1 - 2 * y) * s["plain_invert"]
