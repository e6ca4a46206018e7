"""The searches that address books send, as their sources, defaults or manuals have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

Question = Callable[[str], str]
"""What was typed, of one word or more, escaped for filters: the filter that is sent."""


def _any(*parts: str) -> str:
    return f"(|{''.join(parts)})"


def _inside(word: str, *attributes: str) -> list[str]:
    return [f"({attribute}=*{word}*)" for attribute in attributes]


def _starting(word: str, *attributes: str) -> list[str]:
    return [f"({attribute}={word}*)" for attribute in attributes]


_THUNDERBIRD = ("cn", "givenName", "sn", "mozillaNickname", "mail", "mozillaSecondEmail")


def _thunderbird(typed: str) -> str:
    """mail.addr_book.autocompletequery.format through the default attribute map, an OR for each word."""
    words = typed.split()
    each = [
        _any(*_inside(word, *_THUNDERBIRD), f"(&(isMailList=TRUE)(description=*{word}*))") for word in words
    ]
    joined = each[0] if len(each) == 1 else f"(&{''.join(each)})"
    return f"(&(objectclass=*){joined})"


def _thunderbird_window(typed: str) -> str:
    """mail.addr_book.quicksearchquery.format: the search box of the address book's window."""
    more = ("o", "ou", "title", "mozillaWorkUrl", "mozillaHomeUrl")
    each = [
        _any(
            *_inside(word, *_THUNDERBIRD),
            f"(&(isMailList=TRUE)(description=*{word}*))",
            *_inside(word, *more),
        )
        for word in typed.split()
    ]
    joined = each[0] if len(each) == 1 else f"(&{''.join(each)})"
    return f"(&(objectclass=*){joined})"


def _outlook(typed: str) -> str:
    x = typed
    return f"(&(mail=*)(|(mail={x}*)(|(cn={x}*)(|(sn={x}*)(|(givenName={x}*)(displayName={x}*))))))"


# All that Evolution maps a contact's fields to, in its "any field begins with"; half of it no schema knows.
_EVOLUTION: Final = tuple(
    """
    cn givenname sn mail member primaryphone telephonenumber homephone mobile carphone
    facsimiletelephonenumber homefacsimiletelephonenumber otherphone otherfacsimiletelephonenumber
    internationalisdnnumber pager radio telex assistantphone companyphone callbackphone tty o ou
    roomnumber title businessrole managername assistantname postaladdress l st postofficebox
    postalcode c homepostaladdress mozillahomelocalityname mozillahomestate mozillahomepostalcode
    mozillahomecountryname otherpostaladdress jpegphoto usercertificate labeleduri displayname
    spousename note anniversary birthdate mailer fileas category calcaluri calfburl icscalendar
    """.split()  # noqa: SIM905 (a list of this length reads better as text)
)

CLIENTS: Final[Mapping[str, Question]] = {
    "the issue": lambda x: _any(*_inside(x, "displayName", "mail", "sn", "givenName")),
    "thunderbird": _thunderbird,
    "thunderbird's window": _thunderbird_window,
    "outlook": _outlook,
    "roundcube": lambda x: f"(&(objectClass=inetOrgPerson){_any(*_inside(x, 'mail', 'cn', 'displayName'))})",
    "evolution": lambda x: _any(*_starting(x, *_EVOLUTION)),
    "sogo": lambda x: _any(
        *_starting(x, "sn", "displayName", "telephoneNumber"), *_starting(x, "cn", "mail")
    ),
    "owncloud": lambda x: f"(&(objectClass=inetOrgPerson){_any(*_starting(x, 'cn', 'displayname', 'mail'))})",
    "apple contacts": lambda x: _any(*_inside(x, "givenName", "sn", "cn", "mail")),
    "an IP phone": lambda x: _any(*_starting(x, "cn", "sn")),
    "a scanner": lambda x: f"(cn={x}*)",
}

THUNDERBIRD_ATTRIBUTES: Final = tuple(
    """
    givenName sn surname cn commonname mozillaNickname xmozillanickname mail mozillaSecondEmail
    xmozillasecondemail telephoneNumber homePhone facsimiletelephonenumber fax pager pagerphone
    mobile cellphone carphone street streetaddress postOfficeBox l locality st region postalCode zip
    c countryname title ou department departmentnumber orgunit o company mozillaWorkUrl workurl
    labeledURI mozillaHomeUrl homeurl birthyear mozillaCustom1 custom1 description notes jpegPhoto
    modifytimestamp objectClass
    """.split()  # noqa: SIM905 (a list of this length reads better as text)
)
"""What the default attribute map asks for, in that order, as far as it matters here."""
