"""The registered model: what it takes, what it returns, how it runs. Shipped with every version, so it stays small."""
