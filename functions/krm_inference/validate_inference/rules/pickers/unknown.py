"""Pickers of which no table says what they read."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import Picker, pickers
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.unchecked import Unchecked, unchecked


def unknown_pickers(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the pickers of no known release, and those of which only the release is known."""
    found = [picker for picker in pickers(index) if picker.config is None]
    for what, of_release in (("configuration, metrics and kinds are", False), ("its configuration is", True)):
        images = (_of(picker) for picker in found if (picker.release is not None) == of_release)
        reason = "the image is another build of its release" if of_release else "the image is of no known release"
        yield from unchecked(images, what, reason)


def _of(picker: Picker) -> Unchecked:
    return Unchecked("picker", picker.container.field["image"], picker.container.image)
