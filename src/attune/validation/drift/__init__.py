"""How far apart two sets of recordings are, and the page that shows it."""
