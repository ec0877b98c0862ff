"""Figures that a judged run prints at its end."""

from __future__ import annotations

FIGURES: list[str] = []


def say(text: str) -> None:
    """Have a line printed after the last test."""
    FIGURES.append(text)
