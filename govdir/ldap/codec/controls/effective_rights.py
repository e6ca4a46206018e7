"""Get effective rights (draft-ietf-ldapext-acl-model-08 §9, as 389 Directory Server speaks it)."""

from __future__ import annotations

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import EFFECTIVE_RIGHTS
from govdir.ldap.codec.controls.read_entry import MAX_NAMES
from govdir.ldap.codec.controls.values import value_of
from govdir.ldap.codec.errors import limit_exceeded
from govdir.ldap.codec.messages import Control


class RightsQuestion(Struct, frozen=True):
    """Whose rights (an authorization identity "dn:…", "" for whoever asks), and on which attributes besides
    those that entries have."""

    subject: str = ""
    attributes: tuple[str, ...] = ()


def decode_rights_question(control: Control) -> RightsQuestion:
    """The value: a SEQUENCE of authzId and attribute names, or the bare authzId of OpenLDAP's tools;
    raises DecodeError."""
    value = value_of(control)
    if not value.startswith(b"\x30"):
        return RightsQuestion(ber.decode_text(value, "authzId"))
    content = ber.only_sequence(value, "GetRightsControl")
    subject = content.text(ber.OCTET_STRING, "authzId")
    names: list[str] = []
    if content.next_tag() == ber.SEQUENCE:
        listed = content.enter(ber.SEQUENCE, "attributes")
        while not listed.at_end:
            if len(names) == MAX_NAMES:
                raise limit_exceeded("GetRightsControl attributes", MAX_NAMES)
            names.append(listed.text(ber.OCTET_STRING, "attribute"))
    content.ignore_extensions()
    return RightsQuestion(subject, tuple(names))


def encode_rights_question(question: RightsQuestion, *, critical: bool = True) -> Control:
    """The control that asks."""
    names = ber.sequence(*map(ber.text, question.attributes)) if question.attributes else b""
    return Control(EFFECTIVE_RIGHTS, critical, ber.sequence(ber.text(question.subject), names))
