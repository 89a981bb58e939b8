"""The meaning of S3's errors: common faults, how to recognise them, and what to do about them."""

import re
from typing import NamedTuple


class Fault(NamedTuple):
    """A fault: `signs` is a regular expression for the error's text: S3's error code or a class name of botocore."""

    what: str
    signs: str
    remedy: str
    passes: bool = False
    """Whether it is transient."""


FAULTS = (
    Fault(
        "no credentials for S3",
        r"NoCredentialsError|Unable to locate credentials|PartialCredentialsError|CredentialRetrievalError",
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile of ~/.aws by AWS_PROFILE.",
    ),
    Fault(
        "there is no such profile in ~/.aws",
        r"ProfileNotFound|The config profile .* could not be found",
        "Check AWS_PROFILE against the names in ~/.aws/config and ~/.aws/credentials.",
    ),
    Fault(
        "the address of the S3 server is not valid",
        r"Invalid endpoint",
        "Set AWS_ENDPOINT_URL, or endpoint_url in ~/.aws/config, to one with http:// or https:// before it.",
    ),
    Fault(
        "the settings of ~/.aws cannot be read",
        r"ConfigParseError|ConfigNotFound|InvalidS3AddressingStyleError|InvalidRegionError|InvalidConfigError",
        "Correct ~/.aws/config, or the file that AWS_CONFIG_FILE names.",
    ),
    Fault(
        "the credentials for S3 have expired",
        r"\bExpiredToken(?:Exception)?\b|TokenRefreshRequired|token (?:included in the request is|has) expired|"
        r"SSOTokenLoadError|UnauthorizedSSOToken",
        "Sign in again (`aws sso login`), or set fresh keys: AWS_ACCESS_KEY_ID, its secret and its token.",
    ),
    Fault(
        "this machine's clock is wrong",
        r"RequestTimeTooSkewed|RequestExpired|RequestInTheFuture",
        "Set the clock (`timedatectl set-ntp true`): S3 refuses requests that are more than 15 minutes off.",
    ),
    Fault(
        "S3 does not know these credentials",
        r"SignatureDoesNotMatch|InvalidAccessKeyId|InvalidToken|AuthorizationHeaderMalformed|UnrecognizedClientException",
        "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN: all of one account of this server.",
    ),
    Fault(
        "there is no such bucket",
        r"NoSuchBucket|The specified bucket does not exist",
        "Check the bucket's name, and that AWS_ENDPOINT_URL and the region name the server that has it.",
    ),
    Fault(
        "the bucket is in another region",
        r"PermanentRedirect|IllegalLocationConstraint|TemporaryRedirect|\(301\)",
        "Set AWS_DEFAULT_REGION, or the profile's region, to the bucket's.",
    ),
    Fault(
        "these credentials may not do that",
        r"AccessDenied|AllAccessDisabled|AccountProblem|\(403\)|Forbidden",
        "Ask whoever owns the bucket for the right to list, read and write below this address.",
    ),
    Fault(
        "the bucket is full",
        r"QuotaExceeded|StorageFull|InsufficientStorage|InsufficientCapacity|\(507\)",
        "Delete what is no longer needed there, or have the quota raised.",
    ),
    Fault(
        "the file is too large for this server",
        r"EntityTooLarge",
        "Have the server's limit raised.",
    ),
    Fault(
        "S3 asks for fewer requests",
        r"SlowDown|RequestTimeout\b|Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded|ServiceUnavailable|\(503\)|\(429\)",
        "Wait a few minutes and run the same command again: what has arrived is not sent again.",
        passes=True,
    ),
    Fault(
        "what was listed is no longer there",
        r"NoSuchKey|\(404\)",
        "Somebody deleted or moved it; check the address, and for DVC's data run `dvc push` where they are.",
    ),
    Fault(
        "S3's certificate is not trusted here",
        r"botocore.*SSL|SSL validation failed",
        "Set AWS_CA_BUNDLE to the file with the certificate of its authority.",
    ),
    Fault(
        "S3 does not answer",
        r"EndpointConnectionError|Could not connect to the endpoint|ConnectTimeoutError|ReadTimeoutError.*s3|"
        r"ConnectionClosedError|IncompleteReadError|IncompleteBody",
        "Check that the server runs and that AWS_ENDPOINT_URL names it, then run the same command again.",
        passes=True,
    ),
)

OTHER = Fault(
    "S3 refused the request", "", "Check the address, and that AWS_ENDPOINT_URL names the right server.", passes=False
)


def is_of_an_endpoint(error: BaseException) -> bool:
    """Whether botocore, which has no exception class for this, refused the address of a server."""
    return isinstance(error, ValueError) and str(error).startswith("Invalid endpoint")


def recognise(text: str) -> Fault:
    """Return the fault that an error's text describes."""
    return next((fault for fault in FAULTS if re.search(fault.signs, text, re.S)), OTHER)
