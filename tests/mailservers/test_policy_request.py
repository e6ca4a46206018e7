"""Postfix's policy requests, read from octets in any pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.mailservers.policy_request import (
    MAX_LINE_BYTES,
    MAX_REQUEST_BYTES,
    PolicyRequest,
    RequestReader,
)

RCPT = (
    b"request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=203.0.113.9\n"
    b"client_name=unknown\nhelo_name=[203.0.113.9]\nsasl_method=PLAIN\nsasl_username=nvminh@cantho.gov.vn\n"
    b"sender=nvminh@cantho.gov.vn\nrecipient=sonv@cantho.gov.vn\nrecipient_count=0\nqueue_id=\n"
    b"instance=2a1.66f0.8c01.0\nsize=4096\nstress=\n\n"
)
READ = PolicyRequest(
    state="RCPT",
    client="203.0.113.9",
    login="nvminh@cantho.gov.vn",
    sender="nvminh@cantho.gov.vn",
    recipient="sonv@cantho.gov.vn",
    instance="2a1.66f0.8c01.0",
    size=4096,
)
END = b"request=smtpd_access_policy\nprotocol_state=END-OF-MESSAGE\nqueue_id=4XyZ\nsize=5000\n\n"
START = b"request=smtpd_access_policy\n"


def read(*pieces: bytes) -> tuple[list[PolicyRequest], str | None]:
    reader = RequestReader()
    found = [request for piece in pieces for request in reader.feed(piece)]
    return found, reader.trouble


def test_what_decides_is_read_and_the_rest_ignored() -> None:
    assert read(RCPT) == ([READ], None)


def test_requests_on_one_connection_share_nothing() -> None:
    at_the_end = PolicyRequest(state="END-OF-MESSAGE", queue_id="4XyZ", size=5000)
    assert read(RCPT + END + RCPT) == ([READ, at_the_end, READ], None)


@given(
    st.lists(st.sampled_from([RCPT, END, START + b"a\0b=c\n\n", b"\n", b"x" * 5000, START + b"size=x\n\n"])),
    st.data(),
)
def test_octets_in_any_pieces_are_the_same_requests(stream: list[bytes], data: st.DataObject) -> None:
    octets = b"".join(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=12)))
    bounds = [0, *cuts, len(octets)]
    pieces = [octets[start:end] for start, end in pairwise(bounds)]

    assert read(*pieces) == read(octets)


@given(st.binary(max_size=400))
def test_no_octets_are_an_error_of_the_program(octets: bytes) -> None:
    read(RCPT, octets)


@pytest.mark.parametrize(
    ("octets", "trouble"),
    [
        (b"\n", "no request=smtpd_access_policy"),
        (b"request=junk\n\n", "no request=smtpd_access_policy"),
        (b"GET / HTTP/1.1\r\n", "a line without ="),
        (START + b"sender=a\0b\n\n", "a NUL"),
        (START + b"sender=a@b\nsender=c@d\n\n", "sender twice"),
        (START + b"size=-1\n\n", "a size that is no number"),
        (START + b"size=" + b"9" * 20 + b"\n\n", "a size that is no number"),
        (b"sender=" + b"x" * MAX_LINE_BYTES, "too long"),
        (b"x=" + b"y" * 4000 + b"\n", None),
        ((b"x=" + b"y" * 4000 + b"\n") * (MAX_REQUEST_BYTES // 4000 + 1), "too long"),
    ],
)
def test_what_is_no_request_is_told_and_ends_reading(octets: bytes, trouble: str | None) -> None:
    found, told = read(RCPT + octets)
    assert (found, told) == ([READ], trouble)


def test_after_a_trouble_nothing_more_is_read() -> None:
    assert read(b"nonsense\n", RCPT) == ([], "a line without =")


def test_line_ends_of_other_systems_are_taken() -> None:
    assert read(RCPT.replace(b"\n", b"\r\n")) == ([READ], None)


def test_an_empty_size_is_unknown_and_names_without_the_rest_are_empty() -> None:
    assert read(START + b"size=\n\n") == ([PolicyRequest()], None)


def test_letters_beyond_ascii_are_read_and_broken_ones_match_nobody() -> None:
    found, _ = read(START + "sender=nguyễn@cantho.gov.vn\n".encode() + b"recipient=\xff@cantho.gov.vn\n\n")
    assert (found[0].sender, found[0].recipient) == ("nguyễn@cantho.gov.vn", "�@cantho.gov.vn")


def test_half_a_request_is_known_as_such() -> None:
    reader = RequestReader()
    known = [(reader.feed(piece), reader.in_request)[1] for piece in (b"", b"req", RCPT[3:-1], b"\n")]
    assert known == [False, True, True, False]
