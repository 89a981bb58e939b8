from s3 import s3, s3_server

__all__ = ["s3", "s3_server"]
