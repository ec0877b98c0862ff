"""The tables of our pages, a module for each page or kind of page. docs/tables.py puts them there."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
