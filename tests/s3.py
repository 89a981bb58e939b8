"""A real S3 server for tests, on a folder. A conftest.py or a test module imports the fixture `s3` from here."""

import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ports import free_port

KEY, SECRET = "attune-test", "not-a-secret"


@dataclass(frozen=True)
class S3:
    """The server's address, and the folder whose folders are its buckets."""

    address: str
    folder: Path
    bucket: str = ""
    """One that is there and was empty when the test began."""

    @property
    def environment(self) -> dict[str, str]:
        """What tells boto3 of it."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self) -> Any:
        """A client of the test's own, for looking from outside."""
        import boto3
        from botocore.config import Config

        checks = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, **checks),
        )


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """One server for a module's tests."""
    folder = tmp_path_factory.mktemp("s3")
    port = free_port()
    rclone = shutil.which("rclone") or str(Path(sys.executable).with_name("rclone"))
    command = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    command += ["--dir-cache-time", "1s", str(folder)]  # of 0s, rclone now and then spins for ever
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _wait_for(port)
        yield S3(f"http://127.0.0.1:{port}", folder)
        process.terminate()


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The server, with the environment pointing at it and a bucket of the test's own."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{secrets.token_hex(4)}"
    s3_server.client().create_bucket(Bucket=bucket)
    return replace(s3_server, bucket=bucket)


def _wait_for(port: int) -> None:
    for _ in range(3000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("rclone did not come up")
