"""What the shipped model is made of and by, as one digest; ``python -m tests.classifiers.training_inputs`` notes it.

To train again takes minutes. Where nothing of this has changed since training was last seen to give the shipped bytes,
it gives them still: ``make test-training`` shows that and notes the digest, and the quick tests hold it against the
files.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTED = Path(__file__).parent / "training_inputs.sha256"
PARTS = (
    "classifiers",
    "keywords",
    "adwatch/text",
    "adwatch/models.py",
    "adwatch/tables/__init__.py",
    "adwatch/tables/families.csv",
)
KINDS = (".c", ".csv", ".json", ".jsonl", ".npz", ".py", ".txt", ".yaml", ".yml")
LIBRARIES = re.compile(r"^(?:numpy|scikit-learn|scipy)==\S+", re.MULTILINE)


def digest() -> str:
    """SHA-256 over the files, by their names, and the locked versions of what computes."""
    found = [ROOT / each for each in PARTS]
    files = [file for each in found for file in ([each] if each.is_file() else sorted(each.rglob("*")))]
    total = hashlib.sha256(" ".join(LIBRARIES.findall((ROOT / "constraints.txt").read_text())).encode())
    for file in files:
        if file.suffix in KINDS and file.is_file():
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{file.relative_to(ROOT).as_posix()} {content}\n".encode())
    return total.hexdigest()


if __name__ == "__main__":
    NOTED.write_text(digest() + "\n")
    sys.stdout.write(f"{NOTED.name}: {digest()}\n")
