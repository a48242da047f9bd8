"""The CDNOW panel and the fit on it, made once a module."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cdnow import Panel, panel

from pipelines.value.likelihood import Fit
from pipelines.value.mbg_nbd import MbgNbd, fit_mbg_nbd


@pytest.fixture(scope="session")
def cdnow() -> Panel:
    return panel()


@pytest.fixture(scope="session")
def fitted(cdnow: Panel) -> tuple[MbgNbd, Fit]:
    return fit_mbg_nbd(cdnow.occasions)
