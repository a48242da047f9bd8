"""Good files of every format, damage to them, and what damaged ones say to an independent reader.

The readers are Python's csv, json, zipfile and ElementTree and pyarrow: nothing of the loader's.
"""

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pyarrow
import pyarrow.parquet
from sample_files import write_workbook

HEADER = ["store", "till", "receipt", "line", "item", "qty", "amount", "card"]
ITEMS = ["A", "B", "C,D", 'E "F"', "G\nH", "Ü", "7", "0008"]
GOOD = [
    ["S1", "1", str(number), "1", item, f"{number}.5", f"{number * 3}.25", f"C{number}"]
    for number, item in enumerate(ITEMS, start=1)
]


class UnreadableError(Exception):
    """The independent reader cannot say what stands in a file."""


Table = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A way to write a table, and to read it again without the loader.

    Attributes:
        keys: Lines of the mapping beside those that all forms share.
        write: The bytes of a header and rows of one business date.
        read: Records as dictionaries by own column; None for one that is no record.
        inner: Name of the archive's member that holds the values, where the form is an archive.
        packs: Endings of the names under which it may be packed.
        has_columns: Whether columns can be lost or renamed as a whole.
    """

    keys: str
    write: Callable[[Table, str], bytes]
    read: Callable[[bytes], list[dict[str, str] | None]]
    inner: str = ""
    packs: tuple[str, ...] = ("",)
    has_columns: bool = True


def _write_csv(encoding: str, delimiter: str) -> Callable[[Table, str], bytes]:
    def write(table: Table, day: str) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n", delimiter=delimiter).writerows(table)
        return text.getvalue().encode(encoding)

    return write


def _read_csv(encoding: str, delimiter: str) -> Callable[[bytes], list[dict[str, str] | None]]:
    def read(content: bytes) -> list[dict[str, str] | None]:
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise UnreadableError from error
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        header, *records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = [name.strip() for name in header]
        return [
            dict(zip(names, record, strict=True)) if len(record) == len(names) else None
            for record in records
        ]

    return read


def _write_json_lines(table: Table, day: str) -> bytes:
    header, *rows = table
    numbers = {"receipt", "line", "qty", "amount"}
    return "".join(
        "{"
        + ", ".join(
            f"{json.dumps(name)}: {cell if name in numbers else json.dumps(cell)}"
            for name, cell in zip(header, row, strict=True)
        )
        + "}\n"
        for row in rows
    ).encode()


def _read_json_lines(content: bytes) -> list[dict[str, str] | None]:
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableError from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return [_json_record(line) for line in lines]


def _json_record(line: str) -> dict[str, str] | None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise ValueError("a name stands there twice")
        return dict(pairs)

    try:
        record = json.loads(line, object_pairs_hook=once, parse_int=str, parse_float=str)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    return {name: "" if value is None else str(value) for name, value in record.items()}


def _write_parquet(compression: str) -> Callable[[Table, str], bytes]:
    def write(table: Table, day: str) -> bytes:
        header, *rows = table
        columns = {}
        for place, name in enumerate(header):
            cells = [row[place] for row in rows]
            is_number = all(re.fullmatch(r"[\d.]+", cell) for cell in cells)
            if name in ("receipt", "line") and all(cell.isdigit() for cell in cells):
                columns[name] = pyarrow.array([int(cell) for cell in cells], pyarrow.int64())
            elif name in ("qty", "amount") and is_number:
                kind = pyarrow.decimal128(12, 2)
                columns[name] = pyarrow.array([Decimal(cell) for cell in cells], kind)
            else:
                columns[name] = pyarrow.array(cells, pyarrow.string())
        held = io.BytesIO()
        pyarrow.parquet.write_table(
            pyarrow.table(columns),
            held,
            compression=compression,
            write_page_checksum=compression == "zstd",
        )
        return held.getvalue()

    return write


def _read_parquet(content: bytes) -> list[dict[str, str] | None]:
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(content), page_checksum_verification=True)
        records = table.to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UnreadableError from error
    if len(set(table.column_names)) < len(table.column_names):
        raise UnreadableError
    return [
        {name: "" if value is None else _text(value) for name, value in record.items()}
        for record in records
    ]


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _write_xlsx(table: Table, day: str) -> bytes:
    header, *rows = table
    cells = [
        [float(cell) if re.fullmatch(r"[1-9][\d.]*", cell) else cell for cell in row]
        for row in rows
    ]
    held = io.BytesIO()
    write_workbook(held, [list(header), *cells])
    return held.getvalue()


DAMAGES = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What Python's readers raise on a packed file of which any byte may be wrong."""

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _read_xlsx(content: bytes) -> list[dict[str, str] | None]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            root = ElementTree.fromstring(archive.read(SHEET))  # noqa: S314 - we wrote it, then damaged it
    except (*DAMAGES, ElementTree.ParseError) as error:
        raise UnreadableError from error
    cells: dict[tuple[int, int], str] = {}
    for cell in root.iterfind(f"{MAIN}sheetData/{MAIN}row/{MAIN}c"):
        place = re.fullmatch(r"([A-Z])(\d+)", cell.get("r", ""))
        if place is None or (at := (int(place[2]), ord(place[1]) - 65)) in cells:
            raise UnreadableError(cell.get("r"))
        text = cell.findtext(f"{MAIN}v") if cell.get("t") != "inlineStr" else None
        if text is not None and re.fullmatch(r"-?\d+\.0", text):
            text = text[:-2]
        cells[at] = text if text is not None else "".join(cell.itertext())
    if not cells:
        raise UnreadableError
    width = max(place for row, place in cells if row == 1) + 1
    names = [cells.get((1, place), "").strip() for place in range(width)]
    last = max(row for row, _ in cells)
    return [
        {name: cells.get((row, place), "") for place, name in enumerate(names)}
        for row in range(2, last + 1)
    ]


