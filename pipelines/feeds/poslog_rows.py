"""What a POSLog transaction says to each feed: element by element, in the names of POSLog 6.

Older tills write `RetailStoreID` for `BusinessUnit/UnitID`; both are read. Values are handed on as
text, for the loader to judge; only signs and sums that POSLog says in its own way are worked out.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # noqa: S405 - for the type only

Row = dict[str, str]


class PoslogError(ValueError):
    """A transaction that cannot be told in rows; the message names the element."""


KEY = ("store_id", "workstation_id", "transaction_seq", "business_date")

CUSTOMER = "RetailTransaction/Customer/CustomerID"
LOYALTY = (
    "RetailTransaction/LoyaltyAccount/LoyaltyAccountID",
    "RetailTransaction/LoyaltyAccount/LoyaltyID",
)
"""Where a transaction names its customer."""

CARD_TOKEN = "CreditDebit/AccountNumberToken"  # noqa: S105 - a path, no secret
"""Where a tender names the card."""

SALES = ("Sale", "SaleForDelivery", "SaleForPickup", "Return")

NO_GOODS = (
    "Tender", "Tax", "Discount", "LoyaltyReward", "LoyaltyMembership", "AgeRestriction",
    "CardActivation", "CRMCustomVariable", "ElectronicSignature", "ItemNotFound",
    "ItemRestriction", "Rounding",
)  # fmt: skip
"""Kinds of line item that sell nothing. A kind that is neither here nor above stops the file."""

LINE_TYPES = {
    "deposit": "deposit", "fee": "fee", "donation": "donation", "giftcard": "gift_card",
    "giftcertificate": "gift_card", "storedvalue": "gift_card",
}  # fmt: skip

TENDER_TYPES = {
    "cash": "cash", "creditdebit": "card", "creditcard": "card", "debitcard": "card",
    "giftcard": "gift_card", "giftcertificate": "gift_card", "voucher": "voucher",
    "coupon": "voucher", "manufacturercoupon": "voucher", "accountsreceivable": "on_account",
    "customeraccount": "on_account", "houseaccount": "on_account", "loyaltypoints": "points",
    "loyalty": "points", "foreigncurrency": "foreign", "alipay": "alipay", "wechat": "wechat",
}  # fmt: skip


def _text(element: "Element", *paths: str) -> str:
    """The text at the first of some paths that has any.

    Raises:
        PoslogError: When several elements stand there that say different things.
    """
    for path in paths:
        texts = {(found.text or "").strip() for found in element.iterfind(path)}
        if len(texts) > 1:
            said = " and ".join(sorted(texts))
            raise PoslogError(f"{path} stands there more than once and says {said}")
        if (text := next(iter(texts), "")) != "":
            return text
    return ""


def _first(element: "Element", *paths: str) -> str:
    """The text at the first of some paths, of elements of which POSLog allows several."""
    return next((text for path in paths if (text := (element.findtext(path) or "").strip())), "")


def _decimal(element: "Element", path: str) -> Decimal:
    text = _text(element, path)
    try:
        return Decimal(text or "0")
    except InvalidOperation as error:
        raise PoslogError(f"{path} holds {text!r}, which is no number") from error


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _is(element: "Element", attribute: str) -> bool:
    return element.get(attribute, "false").lower() in ("true", "1")


def _key(transaction: "Element") -> Row:
    return {
        "store_id": _text(transaction, "BusinessUnit/UnitID", "RetailStoreID"),
        "workstation_id": _text(transaction, "WorkstationID"),
        "transaction_seq": _text(transaction, "SequenceNumber"),
        "business_date": _text(transaction, "BusinessDayDate"),
    }


def _line_items(transaction: "Element") -> Iterator[tuple["Element", "Element", str]]:
    """Line items with what they are: the element below them and its name."""
    for line in transaction.iterfind("RetailTransaction/LineItem"):
        found = [(child, child.tag) for child in line if child.tag in (*SALES, *NO_GOODS)]
        if len(found) != 1:
            kinds = ", ".join(child.tag for child in line if child.tag != "SequenceNumber")
            number = _text(line, "SequenceNumber")
            raise PoslogError(f"line item {number} holds {kinds}: no feed takes it")
        yield line, *found[0]


def _sales(transaction: "Element") -> Iterator[tuple["Element", "Element", str]]:
    return (found for found in _line_items(transaction) if found[2] in SALES)


def transaction_rows(transaction: "Element") -> Iterator[Row]:
    """The receipt header; control transactions have one where they are no sale, pay in or out."""
    retail = transaction.find("RetailTransaction")
    totals = {}
    if retail is not None:
        totals = {
            total.get("TotalType", ""): (total.text or "").strip()
            for total in retail.iterfind("Total")
        }
        kind = _kind_of(transaction, retail)
    else:
        kind = _kind_of_control(transaction)
        if not kind:
            return
        totals = dict.fromkeys(
            ("TransactionNetAmount", "TransactionTaxAmount", "TransactionGrandAmount"), "0"
        )
    yield _key(transaction) | {
        "begin_ts": _text(transaction, "BeginDateTime"),
        "end_ts": _text(transaction, "EndDateTime"),
        "txn_type": kind,
        "cancel_flag": transaction.get("CancelFlag", ""),
        "training_flag": transaction.get("TrainingModeFlag", ""),
        "offline_flag": transaction.get("OfflineFlag", ""),
        "operator_id": _text(transaction, "OperatorID"),
        "currency": _text(transaction, "CurrencyCode"),
        "customer_ref": _customer(transaction),
        "loyalty_id": _first(transaction, *LOYALTY),
        "item_count": _text(transaction, "RetailTransaction/ItemCount"),
        "total_net": totals.get("TransactionNetAmount", ""),
        "total_tax": totals.get("TransactionTaxAmount", ""),
        "total_gross": totals.get("TransactionGrandAmount", ""),
    }


def _customer(transaction: "Element") -> str:
    return _text(transaction, CUSTOMER)


def _kind_of(transaction: "Element", retail: "Element") -> str:
    status = retail.get("TransactionStatus", "").lower()
    if status.startswith("suspended"):
        return "suspend"
    if status in ("voided", "postvoided"):
        return "void"
    kinds = {kind == "Return" for line, _, kind in _sales(transaction) if not _is(line, "VoidFlag")}
    if kinds == {True, False}:
        return "exchange"
    return "return" if kinds == {True} else "sale"


def _kind_of_control(transaction: "Element") -> str:
    """Empty for what is no receipt, such as a cashier signing on."""
    kinds = {
        "ControlTransaction/NoSale": "no_sale",
        "TenderControlTransaction/PaidIn": "payin",
        "TenderControlTransaction/PaidOut": "payout",
    }
    return next((kinds[path] for path in kinds if transaction.find(path) is not None), "")


def line_rows(transaction: "Element") -> Iterator[Row]:
    """Sales and returns; `extended_amount` without the tax that a flag says is within."""
    for line, item, kind in _sales(transaction):
        tax = sum((_decimal(part, "Amount") for part in item.iterfind("Tax")), Decimal())
        within = sum(
            (
                _decimal(part, "Amount")
                for part in item.iterfind("Tax")
                if (base := part.find("TaxableAmount")) is not None
                and _is(base, "TaxIncludedInTaxableAmountFlag")
            ),
            Decimal(),
        )
        extended = _text(item, "ExtendedAmount")
        quantity = item.find("Quantity")
        discounts = sum((amount for _, amount in _modifiers(item)), Decimal())
        link = item.find("TransactionLink")
        entry = line.get("EntryMethod", "").lower()
        disposal = item.find("Disposal")
        yield (
            _key(transaction)
            | {
                "line_seq": _text(line, "SequenceNumber"),
                "line_type": "return"
                if kind == "Return"
                else LINE_TYPES.get(item.get("ItemType", "").lower(), "sale"),
                "void_flag": line.get("VoidFlag", ""),
                "item_id": _text(item, "ItemID") or _first(item, "POSIdentity/POSItemID"),
                "gtin": _gtin(item),
                "qty": _text(item, "Quantity"),
                "uom": "" if quantity is None else quantity.get("UnitOfMeasureCode", ""),
                "regular_unit_price": _text(item, "RegularSalesUnitPrice"),
                "actual_unit_price": _text(item, "ActualSalesUnitPrice"),
                "extended_amount": _plain(_decimal(item, "ExtendedAmount") - within)
                if extended
                else "",
                "line_discount": _plain(discounts) if discounts else "",
                "tax_amount": _plain(tax) if item.find("Tax") is not None else "",
                "sold_at": _text(line, "BeginDateTime")
                or _text(transaction, "EndDateTime", "BeginDateTime"),
                "customer_ref": _customer(transaction),
                "currency": _text(transaction, "CurrencyCode"),
                "entry_method": entry if entry in ("scanned", "keyed", "weighed") else "",
                "return_reason": _text(item, "ReasonCode"),
                "serial_no": _text(item, "SerialNumber"),
                "restock_flag": ""
                if disposal is None
                else str(disposal.get("Method") == "ReturnToStock").lower(),
                "salesperson_id": _first(item, "Associate/AssociateID"),
            }
            | ({} if link is None else _original(link))
        )


def _gtin(item: "Element") -> str:
    """The bar code, when what was entered is as long as one; a short number is the till's own."""
    code = _text(item, "GTIN") or _first(item, "POSIdentity/POSItemID")
    return code if code.isdigit() and len(code) in (8, 12, 13, 14) else ""


