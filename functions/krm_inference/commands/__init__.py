"""Commands of krmfn about inference, a folder each; `command.py` is what they share.

May import: everything of krm_inference but one another. Nothing imports a command.
"""
