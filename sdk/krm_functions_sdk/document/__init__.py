"""One YAML document as text: read, found, written, edited, and proved to say what was meant.

It knows no Kubernetes object and imports no other room: it could be a library of its own. Only `parser` imports PyYAML.
"""
