"""Takes a person out of a landed POSLog document, transaction by transaction."""

from collections.abc import Iterator
from typing import IO

from pipelines.feeds.poslog_rows import CARD_TOKEN, CUSTOMER, LOYALTY
from pipelines.privacy.gone import RecordRule
from pipelines.privacy.xml_edit import Edit, Element, edit_elements, with_text, without

REFERENCES = {CUSTOMER: "customer_ref", **dict.fromkeys(LOYALTY, "loyalty_id")}
"""Where a transaction names a customer, and the column which that becomes."""

TENDER = "RetailTransaction/LineItem/Tender"


def rewrite_poslog(source: IO[bytes], target: IO[bytes], rule: RecordRule) -> bool:
    """Write a document anew; returns whether anything differs.

    All references to the person go, also those that the mapping's feed does not read: what else is
    said of a customer whose number goes, such as a name, goes with it.

    Raises:
        FileRefused: When the document is damaged.
    """

    def edits_of(transaction: Element) -> list[Edit]:
        return list(_edits(transaction, rule))

    return edit_elements(source, target, "Transaction", edits_of)


def _edits(transaction: Element, rule: RecordRule) -> Iterator[Edit]:
    done: set[int] = set()
    for path, column in REFERENCES.items():
        above, _, tag = path.rpartition("/")
        for holder in _found(transaction, above):
            for reference in holder.named(tag)[:1]:
                new = rule.new_reference(column, reference.text)
                if new is None:
                    continue
                yield with_text(reference, new)
                others = [child for child in holder.children if child is not reference]
                yield from map(without, others)
                done.update(id(inner) for child in holder.children for inner in child.walk())
    for token in _found(transaction, f"{TENDER}/{CARD_TOKEN}"):
        if (new := rule.new_reference("card_token", token.text)) is not None:
            yield with_text(token, new)
            done.add(id(token))
    for element in transaction.walk():
        if id(element) not in done and not element.children and rule.is_contact(element.text):
            yield with_text(element, "")


def _found(element: Element, path: str) -> list[Element]:
    found = [element]
    for tag in path.split("/"):
        found = [child for parent in found for child in parent.named(tag)]
    return found
