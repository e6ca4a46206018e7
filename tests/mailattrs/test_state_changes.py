"""From one state of a mailbox to the next: who may, with what, and what stays behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from govdir.policy.model import Pack
from govdir.policy.texts import Language
from tests.mailattrs.entries import BODY, LIST, OFFICER, OPERATOR, Around, Asker, entry, in_agency, person

ALL = ("mail", "deliver", "smtp", "imap", "pop3", "sieve")
RECEIVE_ONLY = ("mail", "deliver")
APPROVER = Asker("uid=approver", is_operator=False, may_approve=True)
SET = "20260101000000Z"


class Mailbox:
    """One person's mailbox under the rules, and the time."""

    def __init__(self, pack: Pack, **attributes: str) -> None:
        self.rules = MailRules(pack)
        self.near = in_agency()
        self.entry = person("Nguyễn Văn Minh", **attributes)
        self.rules.complete_add(self.entry, self.near, OPERATOR)
        self.near.held.add(self.entry.text("mail") or "")

    def change(
        self, asker: Asker = OFFICER, *, new_password: bool = False, **changes: str | tuple[str, ...]
    ) -> Attributes:
        after = self.entry.copy()
        for name, values in changes.items():
            after.replace(name, (values,) if isinstance(values, str) else values)
        self.near.new_password = new_password
        self.rules.complete_modify(self.entry, after, self.near, asker)
        self.entry = after
        return after

    def refusal(self, asker: Asker = OFFICER, **changes: str) -> RuleViolation:
        with pytest.raises(RuleViolation) as refused:
            self.change(asker, **changes)
        return refused.value

    def at(self, moment: datetime) -> Mailbox:
        self.near.moment = moment
        return self

    @property
    def state(self) -> str | None:
        return self.entry.text("gdState")

    @property
    def services(self) -> tuple[str, ...]:
        return self.entry.texts("enabledService")


@pytest.fixture
def mailbox(pack: Pack) -> Mailbox:
    return Mailbox(pack)


@pytest.fixture
def binhphuoc() -> Pack:
    return load_province("binhphuoc")


def test_a_new_mailbox_is_in_its_state_since_it_was_made(mailbox: Mailbox) -> None:
    assert (mailbox.state, mailbox.entry.text("gdStateSince")) == ("active", "20260302080000Z")


def test_since_when_is_taken_over_from_another_directory_but_not_from_the_future(pack: Pack) -> None:
    kept = Mailbox(pack, gdState="suspended", gdStateSince="20250101000000Z")
    made_up = Mailbox(pack, gdState="suspended", gdStateSince="20990101000000Z")

    assert kept.entry.text("gdStateSince") == "20250101000000Z"
    assert made_up.entry.text("gdStateSince") == "20260302080000Z"


def test_every_change_of_state_is_timed_and_no_other_change(mailbox: Mailbox) -> None:
    mailbox.at(mailbox.near.moment + timedelta(days=1)).change(gdState="suspended")
    mailbox.at(mailbox.near.moment + timedelta(days=1)).change(gdPosition="Chuyên viên")

    assert mailbox.entry.text("gdStateSince") == "20260303080000Z"


def test_since_when_is_nobodys_to_say(mailbox: Mailbox) -> None:
    mailbox.change(OPERATOR, gdStateSince="19990101000000Z")

    assert mailbox.entry.text("gdStateSince") == "20260302080000Z"


def test_a_reason_belongs_to_the_state_it_was_given_for(mailbox: Mailbox) -> None:
    assert mailbox.change(gdState="suspended", gdStateReason="Phát tán thư rác").text("gdStateReason")
    assert mailbox.change(gdPosition="Chuyên viên").text("gdStateReason") == "Phát tán thư rác"
    assert mailbox.change(gdState="active").text("gdStateReason") is None


def test_only_an_approver_or_an_operator_lets_a_pending_mailbox_begin(pack: Pack) -> None:
    for asker in (APPROVER, OPERATOR):
        assert Mailbox(pack, gdState="pending").change(asker, gdState="active").text("gdState") == "active"

    waiting = Mailbox(pack, gdState="pending")
    assert waiting.refusal(OFFICER, gdState="active").rule == "approval"
    assert (waiting.state, waiting.entry.text("accountStatus"), waiting.services) == (
        "pending",
        "disabled",
        (),
    )


@pytest.mark.parametrize("way", ["suspended", "sendblocked", "revoked"])
def test_no_way_round_leads_from_pending_past_the_approver(pack: Pack, way: str) -> None:
    refused = Mailbox(pack, gdState="pending").refusal(APPROVER, gdState=way)

    assert refused.rule == "state"
    assert "active, deleted" in refused.diagnostic


def test_taking_the_state_away_asks_for_an_active_mailbox(pack: Pack, binhphuoc: Pack) -> None:
    waiting = Mailbox(pack, gdState="pending")
    closed = Mailbox(binhphuoc, gdState="suspended", pwdChangedTime="20260301000000Z")

    for mailbox, rule in ((waiting, "approval"), (closed, "restoration")):
        with pytest.raises(RuleViolation) as refused:
            mailbox.change(gdState=())
        assert refused.value.rule == rule


