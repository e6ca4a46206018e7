"""Who may name a URL does not reach what only govdir can reach."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.web.outbound_addresses import Address, Destinations, NoAnswer, is_public

V4, V6 = socket.AF_INET, socket.AF_INET6
PUBLIC: Address = (V4, "203.113.131.1")


class Names:
    """A name server whose answers the tests choose; `asked` are the hosts, in order."""

    def __init__(self, *answers: str) -> None:
        self.answers = [(V6 if ":" in answer else V4, answer) for answer in answers]
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[Address]:
        self.asked.append(host)
        return self.answers


@pytest.mark.parametrize("address", ["203.113.131.1", "2001:dc8:c000:7::7", "8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.169.254", "192.0.2.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1",
        "2001:db8::1", "2001:0:a00:1::1", "not an address", "",
    ],
)  # fmt: skip
def test_all_others_are_not(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_no_more_public_for_being_written_as_ipv6(address: IPv4Address) -> None:
    number = int(address)
    mapped, translated = f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}"

    assert is_public(mapped) == is_public(str(address))
    assert is_public(translated) == is_public(str(address))


def test_a_url_becomes_what_is_asked_at_the_addresses_that_were_judged() -> None:
    names = Names("203.113.131.1", "2001:dc8:c000:7::7")

    target = Destinations([], resolve=names).target("https://Portal.VN:8444/saml/metadata?x=1&y=%20")

    assert (target.host, target.port, target.tls) == ("portal.vn", 8444, True)
    assert target.path == "/saml/metadata?x=1&y=%20"
    assert target.addresses == [(V4, "203.113.131.1"), (V6, "2001:dc8:c000:7::7")]
    assert names.asked == ["portal.vn"]


def test_addresses_that_are_tried_are_few() -> None:
    names = Names(*(f"203.113.131.{number}" for number in range(1, 100)))

    assert len(Destinations([], resolve=names).target("https://portal.vn").addresses) == 4


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://portal.vn/",
        "gopher://portal.vn/",
        "//portal.vn/",
        "portal.vn",
        "",
        "https://user@portal.vn/",
        "https://portal.vn@10.0.0.1/",
        "https://portal.vn/#x",
        "https://portal.vn\\@evil.vn/",
        "https://portal.vn/\r\nHost: evil",
        "https://portal.vn/a b",
        "https://cổng.vn/",
        "https://portal.vn:99999/",
        "https:///path",
        "https://" + "a" * 3000,
    ],
)
def test_what_is_no_plain_https_url_is_not_even_looked_up(url: str) -> None:
    names = Names("203.113.131.1")

    with pytest.raises(NoAnswer):
        Destinations(["portal.vn", "10.0.0.1"], loopback=True, resolve=names).target(url)

    assert names.asked == []


def test_without_tls_nothing_is_asked() -> None:
    with pytest.raises(NoAnswer) as refusal:
        Destinations([], resolve=Names("203.113.131.1")).target("http://portal.vn/")
    assert "https://" in refusal.value.why.vi

    with pytest.raises(NoAnswer):
        Destinations([], resolve=Names("127.0.0.1")).target("http://localhost:8444/")


@pytest.mark.parametrize("answers", [("10.0.0.1",), ("203.113.131.1", "10.0.0.1"), ("::1",), ("127.0.0.1",)])
@pytest.mark.parametrize("loopback", [False, True])
def test_a_name_that_leads_to_a_private_address_is_refused_and_the_setting_named(
    answers: tuple[str, ...], loopback: bool
) -> None:
    with pytest.raises(NoAnswer) as refusal:
        Destinations(["other.vn"], loopback=loopback, resolve=Names(*answers)).target("https://portal.vn/")

    assert "portal.vn" in refusal.value.why.vi
    assert "private_hosts" in refusal.value.why.en


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "127.0.0.1", "[::1]", "169.254.169.254", "localhost", "[fd00::1]"]
)
def test_a_private_address_itself_is_refused(host: str) -> None:
    names = Names(host.strip("[]").replace("localhost", "127.0.0.1"))

    with pytest.raises(NoAnswer):
        Destinations([], resolve=names).target(f"https://{host}/")


@pytest.mark.parametrize("number", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_other_spellings_of_an_address_are_judged_by_what_they_lead_to(number: str) -> None:
    with pytest.raises(NoAnswer):
        Destinations([]).target(f"https://{number}/")


def test_hosts_that_the_operator_has_listed_may_be_private() -> None:
    destinations = Destinations(["Portal.VN"], resolve=Names("10.0.0.1"))

    assert destinations.target("https://PORTAL.vn/").addresses == [(V4, "10.0.0.1")]


@pytest.mark.parametrize("url", ["https://localhost:8444/", "http://127.0.0.1/", "https://[::1]:8445/x"])
def test_a_demonstration_reaches_its_own_machine_by_its_own_names(url: str) -> None:
    destinations = Destinations([], loopback=True, resolve=Names("127.0.0.1", "::1"))

    assert destinations.target(url).addresses == [(V4, "127.0.0.1"), (V6, "::1")]


def test_a_name_server_cannot_lead_localhost_into_the_network() -> None:
    with pytest.raises(NoAnswer):
        Destinations([], loopback=True, resolve=Names("127.0.0.1", "10.0.0.1")).target("https://localhost/")


def test_an_unknown_host_is_said_to_be_unknown() -> None:
    def fail(_host: str, _port: int) -> list[Address]:
        raise socket.gaierror

    for resolve in (fail, Names()):
        with pytest.raises(NoAnswer, match="no such host"):
            Destinations([], resolve=resolve).target("https://portal.vn/")
