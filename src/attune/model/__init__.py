"""The network of Zhang, Wu and Schuller (ICASSP 2019): front end, branches, attention, and its four systems."""
