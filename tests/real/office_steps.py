"""Steps of a person at LibreOffice, one JSON a line; run by a Python that has its bridge (``uno``), not by pytest.

``python3 office_steps.py PORT``: soffice listens there. A line is [what to do, words it needs ...], the answer what came of it. Cells
are typed into by keys, so that protection and lists of answers hold as they do for a person.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uno
from com.sun.star.accessibility import AccessibleRole
from com.sun.star.awt import KeyEvent
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

DOWN, UP, RETURN, ALT = 1024, 1025, 1280, 4


def named(name: str, value: Any) -> Any:
    """An option."""
    found = PropertyValue()
    found.Name, found.Value = name, value
    return found


class Desk:
    """One running program and the document that is open in it."""

    def __init__(self, port: str) -> None:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        address = f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext"
        for _ in range(300):
            try:
                context = resolver.resolve(address)
                break
            except NoConnectException:
                time.sleep(0.2)
        self.make = lambda name: context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", context)
        self.desktop, self.dispatcher = self.make("frame.Desktop"), self.make("frame.DispatchHelper")
        self.toolkit = self.make("awt.Toolkit")

    def open(self, file: str, *options: list[str]) -> str:
        """Open a document; what kind it is."""
        given = tuple(named(name, value) for name, value in options)
        self.document = self.desktop.loadComponentFromURL(Path(file).as_uri(), "_blank", 0, given)
        self.frame = self.document.CurrentController.Frame
        return "sheet" if hasattr(self.document, "Sheets") else "text"

    def close(self) -> None:
        """Close it without saving."""
        self.document.close(True)

    def quit(self) -> None:
        """End the program."""
        self.desktop.terminate()

    def save(self, file: str, kind: str, options: str = "") -> None:
        """Save under a name in a format (a filter of the program)."""
        self.document.storeToURL(Path(file).as_uri(), (named("FilterName", kind), named("FilterOptions", options)))

    def _cell(self, place: str, sheet: int = 0) -> Any:
        return self.document.Sheets.getByIndex(sheet).getCellRangeByName(place)

    def read(self, place: str) -> list[Any]:
        """[what is shown, whether it is a formula, whether it is locked, the closed list, whether it stops other words]."""
        cell = self._cell(place)
        rule = cell.Validation
        closed = rule.getFormula1() if rule.Type.value == "LIST" and rule.ShowList else ""
        stops = rule.ShowErrorMessage and rule.ErrorAlertStyle.value == "STOP"
        locked = cell.Spreadsheet.isProtected() and cell.CellProtection.IsLocked
        return [cell.String, cell.Type.value == "FORMULA", locked, closed, bool(closed) and stops]

    def links(self) -> int:
        """How many links cells hold."""
        sheet = self.document.Sheets.getByIndex(0)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        rows, columns = range(cursor.RangeAddress.EndRow + 1), range(cursor.RangeAddress.EndColumn + 1)
        return sum(sheet.getCellByPosition(at, line).TextFields.Count for line in rows for at in columns)

    def type(self, place: str, text: str) -> str:
        """Go to a cell, type, press Enter; what the cell shows then."""
        self._go(place)
        for letter in text:
            self._key(letter=letter)
        self._key(RETURN)
        self._settle()
        return str(self._cell(place).String)

    def told(self) -> str:
        """What a box of the program says; without a screen it stands there unseen and stops nobody."""
        for at in range(self.toolkit.getTopWindowCount()):
            about = self.toolkit.getTopWindow(at).getAccessibleContext()
            if about is not None and about.getAccessibleRole() == AccessibleRole.ALERT:
                return " ".join(name for name in names(about) if name)
        return ""

    def pick(self, place: str, number: int) -> str:
        """Open the list of an empty cell (Alt+Down), go to its n-th answer, press Enter; what the cell shows then."""
        self._go(place)
        self._key(DOWN, modifiers=ALT)
        self._settle()
        for key in [DOWN] * (number - 1) or [DOWN, UP]:  # the first is taken once it was gone to
            self._key(key)
        self._key(RETURN)
        self._settle()
        return str(self._cell(place).String)

    def paste(self, place: str, text: str) -> str:
        """Put a text or a formula there past the list, as by pasting; what the cell shows then."""
        cell = self._cell(place)
        if cell.CellProtection.IsLocked and cell.Spreadsheet.isProtected():
            return "locked"
        cell.Formula = text
        return str(cell.String)  # of a formula its value

    def unprotect(self) -> bool:
        """As a person who knows the menu does; whether it is still protected."""
        sheet = self.document.Sheets.getByIndex(0)
        sheet.unprotect("")
        return bool(sheet.isProtected())

    def merge(self, places: str) -> None:
        """Merge cells."""
        self._cell(places).merge(True)

    def pages(self) -> int:
        """Pages of a text."""
        return int(self.document.CurrentController.PageCount)

    def _go(self, place: str) -> None:
        self.dispatcher.executeDispatch(self.frame, ".uno:GoToCell", "", 0, (named("ToPoint", place),))

    def _key(self, code: int = 0, letter: str = "\0", modifiers: int = 0) -> None:
        event = KeyEvent()
        event.Source = self.frame.ComponentWindow
        event.KeyCode, event.KeyChar, event.Modifiers = code, uno.Char(letter), modifiers
        self.toolkit.keyPress(event)
        self.toolkit.keyRelease(event)

    def _settle(self) -> None:
        """Until the keys were worked off."""
        self.toolkit.processEventsToIdle()


def names(about: Any) -> Iterator[str]:
    """Names of a window and of all that it has."""
    yield about.getAccessibleName()
    for at in range(about.getAccessibleChildCount()):
        yield from names(about.getAccessibleChild(at).getAccessibleContext())


if __name__ == "__main__":
    desk = Desk(sys.argv[1])
    for line in sys.stdin:
        what, *about = json.loads(line)
        sys.stdout.write(json.dumps(getattr(desk, what)(*about)) + "\n")
        sys.stdout.flush()
