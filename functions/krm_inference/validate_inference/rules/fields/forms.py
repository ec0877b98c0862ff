"""How names look in fields of Kubernetes' own kinds, by the definition of OpenAPI and the field.

Source: Kubernetes 1.37, pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Form(Record):
    """A pattern, and what it is in words."""

    pattern: re.Pattern[str]
    said: str


_LABEL = Form(pattern(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z"), "at most 63 lower-case letters, digits and dashes")
_NAME = Form(
    pattern(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z"),
    "the name of an object",
)
_KEY = Form(pattern(r"[-._a-zA-Z0-9]{1,253}\Z"), "letters, digits, dashes, dots and underscores")
_QUALIFIED = Form(
    pattern(r"([-.a-z0-9]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z"),
    "letters, digits, dashes, dots and underscores, with or without a domain and a slash before them",
)
FORMS: dict[str, dict[str, Form]] = {
    "core.v1.Container": {"name": _LABEL},
    "core.v1.ServicePort": {"name": _LABEL},
    "core.v1.Volume": {"name": _LABEL},
    "core.v1.Toleration": {"key": _QUALIFIED},
    "core.v1.ConfigMapEnvSource": {"name": _NAME},
    "core.v1.ConfigMapVolumeSource": {"name": _NAME},
    "core.v1.SecretEnvSource": {"name": _NAME},
    "core.v1.ConfigMapKeySelector": {"name": _NAME, "key": _KEY},
    "core.v1.SecretKeySelector": {"name": _NAME, "key": _KEY},
}


def is_name(text: str) -> bool:
    """Say whether a text can be the name of an object."""
    return bool(_NAME.pattern.match(text))


def ill_formed(forms: dict[str, Form], it: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the fields of an object whose text does not look as it must; an empty one is not judged."""
    for name, form in forms.items():
        value = it.get(name)
        if isinstance(value, str) and value and not form.pattern.match(value):
            yield (name,), f"found {value}, expected {form.said}"
