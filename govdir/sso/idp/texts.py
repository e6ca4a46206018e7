"""What is said about service providers that cannot be used."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

UNKNOWN_METHOD: Final = Wording(
    "Cài đặt {setting} không phải là một phương pháp được hỗ trợ.",
    "The setting {setting} is no method that is supported.",
)
