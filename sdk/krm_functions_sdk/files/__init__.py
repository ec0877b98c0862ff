"""Where objects lie: a package is read once, and changed all together or not at all.

What lies in a package is written here and nowhere else. It may import `resources` and `document`.
"""
