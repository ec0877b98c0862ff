"""LLM serving on Kubernetes: KRM functions that turn a short LLMService into the manifests that serve it.

Holds `domain/`, `manifests/`, a folder for each function, and `commands/`.
May import: nothing, since every start pays for it.
"""

__version__ = "0.1.0"
