"""Whether a picture is a copy of another that was scaled or compressed anew: hashes propose, pixels decide.

Posters made from one template have like hashes; what differs between them is a line of small letters, or a code. Only
where no small block differs visibly is the reading of one taken for the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwatch.pictures.opened import opencv

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SIDE = 640
"""Pixels of the longer side at which pictures are compared."""
BLOCK = 8
DIFFERENT = 24.0
"""Mean difference of brightness (0..255) in a block from which it shows something else: strong compression of letters
stays below, a letter in the place of another does not."""
SHAPE = 0.02
"""Relative difference of the shapes up to which one may be the other, scaled."""


def is_copy(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> bool:
    """Whether two pictures (height × width × 3, RGB) show the same."""
    import numpy as np

    (high, wide), (tall, broad) = one.shape[:2], other.shape[:2]
    if abs(wide * tall / (high * broad) - 1) > SHAPE:
        return False
    factor = min(1.0, SIDE / max(high, wide), SIDE / max(tall, broad))
    smaller = one if wide <= broad else other
    size = (max(BLOCK, round(smaller.shape[1] * factor)), max(BLOCK, round(smaller.shape[0] * factor)))
    cv2 = opencv()
    first, second = (
        cv2.cvtColor(cv2.resize(each, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(np.float32)
        for each in (one, other)
    )
    blocks = (max(1, size[0] // BLOCK), max(1, size[1] // BLOCK))
    difference = cv2.resize(np.abs(first - second), blocks, interpolation=cv2.INTER_AREA)
    return bool(difference.max() < DIFFERENT)
