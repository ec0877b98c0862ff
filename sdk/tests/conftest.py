"""What all tests of the SDK share: short property tests, and the strategies beside this file."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from real_tools import require  # these lie beside this file
from searches import EXAMPLES

os.environ["KRMFN_CACHE"] = "off"  # no test is answered from what another had rendered; those about it say so

settings.register_profile("short", max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("short")


@pytest.fixture(scope="session")
def kpt() -> str:
    """The real kpt."""
    return require("kpt")
