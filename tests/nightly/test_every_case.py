"""All validation cases; minutes, so only where ICSFLOW_NIGHTLY is set."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

import run


@pytest.mark.skipif("ICSFLOW_NIGHTLY" not in os.environ, reason="ICSFLOW_NIGHTLY is not set")
@pytest.mark.timeout(3600)
def test_every_case():
    assert run.main([]) == 0
