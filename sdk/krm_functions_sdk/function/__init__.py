"""What a function is, what it is told, and how it is run: all that the image of an author's function needs.

It may import `files`, `resources` and `document`, and never `kpt` or `commands`. `schema` alone imports jsonschema-rs.
"""