def _original(link: "Element") -> Row:
    return {f"original_{name}": value for name, value in _key(link).items()} | {
        "original_line_seq": _text(link, "LineItemSequenceNumber")
    }


def _modifiers(item: "Element") -> Iterator[tuple["Element", Decimal]]:
    """Price modifiers with what they take off; a surcharge takes off less than nothing."""
    for modifier in item.iterfind("RetailPriceModifier"):
        amount = modifier.find("Amount")
        sign = -1 if amount is not None and amount.get("Action") == "Add" else 1
        yield modifier, sign * _decimal(modifier, "Amount")


def discount_rows(transaction: "Element") -> Iterator[Row]:
    """Discounts of lines and of the basket; those of voided lines are void with them."""
    for line, item, kind in _line_items(transaction):
        number = _text(line, "SequenceNumber")
        if _is(line, "VoidFlag"):
            continue
        if kind in SALES:
            for place, (modifier, amount) in enumerate(_modifiers(item), start=1):
                yield _discount(transaction, modifier, amount) | {
                    "line_seq": number,
                    "mod_seq": _text(modifier, "SequenceNumber") or str(place),
                    "scope": "line",
                }
        elif kind == "Discount":
            yield _discount(transaction, item, _decimal(item, "Amount")) | {
                "line_seq": "0",
                "mod_seq": number,
                "scope": "basket",
            }


