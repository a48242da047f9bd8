"""Looks through text in large chunks, without a loop over rows: encoding, line ends, records."""

import codecs
from dataclasses import dataclass, field

from pipelines.feeds.reader import MAXIMUM_LINE_BYTES
from pipelines.feeds.refusal import FileRefused

HEAD_BYTES = 1 << 20
"""A header that is longer than this is no header."""

UNREADABLE = "\ufffd"
"""Stands in a copy where the file holds a control byte; the loader quarantines such a row."""

CONTROL_BYTES = bytes(code for code in range(32) if code not in b"\t\n\r") + b"\x7f"


class Decoder:
    """Strict decoding of the declared encoding, with the place of the first wrong byte.

    A single-byte code page decodes nearly any bytes, so text that is sound UTF-8 is not believed
    to be anything else: that is how mojibake begins.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        codec = codecs.lookup(encoding).name
        self.is_utf8 = codec in ("utf-8", "ascii")
        self._is_utf16 = codec == "utf-16"
        self._decoder = codecs.getincrementaldecoder(codec)(errors="strict")
        is_other = not self.is_utf8 and not codec.startswith(("utf-16", "utf-32", "utf-8"))
        self._utf8 = codecs.getincrementaldecoder("utf-8")() if is_other else None
        is_single = is_other and len("é".encode(codec, errors="replace")) == 1
        # Chinese text of two bytes a character can be UTF-8 of two bytes by chance, not of three.
        self._telling = "\x80" if is_single else "\u0800"
        self._looks_utf8 = False
        self._offset = 0

    def check(self, chunk: bytes) -> None:
        """Decode the next bytes for the check alone: nothing needs to be done for plain ASCII.

        Raises:
            FileRefused: At the first byte that the encoding does not have.
        """
        if self.is_utf8 and chunk.isascii() and not self._decoder.getstate()[0]:
            self._offset += len(chunk)
        else:
            self.decode(chunk)

    def decode(self, chunk: bytes) -> str:
        """The text of the next bytes.

        Raises:
            FileRefused: At the first byte that the encoding does not have.
        """
        if (
            self._offset == 0
            and self._is_utf16
            and not chunk.startswith((b"\xff\xfe", b"\xfe\xff"))
        ):
            raise FileRefused(
                "encoding", "no byte order mark at byte 0: declare utf-16-le or utf-16-be"
            )
        held = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            place = self._offset - held + error.start
            raise FileRefused(
                "encoding", f"byte {place} is not {self.encoding}: {error.reason}"
            ) from error
        self._offset += len(chunk)
        self._try_utf8(chunk)
        return text

    def _try_utf8(self, chunk: bytes) -> None:
        if self._utf8 is None:
            return
        try:
            text = self._utf8.decode(chunk)
        except UnicodeDecodeError:
            self._utf8, self._looks_utf8 = None, False
        else:
            self._looks_utf8 = self._looks_utf8 or max(text, default="") >= self._telling

    def end(self) -> None:
        """Hold what only the end of the file can tell.

        Raises:
            FileRefused: When a character is cut off, or all of it was UTF-8 after all.
        """
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise FileRefused("encoding", f"the file ends within a character: {error}") from None
        if self._looks_utf8:
            raise FileRefused("encoding", f"the file is UTF-8 and not {self.encoding}")


@dataclass
class Lines:
    """Counts physical lines and records, chunk by chunk, without a loop over rows."""

    has_quotes: bool
    delimiter: bytes = b","
    newlines: int = 0
    returns: int = 0
    crlf: int = 0
    records: int = 0
    in_quotes: bool = False
    has_control_bytes: bool = False
    has_stray_quotes: bool = False
    last_byte: bytes = b""
    head: bytes = field(default=b"", repr=False)
    _line_bytes: int = 0
    _bytes: int = 0

    def count(self, chunk: bytes) -> None:
        """Take in the next UTF-8 bytes.

        Raises:
            FileRefused: When a line is too long to be one.
        """
        if not chunk:
            return
        if len(self.head) < HEAD_BYTES:
            self.head += chunk
        newlines = chunk.count(b"\n")
        self.newlines += newlines
        # To look for a byte is many times cheaper than to count it.
        if b"\r" in chunk:
            self.returns += chunk.count(b"\r")
            self.crlf += chunk.count(b"\r\n")
        self.crlf += self.last_byte == b"\r" and chunk[:1] == b"\n"
        if self.has_quotes and (self.in_quotes or self.last_byte == b'"' or b'"' in chunk):
            parts = chunk.split(b'"')
            self.has_stray_quotes = self.has_stray_quotes or self._is_astray(parts)
            self.records += sum(part.count(b"\n") for part in parts[self.in_quotes :: 2])
            self.in_quotes ^= (len(parts) - 1) % 2 == 1
        else:
            self.records += newlines
        if not self.has_control_bytes:
            self.has_control_bytes = len(chunk.translate(None, CONTROL_BYTES)) != len(chunk)
        self._hold_line_length(chunk)
        self._bytes += len(chunk)
        self.last_byte = chunk[-1:]

    def _is_astray(self, parts: list[bytes]) -> bool:
        """Whether a quote stands elsewhere than at the border of a field, or doubled within one.

        What the border of a chunk cuts is looked at from the side where its quote is.
        """
        borders = (self.delimiter, b"\n", b"\r")
        outside = parts[self.in_quotes :: 2]
        heads, tails = outside, outside
        if not self.in_quotes and self.last_byte != b'"':
            tails = [(self.last_byte + outside[0]).removeprefix(codecs.BOM_UTF8), *outside[1:]]
            heads = outside[1:]
        if (len(parts) - 1 + self.in_quotes) % 2 == 0:
            tails = tails[:-1]
        # An empty one stands between the two quotes that mean one.
        return any(part and not part.startswith(borders) for part in heads) or any(
            part and not part.endswith(borders) for part in tails
        )

    def _hold_line_length(self, chunk: bytes) -> None:
        """No stretch of MAXIMUM_LINE_BYTES without a line end, in leaps of that length."""
        begin = -self._line_bytes
        while len(chunk) - begin > MAXIMUM_LINE_BYTES:
            stretch = chunk[max(begin, 0) : begin + MAXIMUM_LINE_BYTES]
            place = max(stretch.rfind(b"\n"), stretch.rfind(b"\r"))
            if place < 0:
                raise FileRefused(
                    "line length",
                    f"the line at byte {self._bytes + begin} is longer than {MAXIMUM_LINE_BYTES}",
                )
            begin = max(begin, 0) + place + 1
        rest = chunk[max(begin, 0) :]
        place = max(rest.rfind(b"\n"), rest.rfind(b"\r"))
        self._line_bytes = len(chunk) - begin if place < 0 else len(rest) - place - 1

    @property
    def has_mixed_ends(self) -> bool:
        """Whether there are line ends of more than one kind, or carriage returns alone."""
        return self.returns > 0 and not self.returns == self.crlf == self.newlines
