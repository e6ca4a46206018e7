"""That everything the trail tells an account's owner has words."""

from __future__ import annotations

from govdir.sso.deeds import Deed
from govdir.sso.idp.outcomes import Denial
from govdir.sso.model import Kind
from govdir.sso.sign_in.steps import Block
from govdir.web import trail_texts


def test_every_kind_every_deed_and_every_refusal_of_the_owner_s_has_words() -> None:
    assert set(trail_texts.KINDS) == set(Kind)
    assert set(trail_texts.DEEDS) == set(Deed)
    assert {each.value for each in (*Block, *Denial)} <= set(trail_texts.OUTCOMES)
