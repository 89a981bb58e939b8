"""A port that a test asks for is still its own when its server listens, seconds later."""

import socket

import pytest
from ports import free_port


def test_a_port_is_taken_by_the_server_that_names_it_as_often_as_it_is_started_and_by_no_other():
    port = free_port()
    for _ in range(2):
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(server.getsockname()):
            pass
