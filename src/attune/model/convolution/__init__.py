"""The front end's convolutions: their literal form, a faster one, and the filters that they begin with."""
