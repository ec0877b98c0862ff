"""The commands of krmfn, a module each: its USAGE, and `main`, which takes the arguments and returns an exit status.

The table of them is in `krmfn`. Here a person's words become a call: it may import every other room.
"""
