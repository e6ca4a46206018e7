"""What the templates of mail servers' configurations come to."""

from __future__ import annotations

import re

import pytest
from msgspec import structs

from govdir.mailservers.configurations import Surroundings, configuration, paths
from govdir.mailservers.programs import PROGRAMS, Program

PASSWORD = "dau-sao-3-dong#x"
CITY = Surroundings(
    suffix="dc=cantho,dc=gov,dc=vn",
    domain="cantho.gov.vn",
    urls=("ldap://ldap1.cantho.gov.vn:389", "ldap://ldap2.cantho.gov.vn:389"),
    server="ldap1.cantho.gov.vn",
    port=389,
    dn="cn=thu,ou=services,dc=cantho,dc=gov,dc=vn",
    password=PASSWORD,
    authority="-----BEGIN CERTIFICATE-----\n",
    domains=("cantho.gov.vn", "ctcity.gov.vn"),
    policy="10.0.0.1:10031",
    people=8000,
    message_bytes=36700160,
    doveadm_key="0f" * 32,
    quota_warning=90,
)


def postfix(surroundings: Surroundings) -> dict[str, str]:
    """Texts by file name."""
    written = configuration(PROGRAMS["postfix"], surroundings)
    return {file.path.rpartition("/")[2]: file.text for file in written}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("policy", ["", "10.0.0.1:10031"])
@pytest.mark.parametrize("sub_domains", [False, True])
def test_no_mark_of_a_template_is_left(program: Program, policy: str, sub_domains: bool) -> None:
    surroundings = structs.replace(CITY, policy=policy, sub_domains=sub_domains)
    for file in configuration(program, surroundings):
        assert not re.search(r"<<\s|\s>>|<%|%>|<#|#>", file.text), file.path


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_whatever_holds_the_password_is_secret(program: Program) -> None:
    files = configuration(program, CITY)
    assert [file.path for file in files] == list(paths(program))
    assert all(file.secret or PASSWORD not in file.text for file in files)
    assert any(PASSWORD in file.text for file in files)


def test_every_map_of_postfix_speaks_to_all_nodes_under_tls_that_is_checked() -> None:
    for name, text in postfix(CITY).items():
        if name.endswith(".cf"):
            lines = text.splitlines()
            assert "server_host = ldap://ldap1.cantho.gov.vn:389 ldap://ldap2.cantho.gov.vn:389" in lines
            assert {"version = 3", "start_tls = yes", "tls_require_cert = yes", "bind = yes"} <= set(lines)
            assert "tls_ca_cert_file = /etc/postfix/govdir/ca.crt" in lines


def test_maps_of_addresses_ask_nothing_for_keys_without_a_local_part() -> None:
    for name in ("mailboxes", "aliases", "lists", "senders", "relocated"):
        (query,) = re.findall(r"(?m)^query_filter = (.*)$", postfix(CITY)[f"{name}.cf"])
        assert "%u@%d" in query
        assert "%s" not in query


def test_domains_are_written_out_so_that_no_foreign_address_waits_for_the_directory() -> None:
    setup = postfix(CITY)["setup.sh"]
    assert "'virtual_mailbox_domains = cantho.gov.vn, ctcity.gov.vn'" in setup
    assert "'virtual_alias_domains ='" in setup
    assert "$(map domains)" not in setup


def test_domains_of_bodies_are_looked_up() -> None:
    setup = postfix(structs.replace(CITY, sub_domains=True))["setup.sh"]
    assert '"virtual_mailbox_domains = cantho.gov.vn, ctcity.gov.vn, $(map domains)"' in setup
    assert "check_sender_access $(map outside)" in setup


@pytest.mark.parametrize(
    ("sender", "is_ours"),
    [
        ("nvminh@cantho.gov.vn", True),
        ("NVMinh@CTCITY.gov.vn", True),
        ("root@mx.cantho.gov.vn", False),
        ("x@canthoxgov.vn", False),
        ("x@cantho.gov.vn.example.org", False),
        ("x@notcantho.gov.vn", False),
    ],
)
def test_an_envelope_sender_of_ours_is_told_by_its_domain(sender: str, is_ours: bool) -> None:
    (pattern,) = re.findall(r"(?m)^/(.*)/ REJECT 5\.7\.1 ", postfix(CITY)["outside.regexp"])
    assert bool(re.search(pattern, sender, re.IGNORECASE)) is is_ours


def test_no_file_of_postfix_has_anything_between_a_recipient_and_the_policy_service_that_permits() -> None:
    setup = postfix(CITY)["setup.sh"]
    (heard,) = re.findall(r"(?m)^heard='(.*)'$", setup)
    (restrictions,) = re.findall(r'"smtpd_recipient_restrictions = (.*) \$ask', setup)
    assert restrictions == "$heard,"
    assert (
        heard == "check_recipient_access regexp:/etc/postfix/govdir/unheard.regexp, reject_unlisted_recipient"
    )


@pytest.mark.parametrize(
    ("recipient", "is_heard_of"),
    [("an@cantho.gov.vn", True), (" an@cantho.gov.vn", False), ("an @cantho.gov.vn", False)],
)
def test_no_address_has_blanks(recipient: str, is_heard_of: bool) -> None:
    (pattern,) = re.findall(r"(?m)^/(.*)/ REJECT 5\.1\.1 ", postfix(CITY)["unheard.regexp"])
    assert bool(re.search(pattern.replace("[:space:]", r"\s"), recipient)) is not is_heard_of


def test_the_policy_service_of_each_node_is_asked_before_a_message_is_put_off() -> None:
    setup = postfix(structs.replace(CITY, further_policies=("10.0.0.2:10031", "10.0.0.3:10031")))["setup.sh"]
    chain = re.findall(r"(?m)^(?:ask=.*|postconf -e .govdir_wait_.*|wait=.*)$", setup)
    assert chain == [
        "wait='{ default_action = 451 4.3.5 The directory is away }'",
        'postconf -e "govdir_wait_3 = check_policy_service { inet:10.0.0.3:10031, timeout=10s, $wait }"',
        "wait='try_limit=1, default_action=govdir_wait_3' shut='try_limit=1, default_action=govdir_shut_3'",
        'postconf -e "govdir_wait_2 = check_policy_service { inet:10.0.0.2:10031, timeout=10s, $wait }"',
        "wait='try_limit=1, default_action=govdir_wait_2' shut='try_limit=1, default_action=govdir_shut_2'",
        "ask='check_policy_service { inet:10.0.0.1:10031, timeout=10s,'",
    ]


@pytest.mark.parametrize("policy", ["", "10.0.0.1:10031"])
def test_dovecot_is_asked_about_room_last_and_mail_does_not_depend_on_it(policy: str) -> None:
    setup = postfix(structs.replace(CITY, policy=policy))["setup.sh"]
    (restrictions,) = re.findall(r'"smtpd_recipient_restrictions = (.*?)"', setup)
    assert restrictions.endswith("$fits")
    (asked,) = re.findall(r'fits="(.*)"', setup)
    assert asked == ", check_policy_service { $DOVECOT_QUOTA, timeout=5s, default_action=DUNNO }"


def test_without_the_policy_service_nothing_of_it_stays_in_force() -> None:
    setup = postfix(structs.replace(CITY, policy=""))["setup.sh"]
    assert "inet:" not in setup.replace("=inet:imap.", "")
    assert "'smtpd_end_of_data_restrictions ='" in setup
    assert "'govdir_is_there ='" in setup
