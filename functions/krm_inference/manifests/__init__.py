"""A set of manifests as a cluster has it: objects, their Pods, servers and pickers, and what refers to what.

It finds nothing wrong and names no rule: whoever asks decides. May import: the domain and the SDK, no function.
"""
