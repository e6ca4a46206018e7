"""Messages beside their octets, written by hand from RFC 4511: the table that drives encoder and decoder."""

from __future__ import annotations

from govdir.ldap.codec import filters as f
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.result_codes import ResultCode

_OK = m.LdapResult(ResultCode.SUCCESS)
_OK_OCTETS = "0a0100 0400 0400"


def _hex(text: str) -> bytes:
    """Octets of hexadecimal digits, where `'text'` stands for the octets of the text."""
    parts = text.split("'")
    octets = [part.encode() if index % 2 else bytes.fromhex(part) for index, part in enumerate(parts)]
    return b"".join(octets)


PAIRS: dict[str, tuple[m.LdapMessage, bytes]] = {
    name: (message, _hex(text))
    for name, message, text in [
        (
            "anonymous bind",
            m.LdapMessage(1, m.BindRequest(3, "", m.SimpleAuthentication(b""))),
            "300c 020101 6007 020103 0400 8000",
        ),
        (
            "simple bind",
            m.LdapMessage(2, m.BindRequest(3, "cn=admin", m.SimpleAuthentication(b"secret"))),
            "301a 020102 6015 020103 0408'cn=admin' 8006'secret'",
        ),
        (
            "SASL bind without credentials",
            m.LdapMessage(3, m.BindRequest(3, "", m.SaslAuthentication("EXTERNAL", None))),
            "3016 020103 6011 020103 0400 a30a 0408'EXTERNAL'",
        ),
        (
            "SASL bind with empty credentials",
            m.LdapMessage(3, m.BindRequest(3, "", m.SaslAuthentication("EXTERNAL", b""))),
            "3018 020103 6013 020103 0400 a30c 0408'EXTERNAL' 0400",
        ),
        (
            "bind response",
            m.LdapMessage(1, m.BindResponse(m.LdapResult(ResultCode.INVALID_CREDENTIALS), b"x")),
            "300f 020101 610a 0a0131 0400 0400 8701'x'",
        ),
        ("unbind", m.LdapMessage(5, m.UnbindRequest()), "3005 020105 4200"),
        (
            "search for an address",
            m.LdapMessage(
                300,
                m.SearchRequest(
                    "dc=vn",
                    m.Scope.WHOLE_SUBTREE,
                    m.DerefAliases.NEVER,
                    0,
                    128,
                    False,
                    f.Equality("mail", b"x"),
                    ("uid", "mail"),
                ),
            ),
            "3035 0202012c 632f 0405'dc=vn' 0a0102 0a0100 020100 02020080 010100"
            "a309 0404'mail' 0401'x' 300b 0403'uid' 0404'mail'",
        ),
        (
            "search with every kind of filter",
            m.LdapMessage(
                7,
                m.SearchRequest(
                    "",
                    m.Scope.BASE_OBJECT,
                    m.DerefAliases.ALWAYS,
                    0,
                    0,
                    True,
                    f.And(
                        (
                            f.Or((f.GreaterOrEqual("a", b"1"), f.LessOrEqual("a", b"2"))),
                            f.Not(f.Present("b")),
                            f.Substrings("c", b"i", (b"j", b"k"), b"l"),
                            f.Approx("d", b""),
                            f.Extensible("1.2", "e", b"v", True),
                            f.Extensible(None, "e", b"", False),
                        )
                    ),
                ),
            ),
            "3062 020107 635d 0400 0a0100 0a0103 020100 020100 0101ff"
            "a048"
            "a110 a506 0401'a' 0401'1' a606 0401'a' 0401'2'"
            "a203 8701'b'"
            "a411 0401'c' 300c 8001'i' 8101'j' 8101'k' 8201'l'"
            "a805 0401'd' 0400"
            "a90e 8103'1.2' 8201'e' 8301'v' 8401ff"
            "a905 8201'e' 8300"
            "3000",
        ),
        (
            "entry",
            m.LdapMessage(
                2, m.SearchResultEntry("cn=a", (m.Attribute("cn", (b"a", b"")), m.Attribute("sn")))
            ),
            "3022 020102 641d 0404'cn=a' 3015 300b 0402'cn' 3105 0401'a' 04003006 0402'sn' 3100",
        ),
        (
            "reference",
            m.LdapMessage(2, m.SearchResultReference(("ldap://a/",))),
            "3010 020102 730b 0409'ldap://a/'",
        ),
        ("done", m.LdapMessage(2, m.SearchResultDone(_OK)), f"300c 020102 6507 {_OK_OCTETS}"),
        (
            "referral",
            m.LdapMessage(
                2, m.SearchResultDone(m.LdapResult(ResultCode.REFERRAL, "dc=vn", "đi", ("ldap://a/",)))
            ),
            "3021 020102 651c 0a010a 0405'dc=vn' 0403c49169 a30b 0409'ldap://a/'",
        ),
        (
            "modify",
            m.LdapMessage(
                2,
                m.ModifyRequest(
                    "cn=a",
                    (
                        m.Change(m.ModifyOperation.REPLACE, m.Attribute("sn", (b"b",))),
                        m.Change(m.ModifyOperation.DELETE, m.Attribute("cn")),
                    ),
                ),
            ),
            "302a 020102 6625 0404'cn=a' 301d 300e 0a0102 3009 0402'sn' 3103 0401'b'"
            "300b 0a0101 3006 0402'cn' 3100",
        ),
        ("modify response", m.LdapMessage(2, m.ModifyResponse(_OK)), f"300c 020102 6707 {_OK_OCTETS}"),
        (
            "add",
            m.LdapMessage(2, m.AddRequest("cn=a", (m.Attribute("cn", (b"a",)),))),
            "3018 020102 6813 0404'cn=a' 300b 3009 0402'cn' 3103 0401'a'",
        ),
        ("add response", m.LdapMessage(2, m.AddResponse(_OK)), f"300c 020102 6907 {_OK_OCTETS}"),
        ("delete", m.LdapMessage(2, m.DeleteRequest("cn=a")), "3009 020102 4a04'cn=a'"),
        ("delete response", m.LdapMessage(2, m.DeleteResponse(_OK)), f"300c 020102 6b07 {_OK_OCTETS}"),
        (
            "rename",
            m.LdapMessage(2, m.ModifyDnRequest("cn=a", "cn=b", True)),
            "3014 020102 6c0f 0404'cn=a' 0404'cn=b' 0101ff",
        ),
        (
            "move below the root",
            m.LdapMessage(2, m.ModifyDnRequest("cn=a", "cn=a", False, "")),
            "3016 020102 6c11 0404'cn=a' 0404'cn=a' 010100 8000",
        ),
        ("rename response", m.LdapMessage(2, m.ModifyDnResponse(_OK)), f"300c 020102 6d07 {_OK_OCTETS}"),
        (
            "compare",
            m.LdapMessage(2, m.CompareRequest("cn=a", "cn", b"a")),
            "3014 020102 6e0f 0404'cn=a' 3007 0402'cn' 0401'a'",
        ),
        (
            "compare response",
            m.LdapMessage(2, m.CompareResponse(m.LdapResult(ResultCode.COMPARE_TRUE))),
            "300c 020102 6f07 0a0106 0400 0400",
        ),
        ("abandon", m.LdapMessage(6, m.AbandonRequest(255)), "3007 020106 500200ff"),
        (
            "extended request",
            m.LdapMessage(2, m.ExtendedRequest("1.2", b"v")),
            "300d 020102 7708 8003'1.2' 8101'v'",
        ),
        (
            "notice of disconnection",
            m.LdapMessage(0, m.ExtendedResponse(m.LdapResult(ResultCode.UNAVAILABLE), "1.2", b"")),
            "3013 020100 780e 0a0134 0400 0400 8a03'1.2' 8b00",
        ),
        ("intermediate response", m.LdapMessage(2, m.IntermediateResponse()), "3005 020102 7900"),
        (
            "controls",
            m.LdapMessage(
                2,
                m.DeleteRequest("a"),
                (m.Control("1.2", True), m.Control("1.3", False, b""), m.Control("1.4")),
            ),
            "3022 020102 4a01'a' a01a 3008 0403'1.2' 0101ff 3007 0403'1.3' 04003005 0403'1.4'",
        ),
    ]
}
