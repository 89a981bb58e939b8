"""Tools that contributors run on the repository itself; not part of the product."""
