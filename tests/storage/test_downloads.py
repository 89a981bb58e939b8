"""Downloads of many objects end with the first that fails: nobody waits for thousands more."""

import time

import pytest

from attune.storage import object_store


class Failing:
    """A client whose first object cannot be had."""

    def __init__(self):
        self.asked = []

    def download_file(self, bucket, key, path):
        self.asked.append(key)
        if key == "0":
            raise ValueError(key)
        time.sleep(0.01)


def test_the_first_error_ends_a_download(tmp_path):
    client = Failing()
    with pytest.raises(ValueError, match="0"):
        object_store.download(client, "bucket", [(str(number), tmp_path / str(number)) for number in range(1000)])
    assert len(client.asked) < 1000