def _discount(transaction: "Element", modifier: "Element", amount: Decimal) -> Row:
    is_override = "override" in modifier.get("MethodCode", "").lower()
    is_percent = modifier.find("Percent") is not None
    return _key(transaction) | {
        "amount": _plain(amount),
        "promotion_id": _text(modifier, "PromotionID", "PriceDerivationRule/PriceDerivationRuleID"),
        "coupon_code": _text(modifier, "CouponID"),
        "method": "override" if is_override else "pct" if is_percent else "amt",
        "reason": _text(modifier, "ReasonCode"),
    }


def tender_rows(transaction: "Element") -> Iterator[Row]:
    """Tenders, a refund with a negative amount; account numbers are never read."""
    for line, tender, kind in _line_items(transaction):
        if kind != "Tender" or _is(line, "VoidFlag"):
            continue
        declared = tender.get("TenderType", "")
        is_refund = tender.get("TypeCode", "").lower() == "refund"
        amount = _decimal(tender, "Amount")
        money, card = tender.find("Amount"), tender.find("CreditDebit")
        yield _key(transaction) | {
            "tender_seq": _text(line, "SequenceNumber"),
            "tender_type": TENDER_TYPES.get(declared.lower(), declared),
            "amount": _plain(-abs(amount) if is_refund else amount) if money is not None else "",
            "change_amount": _text(tender, "TenderChange/Amount"),
            "currency": _text(tender, "ForeignCurrency/CurrencyCode")
            or ("" if money is None else money.get("Currency", "")),
            "fx_rate": _text(tender, "ForeignCurrency/ExchangeRate"),
            "card_brand": "" if card is None else card.get("CardType", ""),
            "card_token": _text(tender, CARD_TOKEN),
            "auth_code": _text(tender, "Authorization/AuthorizationCode"),
            "is_refund": str(is_refund).lower(),
        }


