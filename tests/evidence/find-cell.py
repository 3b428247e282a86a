#!/usr/bin/env python3
"""Prints sheet and cell of an answer in a workbook of dpia365: find-cell.py FILE KEY SCOPE [HEADING]

KEY is a fact, a key of the cover, or a measure; SCOPE what stands beside it in the hidden columns; HEADING the column to be
filled in, by default the one that the hidden columns name."""
import re
import sys
import zipfile
from xml.etree import ElementTree

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheets(path):
    with zipfile.ZipFile(path) as book:
        strings = []
        if "xl/sharedStrings.xml" in book.namelist():
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", NS):
                strings.append("".join(t.text or "" for t in item.iter("{%s}t" % NS["m"])))
        rels = {r.get("Id"): r.get("Target") for r in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))}
        for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).find("m:sheets", NS):
            target = rels[sheet.get(REL)].lstrip("/")
            root = ElementTree.fromstring(book.read(target if target.startswith("xl/") else "xl/" + target))
            rows = []
            for row in root.iter("{%s}row" % NS["m"]):
                cells = {}
                for cell in row.findall("m:c", NS):
                    value = cell.find("m:v", NS)
                    text = value.text if value is not None else "".join(t.text or "" for t in cell.iter("{%s}t" % NS["m"]))
                    cells[re.match("[A-Z]+", cell.get("r")).group()] = strings[int(text)] if cell.get("t") == "s" and text else text or ""
                rows.append((int(row.get("r")), cells))
            yield sheet.get("name"), rows


def main(path, key, scope="", heading=""):
    for name, rows in sheets(path):
        head = next((c for _, c in rows if any(v.startswith("dpia365-") for v in c.values())), None)
        if head is None:
            continue
        columns = {text: letter for letter, text in head.items()}
        keys = [columns[k] for k in ("dpia365-fact", "dpia365-key", "dpia365-measure") if k in columns]
        for number, cells in rows:
            if not any(cells.get(k) == key for k in keys):
                continue
            of = columns.get("dpia365-scope") or columns.get("dpia365-of")
            if of and cells.get(of, "") != scope:
                continue
            wanted = heading or cells.get(columns.get("dpia365-answer", ""), "")
            print(f"{name}\t{columns[wanted]}{number}")
            return 0
    print(f"{key} is not in {path}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
