"""The requests that show whether a package serves, as a shell script, for the commands that write it.

May import: the SDK and the domain.
"""
