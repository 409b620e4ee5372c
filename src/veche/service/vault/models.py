"""Keys of persons and sealed originals. Destroying a person's key makes all that they wrote unreadable."""

from django.db import models

from veche.service.accounts.models import Tenant
from veche.service.inbox.models import Appeal, Person


class PersonKey(models.Model):
    """The key of one person, wrapped by the master key, which lies outside the database."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    wrapped = models.BinaryField()
    #: Which master key wrapped it: the first bytes of its digest.
    master = models.CharField(max_length=16)


class Sealed(models.Model):
    """The original of one appeal (AES-GCM under the person's key; the appeal's id is bound to it)."""

    appeal = models.OneToOneField(Appeal, models.CASCADE, primary_key=True, related_name="sealed")
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()
