"""What is wrong with a file somebody wrote, in words for him and without the library's own."""

from pydantic import ValidationError


def in_words(error: Exception) -> str:
    """Where and what, of each fault that pydantic found; the message of any other error."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, fault["loc"])), _said(fault["msg"])]))
        for fault in error.errors(include_url=False, include_input=False)
    )


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