def test_a_refusal_to_suspend_cites_the_rule_on_suspension(binhphuoc: Pack) -> None:
    revoked = Mailbox(binhphuoc, gdState="revoked")

    assert revoked.refusal(gdState="suspended").citation == binhphuoc.lifecycle.suspension_citation.reference


def test_a_refusal_names_what_may_follow_in_both_languages(pack: Pack) -> None:
    closed = Mailbox(pack, gdState="deleted")
    said = closed.refusal(gdState="active").diagnostic
    closed.rules = MailRules(pack, Language.ENGLISH)

    assert "không trạng thái nào" in said
    assert "what may follow “deleted”: nothing" in closed.refusal(gdState="active").diagnostic


@pytest.mark.parametrize("closed", ["suspended", "revoked"])
def test_binh_phuoc_opens_a_closed_mailbox_only_with_a_new_password(binhphuoc: Pack, closed: str) -> None:
    mailbox = Mailbox(binhphuoc, pwdChangedTime="20260301000000Z")
    mailbox.change(gdState=closed)

    refused = mailbox.refusal(gdState="active")
    opened = mailbox.change(gdState="active", new_password=True)

    assert (refused.rule, refused.citation) == (
        "restoration",
        binhphuoc.lifecycle.restoration.citation.reference,
    )
    assert opened.text("pwdReset") == "TRUE"
    assert mailbox.services == RECEIVE_ONLY


def test_a_person_who_had_no_password_is_opened_with_one_too(binhphuoc: Pack) -> None:
    mailbox = Mailbox(binhphuoc, gdState="suspended")

    assert mailbox.refusal(gdState="active").rule == "restoration"
    assert mailbox.change(gdState="active", new_password=True).text("pwdReset") == "TRUE"


def test_a_bodys_mailbox_without_a_password_is_opened_without_one(binhphuoc: Pack) -> None:
    rules, near = MailRules(binhphuoc), Around()
    body = entry(BODY, displayName="Sở Nội vụ", gdState="suspended")
    rules.complete_add(body, near, OPERATOR)
    after = body.copy()
    after.replace("gdState", ("active",))

    near.held.add(body.text("mail") or "")
    rules.complete_modify(body, after, near, OPERATOR)

    assert after.text("gdState") == "active"


@pytest.mark.parametrize("province", ["cantho", "daklak", "vinhphuc", "daknong"])
def test_other_provinces_open_it_as_it_was(province: str) -> None:
    mailbox = Mailbox(load_province(province), gdState="suspended", pwdChangedTime="20260301000000Z")

    assert mailbox.change(gdState="active").text("pwdReset") is None
    assert mailbox.services == ALL


def test_the_agencys_confirmation_ends_the_notice(pack: Pack) -> None:
    mailbox = Mailbox(pack, gdState="suspended", gdNoticeAt="20260301000000Z")

    assert "gdNoticeAt" not in mailbox.change(gdState="active")


@pytest.mark.parametrize(
    ("province", "changed"), [("cantho", "20251130030000Z"), ("binhphuoc", "20260131030000Z")]
)
def test_an_expired_password_narrows_the_services_at_the_next_change(province: str, changed: str) -> None:
    """Three months from 30 November and one month from 31 January end on 28 February."""
    mailbox = Mailbox(load_province(province), pwdChangedTime=changed)
    end = datetime(2026, 2, 28, 3, tzinfo=UTC)

    before = mailbox.at(end - timedelta(seconds=1)).change(gdPosition="Chuyên viên").texts("enabledService")
    after = mailbox.at(end).change(gdPosition="Phó phòng").texts("enabledService")

    assert (before, after) == (ALL, RECEIVE_ONLY)


@pytest.mark.parametrize("province", ["daklak", "vinhphuc", "daknong"])
def test_where_passwords_do_not_expire_services_stay(province: str) -> None:
    mailbox = Mailbox(load_province(province), pwdChangedTime="20100101000000Z")

    assert mailbox.change(gdPosition="Chuyên viên").texts("enabledService") == ALL


def test_a_new_password_brings_the_services_back(pack: Pack) -> None:
    mailbox = Mailbox(pack, pwdChangedTime="20250101000000Z")
    assert mailbox.services == RECEIVE_ONLY

    assert mailbox.change(pwdChangedTime="20260302080000Z").texts("enabledService") == ALL


@pytest.mark.parametrize("derived", [{"accountStatus": "active"}, {"enabledService": "smtp"}])
def test_what_mail_servers_see_cannot_be_written(pack: Pack, derived: dict[str, str]) -> None:
    mailbox = Mailbox(pack, gdState="suspended", **derived)
    assert (mailbox.entry.text("accountStatus"), mailbox.services) == ("noaccess", RECEIVE_ONLY)

    mailbox.change(OPERATOR, **derived)
    assert (mailbox.entry.text("accountStatus"), mailbox.services) == ("noaccess", RECEIVE_ONLY)


def test_a_list_has_services_and_no_state(pack: Pack) -> None:
    listed = entry(LIST, cn="toanthe", mail="toanthe@cantho.gov.vn")
    MailRules(pack).complete_add(listed, Around(), OPERATOR)

    assert listed.texts("enabledService") == RECEIVE_ONLY
    assert "gdState" not in listed
    assert "gdStateSince" not in listed
