"""Proposes a mapping for a file that nobody described yet, and spells out its doubts."""

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import yaml

from pipelines.feeds.contract import Column, Contract, load_contracts
from pipelines.feeds.poslog_rows import ROWS_OF
from pipelines.feeds.sample import Sample, read_sample

WORDS = {
    "store_id": "store shop branch outlet filiale markt magasin 门店 门店编号",
    "workstation_id": "till register pos terminal workstation kasse caisse 收银机",
    "transaction_seq": "receipt receiptno ticket transaction bon bonnr 小票号",
    "business_date": "date day businessday datum tag jour 日期",
    "line_seq": "line lineno position posnr zeile 行号",
    "item_id": "item article product sku plu artikel artikelnr 商品编码",
    "gtin": "ean barcode upc 条码",
    "qty": "quantity units menge anzahl 数量",
    "extended_amount": "amount netamount sales umsatz betrag total 金额",
    "sold_at": "time timestamp datetime soldat zeit zeitpunkt 时间",
    "customer_ref": "customer card member household kunde kundennr 会员号",
    "uom": "unit einheit 单位",
    "line_discount": "discount rabatt 折扣",
    "currency": "currencycode waehrung währung devise 币种",
    "fx_rate": "rate exchangerate kurs wechselkurs 汇率",
}
"""What tills call the columns of a sale, in the languages met so far."""

DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%Y/%m/%d")
TIMES = (" %H:%M:%S", " %H:%M", "T%H:%M:%S")
MOMENT_FORMATS = tuple(form + time for form in DATE_FORMATS for time in TIMES)
ISO_BEGIN = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
DATE_IN_NAME = re.compile(r"\d{4}-\d{2}-\d{2}|(?<!\d)20\d{6}(?!\d)")
CODE = re.compile("[A-Z]{3}")
CLOSE = 0.8


def propose_mapping(path: Path, feed: str, *, name: str) -> str:
    """A mapping for files like this one, as YAML whose comments say what must be decided.

    Args:
        path: The file.
        feed: What it is a delivery of.
        name: Its path below landing/, or its name where it lies elsewhere.

    Raises:
        FileRefused: When the file cannot be read at all.
        KeyError: When there is no such feed.
    """
    contract = load_contracts()[feed]
    sample = read_sample(path)
    doubts = list(sample.doubts)
    pattern = DATE_IN_NAME.sub(f"{{{contract.dates[0]}}}", name, count=1)
    if pattern == name:
        doubts.append("files: the name holds no date; put * where it changes from day to day")
    content: dict[str, object] = {"feed": feed, "files": pattern}
    if sample.format != "csv":
        content["format"] = sample.format
    if sample.format == "poslog":
        content |= _reporting_currency(contract, dict.fromkeys(ROWS_OF[feed][0]), sample, doubts)
        return _written(content, {}, doubts, [])
    if sample.delimiter != ",":
        content["delimiter"] = sample.delimiter
    if sample.encoding not in ("utf-8", "ascii"):
        content["encoding"] = sample.encoding
    columns = _match_columns(sample, contract, doubts)
    _take_dates_with_a_time_for_moments(sample, contract, columns)
    own_of = {name: own for own, name in columns.items() if name}
    content |= _reporting_currency(contract, own_of, sample, doubts)
    if sample.format == "csv":
        content |= _locale(sample, contract, columns, doubts)
    missing = _missing(contract, columns, pattern)
    if "sold_at" in columns.values() and any(column.name == "business_date" for column in missing):
        doubts.append(
            "business_date: may follow from the moment of the sale: add business_day: "
            "{from: sold_at, time_zone: Europe/Berlin, cut_over_hour: 0} with your zone and hour"
        )
    return _written(content, columns, doubts, missing)


def _match_columns(sample: Sample, contract: Contract, doubts: list[str]) -> dict[str, str | None]:
    """The file's columns with the contract's, best matches first; None where nothing fits."""
    free = {column.name for column in contract.columns}
    found: dict[str, str | None] = dict.fromkeys(sample.header)
    for is_exact in (True, False):
        for own in sample.header:
            if found[own] is None and (name := _match(own, free, is_exact=is_exact)):
                found[own] = name
                free.discard(name)
                if not is_exact:
                    doubts.append(f"columns: {own!r} only resembles {name}")
    return found


def _take_dates_with_a_time_for_moments(
    sample: Sample, contract: Contract, columns: dict[str, str | None]
) -> None:
    """Map what is called a date and tells the time of day too to the moment of the sale."""
    moments = [column.name for column in contract.columns if column.on_business_day]
    if not moments or moments[0] in columns.values():
        return
    for own, name in columns.items():
        values = sample.values(own) if name == contract.dates[0] else []
        if values and all(
            ISO_BEGIN.match(value) or any(_fits(value, form) for form in MOMENT_FORMATS)
            for value in values
        ):
            columns[own] = moments[0]