def session_rows(transaction: "Element") -> Iterator[Row]:
    """The settlement of a till: one row a `TillSettle`, the cash of its first tender summary."""
    settle = transaction.find("TenderControlTransaction/TillSettle")
    if settle is None:
        return
    key = _key(transaction)
    yield {
        "store_id": key["store_id"],
        "workstation_id": key["workstation_id"],
        "session_no": _text(settle, "SessionNumber") or key["transaction_seq"],
        "business_date": key["business_date"],
        "open_ts": _text(transaction, "BeginDateTime"),
        "close_ts": _text(transaction, "EndDateTime"),
        "expected_amount": _first(settle, "TenderSummary/ExpectedAmount"),
        "counted_amount": _first(settle, "TenderSummary/Amount"),
        "float_amount": _text(settle, "OpenCashAmount"),
        "z_total_net": _text(settle, "TotalNetSalesAmount"),
        "z_txn_count": _text(settle, "TransactionCount"),
    }


TRANSACTION_COLUMNS = (
    *KEY, "begin_ts", "end_ts", "txn_type", "cancel_flag", "training_flag", "offline_flag",
    "operator_id", "currency", "customer_ref", "loyalty_id", "item_count", "total_net",
    "total_tax", "total_gross",
)  # fmt: skip
LINE_COLUMNS = (
    *KEY, "line_seq", "line_type", "void_flag", "item_id", "gtin", "qty", "uom",
    "regular_unit_price", "actual_unit_price", "extended_amount", "line_discount", "tax_amount",
    "sold_at", "customer_ref", "currency", "entry_method", "return_reason", "serial_no",
    "original_store_id", "original_workstation_id", "original_transaction_seq",
    "original_business_date", "original_line_seq", "restock_flag", "salesperson_id",
)  # fmt: skip
DISCOUNT_COLUMNS = (
    *KEY, "line_seq", "mod_seq", "scope", "amount", "promotion_id", "coupon_code", "method",
    "reason",
)  # fmt: skip
TENDER_COLUMNS = (
    *KEY, "tender_seq", "tender_type", "amount", "change_amount", "currency", "fx_rate",
    "card_brand", "card_token", "auth_code", "is_refund",
)  # fmt: skip
SESSION_COLUMNS = (
    "store_id", "workstation_id", "session_no", "business_date", "open_ts", "close_ts",
    "expected_amount", "counted_amount", "float_amount", "z_total_net", "z_txn_count",
)  # fmt: skip

ROWS_OF: dict[str, tuple[tuple[str, ...], Callable[["Element"], Iterator[Row]]]] = {
    "pos_transaction": (TRANSACTION_COLUMNS, transaction_rows),
    "pos_line": (LINE_COLUMNS, line_rows),
    "pos_discount": (DISCOUNT_COLUMNS, discount_rows),
    "pos_tender": (TENDER_COLUMNS, tender_rows),
    "register_session": (SESSION_COLUMNS, session_rows),
}
"""Feed -> the contract columns that POSLog fills, and the rows of one transaction."""
