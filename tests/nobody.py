"""A user who owns nothing: what may not be read is tested as root too, who may read everything."""

import os
from contextlib import contextmanager


@contextmanager
def nobody():
    """As a user who owns nothing here."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
