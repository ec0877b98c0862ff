"""Kubernetes objects and lists of them: what they are, where they belong, what refers to what.

Nothing here touches a disk, a process or a schema. It may import `document`.
"""