def _reporting_currency(
    contract: Contract, own_of: Mapping[str, str | None], sample: Sample, doubts: list[str]
) -> dict[str, object]:
    """The code that most rows name, where the file names any at all.

    Args:
        contract: The feed's contract.
        own_of: Contract column -> the file's own; None where the format has no columns to look at.
        sample: The beginning of the file.
        doubts: What must be decided; one more when a code is proposed.
    """
    if not contract.conversion or contract.conversion.currency not in own_of:
        return {}
    own = own_of[contract.conversion.currency]
    codes = Counter(code for code in sample.values(own) if CODE.fullmatch(code)) if own else None
    code = codes.most_common(1)[0][0] if codes else "EUR"
    guess = "is what most rows name" if codes else "is an example"
    doubts.append(
        f"reporting_currency: {code} {guess}; rows in another currency need a rate of their own"
    )
    return {"reporting_currency": code}


def _match(own: str, free: set[str], *, is_exact: bool) -> str | None:
    names = {_bare(name): name for name in sorted(free)}
    for name in sorted(free):
        names |= {_bare(word): name for word in WORDS.get(name, "").split()}
    if is_exact:
        return names.get(_bare(own))
    near = difflib.get_close_matches(_bare(own), list(names), n=1, cutoff=CLOSE)
    return names[near[0]] if near else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _locale(
    sample: Sample, contract: Contract, columns: dict[str, str | None], doubts: list[str]
) -> dict[str, str]:
    """Declarations that the values call for, where they differ from the defaults."""
    declared: dict[str, str] = {}
    numbers: list[str] = []
    for own, name in columns.items():
        if name is None or not (values := sample.values(own)):
            continue
        column = contract.column(name)
        if column.type.startswith("decimal"):
            numbers += values
        elif column.type == "date":
            declared |= _moment_format("date_format", own, values, DATE_FORMATS, doubts)
        elif column.type == "timestamp":
            declared |= _moments(own, values, doubts)
    return declared | _number_marks(numbers, doubts)


def _number_marks(values: list[str], doubts: list[str]) -> dict[str, str]:
    marks: dict[str, str] = {}
    commas = [value for value in values if "," in value]
    if any(re.search(r",\d{1,2}\D*$|,\d{4,}", value) for value in commas):
        marks["decimal_separator"] = ","
        if any(re.search(r"\d\.\d{3}", value) for value in values):
            marks["thousands_separator"] = "."
    elif commas:
        marks["thousands_separator"] = ","
        if not any("." in value for value in commas):
            doubts.append(f"numbers: {commas[0]!r} may also have a decimal comma")
    if any(value.endswith("-") for value in values):
        marks["negative"] = "trailing"
    elif any(value.startswith("(") for value in values):
        marks["negative"] = "parentheses"
    return marks


def _moments(own: str, values: list[str], doubts: list[str]) -> dict[str, str]:
    if all(ISO_BEGIN.match(value) for value in values):
        if not all(re.search(r"(Z|[+-]\d{2}:?\d{2})$", value) for value in values):
            doubts.append(f"{own}: names no offset; declare time_zone, else it is read as UTC")
        return {}
    doubts.append(f"{own}: names no offset; declare time_zone, else it is read as UTC")
    return _moment_format("timestamp_format", own, values, MOMENT_FORMATS, doubts)


def _moment_format(
    key: str, own: str, values: list[str], forms: tuple[str, ...], doubts: list[str]
) -> dict[str, str]:
    fitting = [form for form in forms if all(_fits(value, form) for value in values)]
    if not fitting:
        doubts.append(f"{own}: no date format known here fits, such as {values[0]!r}")
        return {}
    if len(fitting) > 1:
        doubts.append(f"{own}: {values[0]!r} fits {' and '.join(fitting)}; the first is taken")
    return {} if fitting[0] == "%Y-%m-%d" else {key: fitting[0]}


def _fits(value: str, form: str) -> bool:
    try:
        return datetime.strptime(value, form).strftime(form) == value
    except ValueError:
        return False


def _missing(contract: Contract, columns: dict[str, str | None], pattern: str) -> list[Column]:
    filled = {*columns.values(), *re.findall(r"\{(\w+)\}", pattern)}
    return [
        column
        for column in contract.columns
        if column.required and column.default is None and column.name not in filled
    ]


def _written(
    content: dict[str, object],
    columns: dict[str, str | None],
    doubts: list[str],
    missing: list[Column],
) -> str:
    lines = [f"# Doubt: {doubt}" for doubt in doubts]
    lines += _yaml(content)
    if columns:
        lines.append("columns:")
        for own, name in columns.items():
            (entry,) = _yaml({own: name})
            note = "" if name else "  # Doubt: what is it? null leaves it out"
            lines.append(f"  {entry}{note}")
    if missing:
        lines.append("# Missing: nothing fills what the feed requires. Map a column to it, or give")
        lines.append("# every row one value here. A date may also stand in the file name.")
        lines.append("# constants:")
        lines += [f'#   {column.name}: ""  # {column.description}' for column in missing]
    return "\n".join(lines) + "\n"


def _yaml(content: dict[str, object]) -> list[str]:
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)
    return text.splitlines()
