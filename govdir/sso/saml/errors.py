"""What is wrong with a message, as types. The text is for the administrator's log and for the error page; it
quotes nothing of the message but names of elements and algorithms."""

from __future__ import annotations

from govdir.policy.texts import Wording


class SamlError(Exception):
    """A message that cannot be used."""


class MalformedMessage(SamlError):
    """Not XML, not by the schema, too large, badly encoded or with parts that are never taken (DOCTYPE)."""


class SignatureRefused(SamlError):
    """A signature is missing where one is needed, wrong, of a refused algorithm or covers something else."""


class DecryptionRefused(SamlError):
    """What is encrypted cannot be read with our keys; always one and the same text."""


class UnusableMetadata(SamlError):
    """A service provider's metadata that cannot be taken over; the text names the element and the rule.

    `why` is for the operator, in both languages; as text the error is its English.
    """

    def __init__(self, why: Wording) -> None:
        super().__init__(why.en)
        self.why = why


class CannotEncrypt(SamlError):
    """The other side has published no key that encryption may use."""
