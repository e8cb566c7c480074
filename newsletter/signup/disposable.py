"""Domains whose mailboxes are thrown away within the hour: a letter to them reaches nobody."""

from functools import cache

from newsroom.addresses import email_key


def is_disposable(email: str) -> bool:
    labels = email_key(email).rpartition("@")[2].split(".")
    return any(".".join(labels[at:]) in _domains() for at in range(len(labels) - 1))


@cache
def _domains() -> frozenset[str]:
    from disposable_email_domains import blocklist  # five thousand names, read when the first form comes in

    return frozenset(blocklist)
