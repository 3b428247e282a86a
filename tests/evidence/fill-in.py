#!/usr/bin/python3
"""Fills in cells of a spreadsheet with LibreOffice and saves it.

    fill-in.py IN OUT [--set SHEET KEY HEADING VALUE]... [--cell SHEET ADDRESS VALUE]... [--keep]

IN and OUT are .xlsx or .ods and may be the same file.

--set   the cell below HEADING in the row where some cell says KEY; with an empty HEADING
        the cell at the right of KEY. Both must be the whole text of a cell, found once.
--cell  the cell at ADDRESS, as in C4.
--keep  write OUT even though a cell was refused; the others are filled in.

As for a person at the screen, a cell that is locked, or whose rule does not allow VALUE, is
refused: exit code 1, and OUT is not written. Cells for dates take yyyy-mm-dd, an empty VALUE
empties a cell. The same call again gives the same contents.

Needs LibreOffice Calc and its Python (Debian: libreoffice-calc python3-uno); runs
with the Python these belong to, without a screen and apart from the user's own LibreOffice.
"""
import argparse
import contextlib
import datetime
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.uno import RuntimeException

FILTERS = {".xlsx": "Calc MS Excel 2007 XML", ".ods": "calc8"}
START_SECONDS = 90


class Refused(Exception):
    """What cannot be done, said to the user."""


@contextlib.contextmanager
def libreoffice(folder):
    """The desktop of a LibreOffice of our own, ended afterwards."""
    pipe = f"fill-in-{os.getpid()}"
    profile = (folder / "profile").as_uri()
    command = ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile}", f"--accept=pipe,name={pipe};urp;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        for _ in range(START_SECONDS * 5):
            try:
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except NoConnectException:
                time.sleep(0.2)
        else:
            raise Refused("LibreOffice does not start")
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        yield desktop
        with contextlib.suppress(Exception):  # it hangs up while it answers
            desktop.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
    finally:
        with contextlib.suppress(ProcessLookupError):  # what is left of the group that we started
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def properties(**values):
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def used(sheet):
    """The texts of a sheet, row by row, from A1 to the last cell in use."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.getRangeAddress()
    return sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow).getDataArray()


def place(rows, key, heading):
    """Column and row of the cell that a key and a heading name."""

    def once(what, found):
        if len(found) != 1:
            raise Refused(f'"{what}" is the text of {len(found)} cells, not of one')
        return found[0]

    def cells(what, first):
        return [(x, y) for y, row in enumerate(rows) for x, text in enumerate(row) if y >= first and str(text) == what]

    if not heading:
        x, y = once(key, cells(key, 0))
        return x + 1, y
    x, head = once(heading, cells(heading, 0))
    # A key and an answer may read the same: what is in the column to be filled in is no key.
    return x, once(key, [cell for cell in cells(key, head + 1) if cell[0] != x])[1]


def at(sheet, address):
    try:
        return sheet.getCellRangeByName(address).getCellByPosition(0, 0)
    except RuntimeException:
        raise Refused("there is no such cell") from None


def choices(document, rule):
    """The texts of a drop-down list: written into the rule, or a range of cells."""
    source = rule.getFormula1()
    if source.startswith('"'):
        return [item.strip('"') for item in source.split('";"')]
    name, _, cells = source.rpartition(".")
    sheet = document.Sheets.getByName(name.lstrip("$").removeprefix("'").removesuffix("'").replace("''", "'"))
    return [str(row[0]) for row in sheet.getCellRangeByName(cells.replace("$", "")).getDataArray()]


def fill(document, sheet, cell, value):
    if sheet.isProtected() and cell.CellProtection.IsLocked:
        raise Refused("the cell is locked")
    if not value:
        cell.setString("")
        return
    rule = cell.Validation
    strict, kind = rule.ShowErrorMessage, rule.Type.value
    if kind == "DATE":
        days = (datetime.date.fromisoformat(value) - datetime.date(1899, 12, 30)).days
        if strict and days < float(rule.getFormula1()):
            raise Refused("the date is too early")
        cell.setValue(days)
    elif kind == "WHOLE":
        number = int(value)
        if strict and not int(rule.getFormula1()) <= number <= int(rule.getFormula2()):
            raise Refused(f"not from {rule.getFormula1()} to {rule.getFormula2()}")
        cell.setValue(number)
    else:
        if kind == "LIST" and strict and value not in choices(document, rule):
            raise Refused("the list has only: " + " | ".join(choices(document, rule)))
        cell.setString(value)
        if cell.getString() != value:
            raise Refused("the cell did not take it")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.strip())
    parser.add_argument("source", type=pathlib.Path, metavar="IN")
    parser.add_argument("target", type=pathlib.Path, metavar="OUT")
    parser.add_argument("--set", nargs=4, action="append", default=[], metavar=("SHEET", "KEY", "HEADING", "VALUE"))
    parser.add_argument("--cell", nargs=3, action="append", default=[], metavar=("SHEET", "ADDRESS", "VALUE"))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if not options.source.is_file():
        parser.error(f"there is no file {options.source}")
    if options.target.suffix not in FILTERS:
        parser.error("OUT must end in .xlsx or .ods")

    refused = 0
    with tempfile.TemporaryDirectory() as folder, libreoffice(pathlib.Path(folder)) as desktop:
        # A copy: no lock file is left beside the original, and none that is there stops us.
        copy = pathlib.Path(folder) / f"opened{options.source.suffix}"
        shutil.copyfile(options.source, copy)
        # Shown on the screen that is not there; a hidden document would be saved without its frozen panes.
        document = desktop.loadComponentFromURL(copy.as_uri(), "_blank", 0, ())
        if document is None or not hasattr(document, "Sheets"):
            raise Refused(f"{options.source} cannot be opened as a spreadsheet")
        tables = {}  # the texts before anything is filled in, so that an answer is never taken for a key
        for name, *where, value in options.set + options.cell:
            try:
                if not document.Sheets.hasByName(name):
                    raise Refused("there is no such sheet")
                sheet = document.Sheets.getByName(name)
                if len(where) == 2:
                    if name not in tables:
                        tables[name] = used(sheet)
                    cell = sheet.getCellByPosition(*place(tables[name], *where))
                else:
                    cell = at(sheet, where[0])
                fill(document, sheet, cell, value)
            except (Refused, ValueError) as error:
                refused += 1
                print(f"{name} / {' / '.join(where)} = {value!r}: {error}", file=sys.stderr)
        if options.keep or not refused:
            saved = pathlib.Path(folder) / f"saved{options.target.suffix}"
            document.storeToURL(saved.as_uri(), properties(FilterName=FILTERS[options.target.suffix]))
            shutil.copyfile(saved, options.target)
        document.close(True)
    return 1 if refused else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused as error:
        sys.exit(str(error))
