"""Authorities and the people who work in them. Tenants form a tree; a role is granted from a day to a day."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from veche.core.ids import uuid7


class Level(models.TextChoices):
    """Where a tenant stands in the tree."""

    NATION = "nation", _("Nation")
    REGION = "region", _("Region")
    MUNICIPALITY = "municipality", _("Municipality")


class Tenant(models.Model):
    """An authority with its own people and walls. Who sees a tenant sees those below it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=20, choices=Level.choices)
    #: The folder or the code of the pack that its appeals are understood with.
    pack = models.CharField(max_length=200)
    #: SHA-256 of the model in the data folder that decides beside the pack; "" for none.
    model = models.CharField(max_length=64, blank=True, default="")
    #: Code of the territory it governs; "" for the whole country of the pack.
    territory = models.CharField(max_length=60, blank=True)
    #: Days after which what names a person is erased; nothing for never.
    keep_days = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people; the e-mail address is what they sign in with."""

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new person; without a password nobody can sign in with one."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What they may do follows from their roles alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    #: Whether they have seen the tour of the pages, or did not want to.
    toured = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]  # noqa: RUF012 - a plain list is what Django reads
    objects: ClassVar[UserManager] = UserManager()  # pyright: ignore[reportIncompatibleVariableOverride]

    def __str__(self) -> str:
        return self.name


class RoleName(models.TextChoices):
    """What a person is in a tenant."""

    EDITOR = "editor", _("Editor")
    ANALYST = "analyst", _("Analyst")
    OFFICIAL = "official", _("Official")
    CONTROLLER = "controller", _("Controller")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Role(models.Model):
    """A role of a person in a tenant, from a moment to a moment, narrowed to a territory or a body or not."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="roles")
    tenant_id: UUID
    user = models.ForeignKey(User, models.CASCADE, related_name="roles")
    user_id: UUID
    role = models.CharField(max_length=20, choices=RoleName.choices)
    #: Path of the territory that the role is narrowed to ("RU/RU-TA/kazan"); "" for all.
    territory = models.CharField(max_length=300, blank=True)
    #: Code of the body that the role is narrowed to; "" for all.
    body = models.CharField(max_length=120, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "valid_from"])]


class Delegation(models.Model):
    """An appeal lent to another tenant, whose people may act on it, from a moment to a moment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: The owner of the appeal, who lends it.
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="lent")
    tenant_id: UUID
    to_tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="borrowed")
    to_tenant_id: UUID
    appeal_id = models.UUIDField(db_index=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    lent_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["to_tenant", "valid_from"])]


class Attempt(models.Model):
    """Failed passwords for an account from one source or device; see `throttle`. Rows hold only a hash."""

    key = models.BinaryField(max_length=32, primary_key=True)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)


class Refusal(models.Model):
    """How often a person was refused something within one minute; see `refusals`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    user_id: UUID
    minute = models.DateTimeField()
    #: Whose chain of the ledger is told: of an authority where the person works, or the platform's.
    chain = models.UUIDField()
    #: How many are not in the ledger yet.
    more = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "minute"], name="one_count_per_minute")
        ]
