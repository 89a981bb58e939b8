"""Parts of `attune train` and of the learning curve: what is fitted, and how it is shown."""
