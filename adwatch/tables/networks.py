"""Who hosts an address, by network (networks.csv): a few shipped ones, to be replaced by the office's whole table.

What no row holds is unknown: nothing is guessed of it, neither that it is on the mainland nor that it is not.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

FILE = "networks.csv"
COLUMNS = ["network", "country", "holder", "note"]
MAINLAND = "CN"
NESTED = 2000
"""Rows before an address that are looked at for a wider network round it."""


@dataclass(frozen=True, slots=True)
class Network:
    """One row."""

    first: int
    last: int
    country: str
    """Two letters (ISO 3166-1); CN is the mainland."""
    holder: str
    """Access provider or hoster."""


class Networks:
    """The table; of networks inside one another the narrowest holds."""

    def __init__(self, data: Path | None = None) -> None:
        self._of: dict[int, list[Network]] = {4: [], 6: []}
        file = table_file(FILE, data)
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if reader.fieldnames != COLUMNS:
                raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
            for row in reader:
                try:
                    net = ip_network(row["network"].strip())
                except ValueError as error:
                    raise SpecError(str(file), reader.line_num, "network", f"{row['network']!r}: {error}") from error
                if None in row.values() or len(row["country"]) != 2:
                    raise SpecError(str(file), reader.line_num, "country", "write the two letters of the country")
                first, last = int(net.network_address), int(net.broadcast_address)
                self._of[net.version].append(Network(first, last, row["country"].upper(), row["holder"]))
        for rows in self._of.values():
            rows.sort(key=lambda each: (each.first, -each.last))
        self._starts = {version: [each.first for each in rows] for version, rows in self._of.items()}

    def holder(self, address: str | None) -> Network | None:
        """The row that an IP address falls into; None where it is unknown or no address."""
        try:
            found = ip_address((address or "").strip("[]").partition("%")[0])
        except ValueError:
            return None
        number, rows = int(found), self._of[found.version]
        at = bisect_right(self._starts[found.version], number)
        for row in reversed(rows[max(0, at - NESTED) : at]):
            if row.last >= number:
                return row
        return None
