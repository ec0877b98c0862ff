"""Quantities are written as the API server stores them."""

import pytest
from krm_inference.domain.quantities import stored

CASES = {
    4: "4",
    0.5: "500m",
    "0.5": "500m",
    "1000m": "1",
    "1500m": "1500m",
    "1.5": "1500m",
    "1024Mi": "1Gi",
    "1.5Gi": "1536Mi",
    "0.5Ki": "512",
    "1000": "1k",
    "1e3": "1e3",
    "100e1": "1e3",
    "12e2": "1200",
    "1000Ki": "1000Ki",
    "2048Gi": "2Ti",
    "0": "0",
    "0Gi": "0",
    "+1": "1",
    "-1000m": "-1",
    ".5Gi": "512Mi",
    "24Gi": "24Gi",
    "many": "many",
    "9" * 100: "9" * 100,
}


@pytest.mark.parametrize(("given", "expected"), CASES.items())
def test_a_quantity_is_written_as_it_is_stored(given: str | float, expected: str) -> None:
    """What the API server gives back is what stands in the file; what is no quantity is left to others to refuse."""
    assert stored(given) == expected
    assert stored(expected) == expected
