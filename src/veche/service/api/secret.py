"""Secrets of tracking links for appeals that come by the API.

They follow from the token and the appeal's id, so that a repeated request is answered with the same secrets
although the database keeps only their hashes: whoever repeats it brings the token.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from veche.service.inbox.take import SECRET_BYTES


def tracking_secret(token: str, appeal_id: UUID) -> str:
    """Return the secret of one appeal (HMAC-SHA256, RFC 2104, cut to 128 bits as its section 5 allows)."""
    digest = hmac.digest(token.encode(), b"tracking" + appeal_id.bytes, hashlib.sha256)
    return urlsafe_b64encode(digest[:SECRET_BYTES]).rstrip(b"=").decode()