POSLOG_PATHS = {
    "store": "BusinessUnit/UnitID",
    "till": "WorkstationID",
    "receipt": "SequenceNumber",
    "line": "RetailTransaction/LineItem/SequenceNumber",
    "item": "RetailTransaction/LineItem/Sale/ItemID",
    "qty": "RetailTransaction/LineItem/Sale/Quantity",
    "amount": "RetailTransaction/LineItem/Sale/ExtendedAmount",
    "card": "RetailTransaction/Customer/CustomerID",
}
POSLOG_TRANSACTION = """\
<Transaction>
<BusinessUnit><UnitID>{store}</UnitID></BusinessUnit>
<WorkstationID>{till}</WorkstationID>
<SequenceNumber>{receipt}</SequenceNumber>
<BusinessDayDate>{day}</BusinessDayDate>
<RetailTransaction>
<LineItem>
<SequenceNumber>{line}</SequenceNumber>
<Sale>
<ItemID>{item}</ItemID>
<ExtendedAmount>{amount}</ExtendedAmount>
<Quantity>{qty}</Quantity>
</Sale>
</LineItem>
<Customer><CustomerID>{card}</CustomerID></Customer>
</RetailTransaction>
</Transaction>
"""


def _write_poslog(table: Table, day: str) -> bytes:
    header, *rows = table
    body = "".join(
        POSLOG_TRANSACTION.format(
            day=day, **{name: escape(cell) for name, cell in zip(header, row, strict=True)}
        )
        for row in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<POSLog>\n{body}</POSLog>\n'.encode()


def _read_poslog(content: bytes) -> list[dict[str, str] | None]:
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - we wrote it, then damaged it
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise UnreadableError from error
    return [_poslog_record(transaction) for transaction in root.iterfind("Transaction")]


def _poslog_record(transaction: ElementTree.Element) -> dict[str, str] | None:
    said = {
        name: {(element.text or "").strip() for element in transaction.iterfind(path)}
        for name, path in POSLOG_PATHS.items()
    }
    if any(len(texts) > 1 for texts in said.values()):
        raise UnreadableError
    return {name: next(iter(texts), "") for name, texts in said.items()}


PACKS = ("", ".gz", ".zip")

FORMS = {
    "csv": Form(keys="", write=_write_csv("utf-8", ","), read=_read_csv("utf-8", ","), packs=PACKS),
    "utf16": Form(
        keys="encoding: utf-16",
        write=_write_csv("utf-16", ","),
        read=_read_csv("utf-16", ","),
        packs=PACKS,
    ),
    "cp1252": Form(
        keys='encoding: cp1252\ndelimiter: ";"',
        write=_write_csv("cp1252", ";"),
        read=_read_csv("cp1252", ";"),
        packs=PACKS,
    ),
    "gb18030": Form(
        keys="encoding: gb18030",
        write=_write_csv("gb18030", ","),
        read=_read_csv("gb18030", ","),
        packs=PACKS,
    ),
    "jsonl": Form(
        keys="format: jsonl", write=_write_json_lines, read=_read_json_lines, packs=PACKS
    ),
    "parquet": Form(keys="format: parquet", write=_write_parquet("none"), read=_read_parquet),
    "zstd": Form(keys="format: parquet", write=_write_parquet("zstd"), read=_read_parquet),
    "xlsx": Form(keys="format: xlsx", write=_write_xlsx, read=_read_xlsx, inner=SHEET),
    "poslog": Form(
        keys="format: poslog\nreporting_currency: EUR",
        write=_write_poslog,
        read=_read_poslog,
        packs=PACKS,
        has_columns=False,
    ),
}


def damage_table(table: Table, kind: str, chance: Random) -> Table:
    """A table of which rows or columns were lost, repeated, swapped or renamed."""
    header, *rows = table
    row, column = chance.randrange(len(rows)), chance.randrange(len(header))
    if kind == "lose a row":
        return [header, *rows[:row], *rows[row + 1 :]]
    if kind == "repeat a row":
        return [*table, rows[row]]
    if kind == "swap rows":
        return [header, *chance.sample(rows, len(rows))]
    if kind == "lose a column":
        return [cells[:column] + cells[column + 1 :] for cells in table]
    if kind == "repeat a column":
        return [[*cells, cells[column]] for cells in table]
    if kind == "rename a column":
        other = chance.choice(["Amount", "amount ", "total", *HEADER])
        return [[*header[:column], other, *header[column + 1 :]], *rows]
    order = chance.sample(range(len(header)), len(header))
    return [[cells[place] for place in order] for cells in table]


ROW_DAMAGES = ["lose a row", "repeat a row", "swap rows"]
COLUMN_DAMAGES = ["lose a column", "repeat a column", "rename a column", "swap columns"]
BYTE_DAMAGES = ["flip", "drop", "insert", "cut", "zero", "lose a line", "repeat a line",
                "swap lines"]  # fmt: skip

JUNK = [b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"9", b"-", b" ", b";", b".", b"e", b"<", b"&"]


def damage_bytes(content: bytes, kind: str, chance: Random) -> bytes:
    """Bytes with one damage of a kind, at a place of chance."""
    place = chance.randrange(len(content))
    if kind == "flip":
        flipped = bytes([content[place] ^ 1 << chance.randrange(8)])
        return content[:place] + flipped + content[place + 1 :]
    if kind == "drop":
        return content[:place] + content[place + chance.randrange(1, 9) :]
    if kind == "insert":
        return content[:place] + chance.choice(JUNK) + content[place:]
    if kind == "cut":
        return content[:place]
    if kind == "zero":
        return content[:place] + bytes(16) + content[place + 16 :]
    lines = content.split(b"\n")
    line, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    if kind == "lose a line":
        del lines[line]
    elif kind == "repeat a line":
        lines.insert(other, lines[line])
    else:
        lines[line], lines[other] = lines[other], lines[line]
    return b"\n".join(lines)


def damaged_file(form: Form, kind: str, stage: str, pack: str, day: str, chance: Random) -> bytes:
    """The bytes of a file of `GOOD`, damaged before or after it was packed.

    A kind that a form cannot have leaves it good.
    """
    table = [HEADER, *GOOD]
    if kind in ROW_DAMAGES or (kind in COLUMN_DAMAGES and form.has_columns):
        table = damage_table(table, kind, chance)
    content = form.write(table, day)
    if kind in BYTE_DAMAGES and stage == "values":
        if form.inner:
            content = _with_inner(content, form.inner, kind, chance)
        else:
            content = damage_bytes(content, kind, chance)
    content = _packed(content, pack)
    if kind in BYTE_DAMAGES and stage == "file":
        content = damage_bytes(content, kind, chance)
    return content


def _with_inner(content: bytes, inner: str, kind: str, chance: Random) -> bytes:
    """An archive one of whose members was damaged before it was packed."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            new.writestr(name, damage_bytes(member, kind, chance) if name == inner else member)
    return held.getvalue()


def _packed(content: bytes, pack: str) -> bytes:
    if pack == ".gz":
        return gzip.compress(content, mtime=0)
    if pack == ".zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("sales"), content)
        return held.getvalue()
    return content


def _unpacked(content: bytes, pack: str) -> bytes:
    try:
        if pack == ".gz":
            return gzip.decompress(content)
        if pack == ".zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.read(archive.namelist()[0])
    except DAMAGES as error:
        raise UnreadableError from error
    return content


def read_records(form: Form, pack: str, content: bytes) -> list[dict[str, str] | None]:
    """What a file says, record by record, to a reader that is not the loader's.

    Raises:
        UnreadableError: When it says nothing that can be relied on.
    """
    return form.read(_unpacked(content, pack))


def rows_said(records: list[dict[str, str] | None]) -> Counter:
    """The rows among records: every value written as our contract wants it."""
    found: Counter = Counter()
    for record in records:
        cells = {name: text.strip(" ") for name, text in (record or {}).items()}
        numbers = [cells.get(name, "") for name in ("receipt", "line", "qty", "amount")]
        if all(re.fullmatch(r"[+-]?\d+(\.\d*)?", number, re.ASCII) for number in numbers):
            receipt, line, qty, amount = map(Decimal, numbers)
            texts = {name: cells.get(name) or None for name in ("store", "till", "item", "card")}
            found[(texts["store"], texts["till"], receipt, line, texts["item"], qty, amount,
                   texts["card"])] += 1  # fmt: skip
    return found
