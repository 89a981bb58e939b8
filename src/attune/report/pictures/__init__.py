"""The page's plots, as SVG."""
