"""Quantities as the API server stores them, so that what we write reads back the same."""

from __future__ import annotations

from krm_functions_sdk.document.pattern import pattern

# Bounded: nobody means more digits, and Python refuses to turn very long texts into numbers.
_QUANTITY = pattern(r"([+-]?)(\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)")
_LONGEST = 90
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def stored(value: str | float) -> str:
    """Return a quantity in the form in which the API server stores it: 0.5 as 500m, 1024Mi as 1Gi, 4 as the text 4.

    What is no quantity comes back as it is. Source: CanonicalizeBytes in
    k8s.io/apimachinery v0.34.0, pkg/api/resource/quantity.go.
    """
    text = str(value)
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return text
    sign, number, exponent, suffix = match.groups()
    is_plain = number.isdecimal() and number[0] != "0" and not sign and not exponent
    if is_plain and int(number) % (1024 if suffix and suffix.endswith("i") else 1000):
        return text  # as most are written, and without the import of fractions
    from fractions import Fraction

    amount = Fraction(number)
    if suffix and suffix.endswith("i"):
        power = _BINARY.index(suffix)
        amount *= 1024**power
        if amount >= 1024:
            return sign.strip("+") + _shortest(-(-amount.numerator // amount.denominator), 1024, _BINARY)
    elif suffix:
        amount *= Fraction(1000) ** (_DECIMAL.index(suffix) - 3)
    elif exponent:
        amount *= Fraction(10) ** int(exponent)
    nano = amount * 10**9
    whole = -(-nano.numerator // nano.denominator)  # what is below a billionth is rounded up
    endings = tuple(f"e{3 * power - 9}" if power != 3 else "" for power in range(10)) if exponent else _DECIMAL
    return (sign.strip("+") if whole else "") + (_shortest(whole, 1000, endings) if whole else "0")


def _shortest(whole: int, base: int, endings: tuple[str, ...]) -> str:
    power = 0
    while whole % base == 0 and power + 1 < len(endings):
        whole //= base
        power += 1
    return f"{whole}{endings[power]}"
