"""The ledger of the live service: appends entries, signs what has grown, exports chains.

What an entry is and how an export is checked lies in `veche.ledger`, which needs no service.
"""
