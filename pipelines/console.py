"""What a run says on the terminal: one plain line a step and a sentence now and then."""

import logging
import sys
import time

import dagster as dg


class _PlainHandler(logging.Handler):
    """Prints steps and sentences; leaves the events to Dagster's own pages."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._begun = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is None:
            said = meta.get("orig_message") or record.getMessage()
            # Dagster names each table that a failed step leaves unbuilt: pages about one reason,
            # which the run ends with.
            if record.levelno >= logging.INFO and not said.startswith("Dependencies for step"):
                self._say(f"    {said}")
        elif event.event_type_value == "STEP_START":
            self._say(str(event.step_key).replace("_", " "))

    def _say(self, text: str) -> None:
        seconds = time.monotonic() - self._begun
        sys.stderr.write(f"{seconds:7.1f} s  {text}\n")
        sys.stderr.flush()


@dg.logger(config_schema=None, description="Plain lines for a person at a terminal.")
def console_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """A logger with seconds since the run began."""
    logger = logging.Logger("tillhouse", level=logging.DEBUG)
    logger.addHandler(_PlainHandler())
    return logger
