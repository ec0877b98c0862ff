"""Facts with their sources: accelerators, models, vLLM, platforms, classes of Gateways and releases, as tables.

May import: one another, `domain/spelling.py` and `domain/record.py`. A fact knows no intent.
"""
