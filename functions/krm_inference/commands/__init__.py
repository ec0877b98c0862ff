"""Commands that krmfn gets from this distribution."""
