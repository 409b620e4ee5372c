"""How much one source may send without signing in, and how often it may guess at secrets.

A source is an address in the network; behind one of a mobile network stand many people, so the allowances are
wide. What is kept is a keyed hash. Of an IPv6 address the first 64 bits count: a host chooses the rest.
"""

import ipaddress
import math

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from veche.core.errors import TooManyFromYou
from veche.service.sql import row
from veche.service.vault.keys import secret_hash

#: What is drawn from: how many a minute, and how many at once after a pause.
ALLOWANCES = {"send": (20.0, 40.0), "track": (60.0, 120.0), "guess": (10.0, 20.0)}

_IPV6_HOST_BITS = 64


def spend(request: HttpRequest, what: str) -> None:
    """Draw one from the allowance of the source of a request.

    Raises:
        TooManyFromYou: there is none left; its `seconds` says when there will be.
    """
    per_minute, burst = ALLOWANCES[what]
    key = secret_hash(f"{what}\x00{_source(request)}")
    [wait] = row("SELECT veche_public_spend(%s, %s, %s)", [key, per_minute, burst])
    if wait > 0:
        raise TooManyFromYou(seconds=max(1, math.ceil(wait)))


def _source(request: HttpRequest) -> str:
    given = get_adapter(request).get_client_ip(request) or ""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> _IPV6_HOST_BITS << _IPV6_HOST_BITS, 64)))
    return str(address)
