"""LLM serving on Kubernetes: KRM functions that turn a short LLMService into the manifests that serve it."""

__version__ = "0.1.0"
