"""Files on this machine, in S3, and in DVC's storage."""
