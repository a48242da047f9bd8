"""A workbook of two sheets with shared texts, prefixes and formats, as no library writes it."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TEXTS = [
    "system", "id", "name", "mail", "phone", "since", "note", "crm", "C1", "Müller",
    "Kim@example.org", "0170 1234567", "C2", "Other", "other@example.org", "calls &lt;often&gt;",
]  # fmt: skip
"""Shared texts of the workbook: C1 and crm are used by both customers' rows, or the other sheet."""


def cell(at: str, text: str) -> str:
    """A cell of a shared text."""
    return f'<x:c r="{at}" s="1" t="s"><x:v>{TEXTS.index(text)}</x:v></x:c>'


SHEET = (
    f'<x:worksheet xmlns:x="{MAIN}" xmlns:odd="urn:odd" odd:kept="yes"><x:sheetData><x:row r="1">'
    + "".join(cell(f"{'ABCDEFG'[place]}1", text) for place, text in enumerate(TEXTS[:7]))
    + '</x:row><x:row r="2">'
    + cell("A2", "crm") + cell("B2", "C1") + cell("C2", "Müller") + cell("D2", "Kim@example.org")
    + cell("E2", "0170 1234567") + '<x:c r="F2" s="2"><x:v>45658</x:v></x:c>'
    + cell("G2", "calls &lt;often&gt;") + '</x:row><x:row r="3">'
    + cell("A3", "crm") + cell("B3", "C2") + cell("C3", "Other") + cell("D3", "other@example.org")
    + "</x:row></x:sheetData></x:worksheet>"
)  # fmt: skip
OTHER_SHEET = (
    f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="s"><v>8</v></c><c t="inlineStr"><is>'
    "<t>kim@example.org</t></is></c><c><v>7.5</v></c></row></sheetData></worksheet>"
)


def write_workbook(
    path: Path,
    sheet: str = SHEET,
    *,
    texts: Sequence[str] = TEXTS,
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write a workbook of the sheet Customers and of another one before it.

    Args:
        path: Where.
        sheet: The part that holds the sheet.
        texts: The shared texts.
        more: Further parts, or other ones of these names.
    """
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/xl/calcChain.xml" ContentType="chain"/></Types>'
        ),
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
        f'Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
        '<sheet name="Customers" sheetId="1" r:id="r2"/><sheet name="Notes" sheetId="2" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="r1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{RELATION}/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
        f'<Relationship Id="r3" Type="{RELATION}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="r4" Type="{RELATION}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r5" Type="{RELATION}/calcChain" Target="calcChain.xml"/>'
        "</Relationships>",
        "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="D2" i="1"/></calcChain>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/>'
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si><t>{text}</t></si>" for text in texts)
        + "</sst>",
        "xl/worksheets/sheet1.xml": OTHER_SHEET,
        "xl/worksheets/sheet2.xml": sheet,
        **more,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
