"""Images that have a digest, for compiling as for a cluster."""

DIGEST = "sha256:" + "0123456789abcdef" * 4
PINNED = {"images": {"cpu": f"attune-cpu@{DIGEST}", "gpu": f"attune-gpu@{DIGEST}"}}
PINNED_OPTIONS = [part for name, image in PINNED["images"].items() for part in ("--set", f"images.{name}={image}")]
