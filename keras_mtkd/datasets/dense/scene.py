"""Indoor scenes of boxes and balls in a room, rendered by casting one ray a pixel."""

from dataclasses import dataclass, field

import numpy as np

from keras_mtkd.datasets.dense.camera import rays

FLOOR, CEILING, WALL, BOX, BALL = range(5)
CLASSES = ("floor", "ceiling", "wall", "box", "ball")
_FAR = np.inf
_AMBIENT = 0.35
# Focal length over picture width: a view of about 70 degrees.
FOCAL = 0.72


@dataclass(frozen=True)
class View:
    """What a camera sees, pixel by pixel; lengths in metres.

    Args:
        image: Colours `(height, width, 3)` in [0, 1].
        semantic: Classes `(height, width)`, see `CLASSES`.
        depth: `(height, width, 1)`.
        normal: Unit normals in camera coordinates `(height, width, 3)`, towards the camera.
    """

    image: np.ndarray
    semantic: np.ndarray
    depth: np.ndarray
    normal: np.ndarray


@dataclass
class Hits:
    """The nearest surfaces so far along all rays, in the room's coordinates."""

    origin: np.ndarray
    directions: np.ndarray
    distance: np.ndarray = field(init=False)
    normal: np.ndarray = field(init=False)
    semantic: np.ndarray = field(init=False)
    color: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        shape = self.directions.shape[:-1]
        self.distance = np.full(shape, _FAR)
        self.normal = np.zeros((*shape, 3))
        self.semantic = np.zeros(shape, "int32")
        self.color = np.zeros((*shape, 3))

    def add(
        self,
        distance: np.ndarray,
        normal: np.ndarray,
        semantic: int | np.ndarray,
        color: np.ndarray,
    ) -> None:
        """Keep a surface where it is in front of the camera and of all others."""
        nearer = (distance > 1e-6) & (distance < self.distance)
        for name, values in (
            ("distance", distance),
            ("normal", normal),
            ("semantic", semantic),
            ("color", color),
        ):
            old = getattr(self, name)
            mask = nearer if old.ndim == 2 else nearer[..., None]
            setattr(self, name, np.where(mask, values, old))

    def points(self) -> np.ndarray:
        """Where the rays end, `(height, width, 3)`."""
        return self.origin + self.directions * self.distance[..., None]


def render(generator: np.random.Generator, height: int, width: int) -> View:
    """A random room with up to four boxes and three balls, seen by a random camera.

    Args:
        generator: Source of all chance.
        height: Rows of the picture.
        width: Columns of the picture.
    """
    half = np.array([generator.uniform(2.0, 4.0), 1.3, generator.uniform(2.5, 5.0)])
    origin, turn = _camera(generator, half)
    hits = Hits(origin, rays(height, width, FOCAL * width) @ turn.T)
    _room(generator, hits, half)
    for _ in range(generator.integers(1, 5)):
        _box(generator, hits, half)
    for _ in range(generator.integers(0, 4)):
        _ball(generator, hits, half)
    facing = (hits.normal * hits.directions).sum(-1, keepdims=True) > 0
    normal = np.where(facing, -hits.normal, hits.normal)
    light = half * np.array([generator.uniform(-0.6, 0.6), -0.85, generator.uniform(-0.6, 0.6)])
    return View(
        image=_shade(hits, normal, light).astype("float32"),
        semantic=hits.semantic.astype("int32"),
        depth=hits.distance[..., None].astype("float32"),
        normal=(normal @ turn).astype("float32"),
    )


def _camera(generator: np.random.Generator, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position, and the rotation from camera to room (y points down in both)."""
    origin = half * np.array([generator.uniform(-0.6, 0.6), 0.0, generator.uniform(-0.9, -0.5)])
    origin[1] = generator.uniform(-0.5, 0.2)
    yaw, pitch = generator.uniform(-0.6, 0.6), generator.uniform(-0.1, 0.35)
    around = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    down = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    return origin, around @ down


def _room(generator: np.random.Generator, hits: Hits, half: np.ndarray) -> None:
    """Six planes around the camera; the floor is tiled."""
    for axis in range(3):
        for side in (-1.0, 1.0):
            with np.errstate(divide="ignore", invalid="ignore"):
                distance = (side * half[axis] - hits.origin[axis]) / hits.directions[..., axis]
            normal = np.zeros(3)
            normal[axis] = -side
            semantic = WALL if axis != 1 else FLOOR if side > 0 else CEILING
            color = generator.uniform(0.35, 0.95, size=3)
            if semantic == FLOOR:
                ends = (
                    hits.origin + hits.directions * np.where(distance > 0, distance, 0)[..., None]
                )
                tiles = np.floor(ends[..., 0] * 2) + np.floor(ends[..., 2] * 2)
                color = color * np.where(tiles % 2, 0.7, 1.0)[..., None]
            # A ray that leaves the room elsewhere meets this plane behind another one.
            hits.add(np.where(distance > 0, distance, _FAR), normal, semantic, color)


def _box(generator: np.random.Generator, hits: Hits, half: np.ndarray) -> None:
    """A box on the floor, turned about the vertical."""
    size = generator.uniform([0.2, 0.15, 0.2], [0.8, 0.7, 0.8])
    center = half * np.array([generator.uniform(-0.8, 0.8), 1.0, generator.uniform(-0.2, 0.9)])
    center[1] -= size[1]
    angle = generator.uniform(0, np.pi)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    origin, directions = (hits.origin - center) @ turn, hits.directions @ turn
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (-size - origin) / directions, (size - origin) / directions
    entries, exits = np.minimum(one, other), np.maximum(one, other)
    axis = entries.argmax(axis=-1)
    distance = entries.max(axis=-1)
    distance = np.where((distance <= exits.min(axis=-1)) & (distance > 0), distance, _FAR)
    normal = np.eye(3)[axis] * -np.sign(np.take_along_axis(directions, axis[..., None], -1))
    hits.add(distance, normal @ turn.T, BOX, generator.uniform(0.1, 0.95, size=3))


def _ball(generator: np.random.Generator, hits: Hits, half: np.ndarray) -> None:
    """A ball on the floor or in the air."""
    radius = generator.uniform(0.15, 0.5)
    center = half * np.array([generator.uniform(-0.8, 0.8), 1.0, generator.uniform(-0.2, 0.9)])
    center[1] -= radius + generator.choice([0.0, generator.uniform(0.0, 1.0)])
    towards = hits.origin - center
    a = (hits.directions**2).sum(-1)
    b = (hits.directions * towards).sum(-1)
    root = b**2 - a * ((towards**2).sum() - radius**2)
    distance = np.where(root > 0, (-b - np.sqrt(np.maximum(root, 0.0))) / a, _FAR)
    distance = np.where(distance > 0, distance, _FAR)
    ends = towards + hits.directions * np.where(np.isfinite(distance), distance, 0.0)[..., None]
    hits.add(distance, ends / radius, BALL, generator.uniform(0.1, 0.95, size=3))


def _shade(hits: Hits, normal: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Matt surfaces under one lamp, whose light falls off with the distance."""
    towards = light - hits.points()
    distance = np.linalg.norm(towards, axis=-1, keepdims=True)
    slope = np.maximum((normal * towards).sum(-1, keepdims=True) / distance, 0.0)
    bright = _AMBIENT + (1.0 - _AMBIENT) * slope * 2.0 / (1.0 + 0.25 * distance**2)
    return np.clip(hits.color * bright, 0.0, 1.0)
