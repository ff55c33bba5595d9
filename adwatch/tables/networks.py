"""Who hosts an address, by network (networks.csv): none is shipped, since whose a network is must come from a source.

The office puts its own table in place (docs/fake-sites.md says how, ``adwatch sites networks`` checks it). What no row
holds is unknown: nothing is guessed of it, neither that it is on the mainland nor that it is not.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

FILE = "networks.csv"
COLUMNS = ["network", "country", "holder", "note"]
MAINLAND = "CN"
SAMPLE = "[M]"
"""In the note of a row that nobody has checked."""
HOW_TO_ADD = "接入商未知：networks.csv 里没有这个地址；向通信管理部门要到网段后写入（adwatch sites networks 核对）"
"""What an office is told where no row has an address."""
NESTED = 2000
"""Rows before an address that are looked at for a wider network round it."""


@dataclass(frozen=True, slots=True)
class Network:
    """One row."""

    version: int
    """4 or 6."""
    first: int
    last: int
    country: str
    """Two letters (ISO 3166-1); CN is the mainland."""
    holder: str
    """Access provider or hoster."""


def read_networks(file: Path) -> tuple[list[Network], int, list[SpecError]]:
    """(networks, how many are samples to be replaced, what is wrong by line); nothing but the columns ends it."""
    found: dict[IPv4Network | IPv6Network, int] = {}
    rows: list[Network] = []
    samples, wrong = 0, []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            return [], 0, [SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")]
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                wrong.append(SpecError(str(file), line, "", f"write {len(COLUMNS)} values, a comma between them"))
                continue
            try:
                net = ip_network(row["network"].strip())
            except ValueError as error:
                wrong.append(SpecError(str(file), line, "network", f"{row['network'][:60]!r}: {error}"))
                continue
            country = row["country"].strip().upper()
            if not (len(country) == 2 and country.isascii() and country.isalpha()):
                wrong.append(SpecError(str(file), line, "country", "write the two letters of the country, such as CN"))
            elif not row["holder"].strip():
                wrong.append(SpecError(str(file), line, "holder", "is empty; leave out what is unknown"))
            elif net in found:
                wrong.append(SpecError(str(file), line, "network", f"{net} stands in line {found[net]} already"))
            else:
                found[net] = line
                samples += SAMPLE in row["note"]
                first, last = int(net.network_address), int(net.broadcast_address)
                rows.append(Network(net.version, first, last, country, row["holder"].strip()))
    return rows, samples, wrong


class Networks:
    """The table; of networks inside one another the narrowest holds."""

    def __init__(self, data: Path | None = None, file: Path | None = None) -> None:
        self._of: dict[int, list[Network]] = {4: [], 6: []}
        self.file = file or table_file(FILE, data)
        found, self.samples, wrong = read_networks(self.file)
        if wrong:
            raise wrong[0]
        for each in found:
            self._of[each.version].append(each)
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
