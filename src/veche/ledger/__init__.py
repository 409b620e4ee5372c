"""The form of the ledger: what an entry is, how entries are chained, signed and checked.

Knows neither a database nor a web framework, so that an auditor can check an export with nothing but
this room and the public key. What appends and signs entries lies in `veche.service.ledger`.
"""
