"""What is raised when a file is refused whole."""


class FileRefused(Exception):
    """A file that is refused whole.

    Attributes:
        rule: Short name of the broken rule, such as `gzip`.
        reason: What is wrong, with the place in the file.
    """

    def __init__(self, rule: str, reason: str) -> None:
        """Keep rule and reason apart for the ledger."""
        super().__init__(f"{rule}: {reason}")
        self.rule = rule
        self.reason = reason
