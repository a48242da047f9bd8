"""Elements of XML are edited where they stand, whatever lies around them and in any encoding."""

import io

import pytest

from pipelines.feeds.refusal import FileRefused
from pipelines.privacy import xml_edit
from pipelines.privacy.xml_edit import Edit, Element, edit_elements, with_text, without

DOCUMENT = (
    '<?xml version="1.0" encoding="{name}"?>\n<r xmlns:p="u"><!-- <C>C1</C> --><C>C1</C>'
    '<p:T a="1>2"><X/>ä<C>C1</C><D><![CDATA[C1]]></D></p:T>tail<p:T><C><!-- -->C&#49;</C>'
    "<X>gone <b>with it</b></X></p:T><p:T><C>C12</C></p:T></r>\n<!-- end -->\n"
)

EDITED = (
    '<?xml version="1.0" encoding="{name}"?>\n<r xmlns:p="u"><!-- <C>C1</C> --><C>C1</C>'
    '<p:T a="1>2">ä<C>erased</C><D>erased</D></p:T>tail<p:T><C>erased</C></p:T>'
    "<p:T><C>C12</C></p:T></r>\n<!-- end -->\n"
)


def edits_of(element: Element) -> list[Edit]:
    named = [with_text(e, "erased") for e in element.walk() if e.tag in "CD" and e.text == "C1"]
    return named + [without(e) for e in element.walk() if e.tag == "X"]


@pytest.mark.parametrize("size", [7, 1 << 18])
@pytest.mark.parametrize(
    ("name", "codec"),
    [("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("ISO-8859-1", "latin-1"),
     ("windows-1252", "cp1252")],
)  # fmt: skip
def test_what_is_not_edited_keeps_its_bytes(monkeypatch, size, name, codec):
    monkeypatch.setattr(xml_edit, "CHUNK_BYTES", size)
    written = io.BytesIO()
    source = io.BytesIO(DOCUMENT.format(name=name).encode(codec))
    assert edit_elements(source, written, "T", edits_of)
    assert written.getvalue() == EDITED.format(name=name).encode(codec)


def test_a_document_without_the_person_is_copied():
    content = EDITED.format(name="UTF-8").encode()
    written = io.BytesIO()
    assert not edit_elements(io.BytesIO(content), written, "T", edits_of)
    assert written.getvalue() == content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<r><T><C>C1</C></T>", "no element found"),
        (b'<!DOCTYPE r [<!ENTITY e "C1">]><r><T>&e;</T></r>', "document type"),
    ],
)
def test_a_document_that_is_cut_off_or_declares_entities_is_refused(content, reason):
    with pytest.raises(FileRefused, match=reason):
        edit_elements(io.BytesIO(content), io.BytesIO(), "T", edits_of)
