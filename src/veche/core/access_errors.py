"""What a person may not reach; part of the tree in `veche.core.errors`, from where they are imported."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class NotYours(ServiceError):
    """There is no such thing, or this person may not do that with it; which of the two is not told."""

    code = "VECHE-V301"
    message = N_("There is nothing here for you.")
    hint = N_("Check the address. If you should see this, ask your administrator for the role that you need.")
