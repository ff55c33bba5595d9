"""Where WARC files are read from: the local folder, and for files that left it the object store that has them."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from adwatch.archive.object_store import ObjectStore
from adwatch.archive.receipts import ENDING, Receipt, read_receipt
from adwatch.errors import ArchiveError

RECORD = 1 << 18
"""Bytes asked of the object store at once where one record is read."""

WHOLE = 1 << 23
"""Bytes asked of the object store at once where a file is read from end to end."""


class Shelf:
    """The WARC files of a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def close(self) -> None:
        """Nothing is open between calls."""

    def names(self, day: str | None = None) -> list[str]:
        """WARC files of the archive or of a day, relative to the root, oldest first."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(f"{day or '*'}/*.warc.gz"))

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self.inside(name).stat().st_size

    def open(self, name: str, buffer: int = RECORD) -> BinaryIO:
        """A file to read and seek in; an ArchiveError where it cannot be opened."""
        try:
            return self.inside(name).open("rb")
        except FileNotFoundError as error:
            return self.elsewhere(name, buffer, error)
        except OSError as error:
            raise ArchiveError(f"{name}: cannot be read: {error.strerror or error}") from error

    def elsewhere(self, name: str, buffer: int, error: OSError) -> BinaryIO:
        """A file that is not in the folder."""
        del buffer
        raise ArchiveError(f"{name}: cannot be read: {error.strerror}") from error

    def inside(self, name: str) -> Path:
        """Path of a file in the folder; names come from captures and may not lead out of it."""
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ArchiveError(f"{name}: lies outside the archive")
        return path


class StoredShelf(Shelf):
    """A folder whose whole files are also in an object store; a receipt beside a file says so, and stays without it.

    Listing needs no network: what another installation put there is not seen until it is adopted.
    """

    def __init__(self, root: Path, store: ObjectStore) -> None:
        super().__init__(root)
        self.store = store

    def close(self) -> None:
        """Close the connections to the object store."""
        self.store.close()

    def names(self, day: str | None = None) -> list[str]:
        """Files that are here or in the object store."""
        return sorted({*super().names(day), *self.receipts(day)})

    def receipts(self, day: str | None = None) -> list[str]:
        """Files that the object store was proven to have."""
        found = self.root.glob(f"{day or '*'}/*.warc.gz{ENDING}")
        return sorted(path.relative_to(self.root).as_posix().removesuffix(ENDING) for path in found)

    def receipt(self, name: str) -> Receipt | None:
        """What was proven of a file in the object store."""
        return read_receipt(self.inside(name))

    def waiting(self) -> list[str]:
        """Files that are here only, oldest first; those that are still being written included."""
        there = set(self.receipts())
        return [name for name in super().names() if name not in there]

    def size(self, name: str) -> int:
        """Bytes of a file, wherever it is."""
        try:
            return super().size(name)
        except FileNotFoundError:
            receipt = self.receipt(name)
            if receipt is None:
                raise
            return receipt.size

    def elsewhere(self, name: str, buffer: int, error: OSError) -> BinaryIO:
        """A file out of the object store, read piece by piece."""
        receipt = self.receipt(name)
        if receipt is None:
            hint = "neither here nor known to be in the object store; adwatch archive sync --adopt looks there"
            raise ArchiveError(f"{name}: cannot be read: {hint}") from error
        return self.store.open(name, receipt.size, buffer)


Root = Path | Shelf
"""A folder of WARC files, or one with an object store behind it."""


def shelf_of(root: Root) -> Shelf:
    """The shelf of a folder."""
    return root if isinstance(root, Shelf) else Shelf(root)
