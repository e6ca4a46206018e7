"""The province whose rules the tests go by."""

from __future__ import annotations

import pytest

from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from govdir.policy.model import Pack


@pytest.fixture
def pack() -> Pack:
    return load_province("cantho")


@pytest.fixture
def rules(pack: Pack) -> MailRules:
    return MailRules(pack)
