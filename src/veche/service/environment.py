"""What the environment says of this installation; settings are made from it and from nothing else.

The supervisor sets these variables for its children; docs/reference/settings.md lists them.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

#: Connections that one process may hold. A stream holds none, nor does a request that waits for the commit of
#: a group, but for an operator's form: who waits for one waits for pages that need nobody else to end.
POOL_SIZE = 25


@dataclass(frozen=True)
class Environment:
    """One installation, as its processes see it."""

    home: Path
    database_url: str
    secret: str
    public_url: str
    allowed_hosts: list[str]
    vault_key_file: Path | None
    demo: bool
    #: How many proxies of the owner's stand before the web server; each names whom it speaks for.
    proxies: int = 0
    #: Where people sign in with an identity of their own house; nothing where they do not.
    oidc: "Oidc | None" = None
    #: The mail server that pictures are sent by; nothing where no mail is sent.
    smtp: "Smtp | None" = None

    @property
    def https(self) -> bool:
        """Whether people reach the service by https."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True)
class Oidc:
    """A provider of identities (OpenID Connect) and what we are to it."""

    #: Its issuer: the address that `/.well-known/openid-configuration` is asked at.
    issuer: str
    client: str
    secret: str
    #: What the button to sign in with it says.
    name: str


@dataclass(frozen=True)
class Smtp:
    """A mail server, and who we are to it."""

    host: str
    port: int
    #: "starttls", "tls" or "none".
    security: str
    #: The address that mails come from.
    sender: str
    user: str = ""
    password: str = ""


#: The port of each way to speak to a mail server, unless another is named (RFC 8314, RFC 5321).
_SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def environment() -> Environment:
    """Read the environment.

    Raises:
        ImproperlyConfigured: a variable that must be there is missing, or the secret cannot be read.
    """
    home = Path(_needed("VECHE_HOME"))
    vault_key = os.environ.get("VECHE_VAULT_KEY_FILE")
    return Environment(
        home=home,
        database_url=_needed("VECHE_DATABASE_URL"),
        secret=_secret(Path(_needed("VECHE_SECRET_FILE"))),
        public_url=os.environ.get("VECHE_PUBLIC_URL", ""),
        allowed_hosts=os.environ.get("VECHE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(","),
        vault_key_file=Path(vault_key) if vault_key else None,
        demo=os.environ.get("VECHE_DEMO") == "yes",
        proxies=int(os.environ.get("VECHE_PROXIES", "0")),
        oidc=_oidc(),
        smtp=_smtp(),
    )


def database(env: Environment) -> dict[str, Any]:
    """Return Django's description of the database behind a libpq URL."""
    parts = {k: v for k, v in conninfo_to_dict(env.database_url).items() if v is not None}
    named = {
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
    }
    pool = {"min_size": 1, "max_size": POOL_SIZE, "timeout": 5}
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": {**parts, "pool": pool}}


def share_figures(home: Path) -> Path:
    """Let the processes of the web server count together; return the folder where they do.

    The library that counts asks the environment when it is imported, so this comes before.
    """
    folder = home / "run" / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return folder


def identities(env: Environment) -> dict[str, Any]:
    """Return django-allauth's description of the provider of identities, if there is one."""
    if env.oidc is None:
        return {}
    app = {
        "provider_id": "house",
        "name": env.oidc.name,
        "client_id": env.oidc.client,
        "secret": env.oidc.secret,
        "settings": {"server_url": env.oidc.issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def _oidc() -> Oidc | None:
    issuer = os.environ.get("VECHE_OIDC_ISSUER")
    if not issuer:
        return None
    return Oidc(
        issuer=issuer,
        client=_needed("VECHE_OIDC_CLIENT"),
        secret=_secret(Path(_needed("VECHE_OIDC_SECRET_FILE"))),
        name=os.environ.get("VECHE_OIDC_NAME", "OpenID Connect"),
    )


def mail(env: Environment) -> dict[str, Any]:
    """Return Django's settings of mail; without a mail server nothing is sent, and no server is tried."""
    if env.smtp is None:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend", "EMAIL_HOST": ""}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": env.smtp.host,
        "EMAIL_PORT": env.smtp.port,
        "EMAIL_HOST_USER": env.smtp.user,
        "EMAIL_HOST_PASSWORD": env.smtp.password,
        "EMAIL_USE_TLS": env.smtp.security == "starttls",
        "EMAIL_USE_SSL": env.smtp.security == "tls",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": env.smtp.sender,
    }


def _smtp() -> Smtp | None:
    host = os.environ.get("VECHE_SMTP_HOST")
    if not host:
        return None
    security = os.environ.get("VECHE_SMTP_SECURITY", "starttls")
    if security not in _SMTP_PORTS:
        raise ImproperlyConfigured("VECHE_SMTP_SECURITY is starttls, tls or none.")
    password = os.environ.get("VECHE_SMTP_PASSWORD_FILE")
    return Smtp(
        host=host,
        port=int(os.environ.get("VECHE_SMTP_PORT") or _SMTP_PORTS[security]),
        security=security,
        sender=_needed("VECHE_SMTP_FROM"),
        user=os.environ.get("VECHE_SMTP_USER", ""),
        password=_secret(Path(password)) if password else "",
    )


def _needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Start the service with `veche up`.")
    return value


def _secret(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path}: {error.strerror}") from None
