"""The tables of cases: what each rule finds where, and what it leaves alone."""

from __future__ import annotations

import pytest
from cases import Case, demand_finding, demand_silence
from pod_cases import CASES as OF_PODS
from route_cases import CASES as OF_ROUTES
from test_security import CASES as OF_SECURITY
from test_servers import CASES as OF_SERVERS

TABLES = {"pods": OF_PODS, "routes": OF_ROUTES, "security": OF_SECURITY, "servers": OF_SERVERS}
CASES = {f"{table}: {name}": case for table, cases in TABLES.items() for name, case in cases.items()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_fault_is_found_at_its_field(case: Case) -> None:
    demand_finding(case)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_right_is_not_found(case: Case) -> None:
    demand_silence(case)
