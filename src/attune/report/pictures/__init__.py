"""What the page draws, as SVG."""
