"""The registered model: inputs, outputs and inference. Shipped with every version, so it stays small."""
