"""What training and prediction share: a fold and its labels, what is fitted, and how it is shown."""
