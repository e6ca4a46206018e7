"""The names of controls."""

from __future__ import annotations

from typing import Final

ACCOUNT_USABLE: Final = "1.3.6.1.4.1.42.2.27.9.5.8"  # Sun; draft-wahl-ldap-account-usable (no value asked)
ASSERTION: Final = "1.3.6.1.1.12"  # RFC 4528
DONT_USE_COPY: Final = "1.3.6.1.1.22"  # RFC 6171 (no value)
EFFECTIVE_RIGHTS: Final = "1.3.6.1.4.1.42.2.27.9.5.2"  # draft-ietf-ldapext-acl-model §9
MANAGE_DSA_IT: Final = "2.16.840.1.113730.3.4.2"  # RFC 3296 (no value)
MATCHED_VALUES: Final = "1.2.826.0.1.3344810.2.3"  # RFC 3876
NO_OP: Final = "1.3.6.1.4.1.4203.666.5.2"  # draft-zeilenga-ldap-noop (no value)
PAGED_RESULTS: Final = "1.2.840.113556.1.4.319"  # RFC 2696
PASSWORD_POLICY: Final = "1.3.6.1.4.1.42.2.27.8.5.1"  # noqa: S105 - draft-behera-ldap-password-policy
PERMISSIVE_MODIFY: Final = "1.2.840.113556.1.4.1413"  # Microsoft, [MS-ADTS] §3.1.1.3.4.1.8 (no value)
POST_READ: Final = "1.3.6.1.1.13.2"  # RFC 4527
PRE_READ: Final = "1.3.6.1.1.13.1"  # RFC 4527
PROXIED_AUTHORIZATION: Final = "2.16.840.1.113730.3.4.18"  # RFC 4370
SESSION_TRACKING: Final = "1.3.6.1.4.1.21008.108.63.1"  # draft-wahl-ldap-session
SORT_REQUEST: Final = "1.2.840.113556.1.4.473"  # RFC 2891
SORT_RESPONSE: Final = "1.2.840.113556.1.4.474"  # RFC 2891
SUBENTRIES: Final = "1.3.6.1.4.1.4203.1.10.1"  # RFC 3672
TRANSACTION: Final = "1.3.6.1.1.21.2"  # RFC 5805
TREE_DELETE: Final = "1.2.840.113556.1.4.805"  # draft-armijo-ldap-treedelete (no value)
VIRTUAL_LIST_VIEW_REQUEST: Final = "2.16.840.1.113730.3.4.9"  # draft-ietf-ldapext-ldapv3-vlv
VIRTUAL_LIST_VIEW_RESPONSE: Final = "2.16.840.1.113730.3.4.10"  # draft-ietf-ldapext-ldapv3-vlv
