"""Packages rendered as kpt renders them: the steps of their pipelines, what runs each, and what is told of it.

It may import `function`, `files`, `resources` and `document`.
"""
