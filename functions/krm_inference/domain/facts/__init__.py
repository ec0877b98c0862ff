"""Facts with their sources: accelerators, models, vLLM, platforms, classes of Gateways and releases, as tables.

May import: one another and `domain/spelling.py`. A fact knows no intent.
"""
