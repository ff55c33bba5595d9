"""What Python raises where a ZIP file is damaged, the same for every format that is one."""

from __future__ import annotations

import zipfile
import zlib

READING = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error)
"""By its parts."""
OPENING = (*READING, ValueError)
"""By its list of parts."""
