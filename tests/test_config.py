"""Configuration: what is refused, and with which line; what is written is what is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from govdir.config import (
    Config,
    DatabaseSettings,
    LimitSettings,
    ListenSettings,
    load_config,
    parse_config,
    render_config,
    render_reference,
)
from govdir.config_kinds import Endpoint
from govdir.settings import (
    BadSetting,
    ConfigError,
    ConfigNotToml,
    ConfigUnreadable,
    MissingSetting,
    UnknownSetting,
)

HOME = Path("/srv/govdir")
FILE = HOME / "govdir.toml"
REQUIRED = 'province = "cantho"\nmail_domain = "cantho.gov.vn"\nsuffix = "dc=cantho,dc=gov,dc=vn"\n'
REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "configuration.md"


def parse(text: str) -> Config:
    return parse_config(REQUIRED + text, home=HOME, file=FILE)


def test_an_unknown_setting_is_refused_with_its_line_and_the_similar_name_first() -> None:
    with pytest.raises(UnknownSetting) as caught:
        parse("\n[limits]\n# a remark\nconections = 7\n")
    assert (caught.value.file, caught.value.line, caught.value.key) == (FILE, 7, "limits.conections")
    assert caught.value.detail.startswith("connections, ")


def test_an_unknown_section_is_refused_at_its_header() -> None:
    with pytest.raises(UnknownSetting) as caught:
        parse("[limitz]\nconnections = 7\n")
    assert (caught.value.line, caught.value.key) == (4, "limitz")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[limits]\nconnections = "many"', "limits.connections"),
        ("[limits]\nconnections = 0", "limits.connections"),
        ("[limits]\nconnections = true", "limits.connections"),
        ("[limits]\nconnections = 1.5", "limits.connections"),
        ("limits.connections = -1", "limits.connections"),
        ("limits = 3", "limits"),
        ('language = "fr"', "language"),
        ('[security]\npublication = "yes"', "security.publication"),
        ('[security]\nplaintext_bind = "sometimes"', "security.plaintext_bind"),
        ('[listen]\nldap = "127.0.0.1:389"', "listen.ldap"),
        ('[listen]\nldap = ["127.0.0.1"]', "listen.ldap"),
        ('[listen]\nldap = ["127.0.0.1:70000"]', "listen.ldap"),
        ('[listen]\nldap = ["::1:389"]', "listen.ldap"),
        ("[listen]\nldap = [389]", "listen.ldap"),
        ('[database]\nurl = "govdir.sqlite"', "database.url"),
        ('[web]\nurl = "http://id.cantho.gov.vn"', "web.url"),
        ('[web]\nurl = "https://id.cantho.gov.vn/"', "web.url"),
        ('[sso]\nprivate_hosts = ["https://portal.cantho.gov.vn"]', "sso.private_hosts"),
        ('[sso]\nprivate_hosts = ["10.0.0.0/8"]', "sso.private_hosts"),
        ('[mail]\nserver = "localhost:25"', "mail.server"),
        ('[mail]\nsender = "postmaster"', "mail.sender"),
    ],
)
def test_a_bad_value_is_refused_with_its_line_and_what_is_allowed(text: str, key: str) -> None:
    with pytest.raises(BadSetting) as caught:
        parse(text)
    assert caught.value.key == key
    assert caught.value.line == 4 + text.count("\n")
    assert caught.value.detail


def test_a_missing_required_setting_is_named() -> None:
    with pytest.raises(MissingSetting) as caught:
        parse_config('province = "cantho"\n', home=HOME, file=FILE)
    assert caught.value.key == "mail_domain"


def test_text_that_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigNotToml) as caught:
        parse("language = vi\n")
    assert caught.value.line == 4


def test_a_home_without_configuration_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable) as caught:
        load_config(tmp_path)
    assert caught.value.file == tmp_path / "govdir.toml"


def test_a_configuration_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "govdir.toml").write_bytes("# Cần Thơ\n".encode("utf-16"))
    with pytest.raises(ConfigError):
        load_config(tmp_path)


def test_what_is_not_given_has_its_default() -> None:
    config = parse("")
    assert config.limits == LimitSettings()
    assert config.admin_dn == "cn=admin,dc=cantho,dc=gov,dc=vn"
    assert config.listen.ldap == (Endpoint("127.0.0.1", 3389),)


def test_what_is_given_replaces_the_default() -> None:
    config = parse('[listen]\nldap = ["*:389", "[::1]:389"]\nldaps = []\n[quotas]\nunit = 10\n')
    assert config.listen == ListenSettings(ldap=(Endpoint("0.0.0.0", 389), Endpoint("::1", 389)), ldaps=())
    assert config.quotas == {"unit": 10}


def test_a_relative_sqlite_path_is_under_home_and_other_databases_are_left_alone() -> None:
    config = parse("")
    elsewhere = replace(config, database=DatabaseSettings(url="postgresql+psycopg://db/govdir"))
    assert config.database_url == "sqlite:////srv/govdir/govdir.sqlite"
    assert elsewhere.database_url == "postgresql+psycopg://db/govdir"


def test_a_written_configuration_reads_back_as_it_was() -> None:
    config = replace(
        parse('[quotas]\nunit = 10\n"a.b" = ["c", { d = true }]\n'),
        language="en",
        database=DatabaseSettings(url='sqlite:///a "b"\\c.sqlite'),
        listen=ListenSettings(ldap=(Endpoint("::1", 0),), ldaps=()),
    )
    assert parse_config(render_config(config), home=HOME, file=FILE) == config


def test_a_written_configuration_shows_every_default_as_a_comment() -> None:
    text = render_config(parse(""))
    assert "\n# connections = 4096\n" in text
    assert "\nconnections" not in text
    assert '\nprovince = "cantho"\n' in text


def test_every_commented_default_is_a_value_that_is_allowed() -> None:
    text = render_config(parse(""))
    uncommented = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    assert parse_config(uncommented, home=HOME, file=FILE) == parse("")


def test_the_reference_page_is_current() -> None:
    assert REFERENCE.read_text("utf-8") == render_reference(), "run: python -m govdir.config > " + str(
        REFERENCE
    )


def test_roles_that_need_a_second_factor_are_those_of_the_directory_and_agencies_administrators() -> None:
    config = parse('[sso]\nsecond_factor_roles = ["operator", "agency-admin"]\n')
    assert config.sso.second_factor_roles == ("operator", "agency-admin")
    with pytest.raises(ConfigError):
        parse('[sso]\nsecond_factor_roles = ["approver", "agency"]\n')
