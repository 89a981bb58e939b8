"""What contributors run on the repository itself; no part of the product."""
