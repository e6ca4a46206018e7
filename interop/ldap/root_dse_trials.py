"""What every OID and mechanism that a root DSE may name is to do, each tried by its effect.

A trial gets a `Scene` of its own and fails unless it saw the effect. `test_root_dse` holds them against what
the server names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from govdir.ldap.codec import filters as f
from govdir.ldap.codec.cancel import cancel_request
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.effective_rights import RightsQuestion, encode_rights_question
from govdir.ldap.codec.controls.list_view import ListView, decode_list_view_result, encode_list_view
from govdir.ldap.codec.controls.matched_values import encode_matched_values
from govdir.ldap.codec.controls.paged_results import PagedResults, decode_paged_results, encode_paged_results
from govdir.ldap.codec.controls.read_entry import encode_post_read, encode_pre_read
from govdir.ldap.codec.controls.session_tracking import TrackedSession, encode_tracked_session
from govdir.ldap.codec.controls.sorting import SortKey, decode_sort_result, encode_sort_request
from govdir.ldap.codec.controls.subentries import encode_subentries
from govdir.ldap.codec.extended import PASSWORD_MODIFY, START_TLS, WHO_AM_I, PasswordModify
from govdir.ldap.codec.extended import password_modify_request as password_modify
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    Control,
    DeleteRequest,
    ExtendedRequest,
    ExtendedResponse,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from interop.ldap.client import Answer, Client, administrator, attribute
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server

CANCEL: Final = "1.3.6.1.1.8"
START_TRANSACTION: Final = "1.3.6.1.1.21.1"
END_TRANSACTION: Final = "1.3.6.1.1.21.3"
LOG_SECONDS: Final = 10.0

TRIALS: Final[dict[str, Callable[[Scene], None]]] = {}
"""By OID, or by the name of a SASL mechanism."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A server, its administrator's connection, a container with an, binh and chau, and a certificate: files
    of chain and key, and its DER octets."""

    server: Server
    admin: Client
    below: str
    certificate: tuple[str, str]
    der: bytes
    password: str

    def of(self, uid: str) -> str:
        """A person's name."""
        return f"uid={uid},{self.below}"

    def add(self, rdn: str, *attributes: Attribute, controls: tuple[Control, ...] = ()) -> Answer:
        """Adds an entry to the container."""
        return self.admin.ask(AddRequest(f"{rdn},{self.below}", attributes), *controls)

    def modify(self, uid: str, how: ModifyOperation, one: Attribute, *controls: Control) -> Answer:
        """One modification of a person."""
        return self.admin.ask(ModifyRequest(self.of(uid), (Change(how, one),)), *controls)

    def mailbox(self) -> str:
        """The name of a new mailbox, whose password, set by the administrator, must be changed."""
        agency = f"ou=sotn,ou=orgs,{SUFFIX}"
        classes = attribute("objectClass", "organizationalUnit", "gdOrganization", "gdMailbox")
        made = self.admin.ask(AddRequest(agency, (classes, attribute("displayName", "Sở Thử nghiệm"))))
        assert made.code in (0, 68), made.result
        person = (
            attribute("objectClass", "inetOrgPerson", "gdPerson", "gdMailbox"),
            attribute("cn", "Nguyễn Văn An"),
            attribute("userPassword", self.password),
        )
        added = self.admin.ask(AddRequest(f"uid=*,{agency}", person))
        assert added.code == 0, added.result
        return added.result.diagnostic_message.removeprefix("stored as ")

    def is_there(self, uid: str) -> bool:
        """Whether a person is found."""
        return bool(self.admin.search(self.below, wanted=f"(uid={uid})").entries)


def tries(*names: str) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Enters a trial under the names that it exercises."""

    def enter(trial: Callable[[Scene], None]) -> Callable[[Scene], None]:
        TRIALS.update(dict.fromkeys(names, trial))
        return trial

    return enter


# Controls


@tries(oids.PAGED_RESULTS)
def a_page_has_the_size_that_was_asked_for(scene: Scene) -> None:
    first = scene.admin.search(scene.below, encode_paged_results(PagedResults(2, b""), critical=True))
    cookie = decode_paged_results(first.control(oids.PAGED_RESULTS)).cookie
    assert len(first.entries) == 2
    assert cookie
    second = scene.admin.search(scene.below, encode_paged_results(PagedResults(9, cookie), critical=True))
    assert not decode_paged_results(second.control(oids.PAGED_RESULTS)).cookie
    assert len({*first.names, *second.names}) == 4


@tries(oids.SORT_REQUEST)
def entries_come_in_the_order_asked_for(scene: Scene) -> None:
    keys = encode_sort_request((SortKey("cn", reverse=True),), critical=True)
    answer = scene.admin.search(scene.below, keys, wanted="(cn=*)")
    assert answer.names == [scene.of("binh"), scene.of("an"), scene.of("chau")]  # Trần, Nguyễn, Lê
    assert decode_sort_result(answer.control(oids.SORT_RESPONSE)).code == 0


@tries(oids.VIRTUAL_LIST_VIEW_REQUEST)
def a_window_shows_the_entries_around_its_place(scene: Scene) -> None:
    keys = encode_sort_request((SortKey("cn"),), critical=True)
    window = encode_list_view(ListView(0, 1, 2, 0), critical=True)
    answer = scene.admin.search(scene.below, keys, window, wanted="(cn=*)")
    assert answer.names == [scene.of("an"), scene.of("binh")]
    told = decode_list_view_result(answer.control(oids.VIRTUAL_LIST_VIEW_RESPONSE))
    assert (told.position, told.count, told.code) == (2, 3, 0)


@tries(oids.MATCHED_VALUES)
def values_that_do_not_match_stay_away(scene: Scene) -> None:
    scene.modify("an", ModifyOperation.REPLACE, attribute("title", "Kế toán", "Văn thư"))
    only = encode_matched_values((f.Equality("title", "Văn thư".encode()),), critical=True)
    answer = scene.admin.search(scene.of("an"), only, attributes=("title",))
    assert [value for each in answer.entries[0].attributes for value in each.values] == ["Văn thư".encode()]


@tries(oids.SUBENTRIES)
def subentries_show_to_whom_asks_for_them(scene: Scene) -> None:
    made = scene.add(
        "cn=nhánh",
        attribute("objectClass", "subentry"),
        attribute("cn", "nhánh"),
        attribute("subtreeSpecification", "{}"),
    )
    assert made.code == 0, made.result
    assert len(scene.admin.search(scene.below).entries) == 4
    asked = scene.admin.search(scene.below, encode_subentries(visible=True, critical=True))
    assert asked.names == [f"cn=nhánh,{scene.below}"]


@tries(oids.MANAGE_DSA_IT)
def referral_objects_are_entries_to_whom_manages_them(scene: Scene) -> None:
    manage = Control(oids.MANAGE_DSA_IT, True)
    made = scene.add(
        "ou=xa",
        attribute("objectClass", "referral", "extensibleObject"),
        attribute("ou", "xa"),
        attribute("ref", "ldap://xa.example/ou=xa,dc=example"),
        controls=(manage,),
    )
    assert made.code == 0, made.result
    name = f"ou=xa,{scene.below}"
    assert scene.admin.search(name, scope=Scope.BASE_OBJECT).code == 10
    assert scene.admin.search(name, manage, scope=Scope.BASE_OBJECT).names == [name]


@tries(oids.ASSERTION)
def a_change_on_a_condition_that_does_not_hold_is_not_made(scene: Scene) -> None:
    title = attribute("title", "Giám đốc")
    wrong = encode_assertion(f.Equality("sn", b"nobody"))
    assert scene.modify("an", ModifyOperation.REPLACE, title, wrong).code == 122
    right = encode_assertion(f.Present("sn"))
    assert "title" not in scene.admin.read(scene.of("an"), "title")
    assert scene.modify("an", ModifyOperation.REPLACE, title, right).code == 0


@tries(oids.PRE_READ)
def the_entry_before_the_change_is_told(scene: Scene) -> None:
    answer = scene.admin.ask(DeleteRequest(scene.of("an")), encode_pre_read(("cn",), critical=True))
    assert "Nguyễn Văn An".encode() in (answer.control(oids.PRE_READ).value or b"")


@tries(oids.POST_READ)
def the_entry_behind_the_change_is_told(scene: Scene) -> None:
    title = attribute("title", "Thủ quỹ")
    answer = scene.modify("an", ModifyOperation.REPLACE, title, encode_post_read(("title",), critical=True))
    assert "Thủ quỹ".encode() in (answer.control(oids.POST_READ).value or b"")


@tries(oids.NO_OP)
def a_change_that_is_only_tried_changes_nothing(scene: Scene) -> None:
    assert scene.admin.ask(DeleteRequest(scene.of("an")), Control(oids.NO_OP, True)).code == 16654
    assert scene.is_there("an")


@tries(oids.PERMISSIVE_MODIFY)
def adding_what_is_there_succeeds_where_that_is_asked_for(scene: Scene) -> None:
    same = attribute("sn", "Nguyễn")
    assert scene.modify("an", ModifyOperation.ADD, same).code == 20
    assert scene.modify("an", ModifyOperation.ADD, same, Control(oids.PERMISSIVE_MODIFY, True)).code == 0


@tries(oids.TREE_DELETE)
def a_tree_goes_in_one_operation(scene: Scene) -> None:
    assert scene.admin.ask(DeleteRequest(scene.below)).code == 66
    assert scene.admin.ask(DeleteRequest(scene.below), Control(oids.TREE_DELETE, True)).code == 0
    assert scene.admin.search(scene.below).code == 32


@tries(oids.PROXIED_AUTHORIZATION)
def somebody_else_is_asked_for(scene: Scene) -> None:
    as_an = Control(oids.PROXIED_AUTHORIZATION, True, f"dn:{scene.of('an')}".encode())
    assert who(scene.admin, as_an) == f"dn:{scene.of('an')}"
    assert who(scene.admin) == f"dn:{ADMIN}"


@tries(oids.SESSION_TRACKING)
def the_access_log_tells_on_whose_behalf(scene: Scene) -> None:
    mark = f"phiên-{secrets.token_hex(4)}"
    tracked = TrackedSession("192.0.2.77", "webmail", "1.3.6.1.4.1.21008.108.63.1.3", mark)
    assert scene.admin.search("", encode_tracked_session(tracked), scope=Scope.BASE_OBJECT).code == 0
    ends = time.monotonic() + LOG_SECONDS
    while mark not in scene.server.access_log.read_text("utf-8"):
        assert time.monotonic() < ends, "the access log does not tell it"
        time.sleep(0.05)


@tries(oids.PASSWORD_POLICY)
def a_bind_tells_that_the_password_is_to_be_changed(scene: Scene) -> None:
    with Client(scene.server) as client:
        answer = client.bind(scene.mailbox(), scene.password, Control(oids.PASSWORD_POLICY, False))
    assert answer.code == 0
    # PasswordPolicyResponseValue: error [1] changeAfterReset (2)
    assert (answer.control(oids.PASSWORD_POLICY).value or b"").hex() == "3003810102"


@tries(oids.ACCOUNT_USABLE)
def each_entry_comes_with_whether_it_may_sign_in(scene: Scene) -> None:
    answer = scene.admin.search(scene.mailbox(), Control(oids.ACCOUNT_USABLE, True))
    (told,) = answer.messages[0].controls
    assert told.oid == oids.ACCOUNT_USABLE
    assert (told.value or b"").startswith(b"\xa1")  # not freely usable: the password must be changed


@tries(oids.EFFECTIVE_RIGHTS)
def each_entry_comes_with_what_may_be_done_to_it(scene: Scene) -> None:
    question = encode_rights_question(RightsQuestion(f"dn:{scene.of('an')}", ("telephoneNumber",)))
    answer = scene.admin.search(scene.of("an"), question, attributes=("cn",))
    told = {each.type.lower(): each.values[0].decode() for each in answer.entries[0].attributes}
    assert "v" in told["entrylevelrights"]
    assert "telephonenumber:" in told["attributelevelrights"].lower()


@tries(oids.DONT_USE_COPY)
def what_answers_is_no_copy(scene: Scene) -> None:
    only = Control(oids.DONT_USE_COPY, True)
    assert scene.admin.search(scene.of("an"), only).names == [scene.of("an")]
    valued = Control(oids.DONT_USE_COPY, True, b"x")
    assert scene.admin.search(scene.of("an"), valued).code == 2


@tries(oids.TRANSACTION, START_TRANSACTION, END_TRANSACTION)
def changes_of_a_transaction_are_made_together(scene: Scene) -> None:
    begun = scene.admin.ask(ExtendedRequest(START_TRANSACTION)).messages[-1].operation
    assert isinstance(begun, ExtendedResponse)
    identifier = begun.value or b""
    within = Control(oids.TRANSACTION, True, identifier)
    person = (attribute("objectClass", "inetOrgPerson"), attribute("cn", "Mới"), attribute("sn", "Mới"))
    for uid in ("mot", "hai"):
        assert scene.add(f"uid={uid}", *person, controls=(within,)).code == 0
    assert not scene.is_there("mot")
    end = bytes((0x30, len(identifier) + 2, 0x04, len(identifier))) + identifier
    assert scene.admin.ask(ExtendedRequest(END_TRANSACTION, end)).code == 0
    assert scene.is_there("mot")
    assert scene.is_there("hai")


# Extended operations


@tries(START_TLS)
def what_follows_is_under_tls(scene: Scene) -> None:
    with Client(scene.server) as client:
        assert client.ask(ExtendedRequest(START_TLS)).code == 0
        assert client.under_tls().bind().code == 0
        assert client.ask(ExtendedRequest(START_TLS)).code == 1


@tries(WHO_AM_I)
def the_server_tells_who_one_is(scene: Scene) -> None:
    assert who(scene.admin) == f"dn:{ADMIN}"
    with Client(scene.server) as client:
        assert who(client) == ""


@tries(PASSWORD_MODIFY)
def a_password_is_made_up_and_works(scene: Scene) -> None:
    answer = scene.admin.ask(password_modify(PasswordModify(scene.of("an"), None, None)))
    operation = answer.messages[-1].operation
    assert isinstance(operation, ExtendedResponse)
    generated = (operation.value or b"")[4:].decode()
    with Client(scene.server) as client:
        assert client.bind(scene.of("an"), generated).code == 0


@tries(CANCEL)
def what_is_not_under_way_is_not_cancelled(scene: Scene) -> None:
    assert scene.admin.ask(cancel_request(4711)).code == 119


# Features


@tries("1.3.6.1.1.14")
def a_number_is_incremented(scene: Scene) -> None:
    mailbox = Change(ModifyOperation.ADD, attribute("objectClass", "gdMailbox"))
    seven = Change(ModifyOperation.REPLACE, attribute("mailQuota", "7"))
    changed = scene.admin.ask(ModifyRequest(scene.of("an"), (mailbox, seven)))
    assert changed.code == 0, changed.result
    assert scene.modify("an", ModifyOperation.INCREMENT, attribute("mailQuota", "5")).code == 0
    assert scene.admin.read(scene.of("an"), "mailQuota") == {"mailQuota": ["12"]}


@tries("1.3.6.1.4.1.4203.1.5.1")
def plus_asks_for_operational_attributes(scene: Scene) -> None:
    assert "createTimestamp" in scene.admin.read(scene.of("an"), "+")
    assert "cn" not in scene.admin.read(scene.of("an"), "+")


@tries("1.3.6.1.4.1.4203.1.5.2")
def a_class_stands_for_its_attributes(scene: Scene) -> None:
    assert set(scene.admin.read(scene.of("an"), "@person")) == {"objectClass", "cn", "sn"}


@tries("1.3.6.1.4.1.4203.1.5.3")
def empty_and_is_true_and_empty_or_is_false(scene: Scene) -> None:
    assert len(scene.admin.search(scene.below, wanted="(&)").entries) == 4
    assert len(scene.admin.search(scene.below, wanted="(|)").entries) == 0


@tries("1.3.6.1.4.1.4203.1.5.4", "1.3.6.1.4.1.4203.1.5.5")
def values_have_languages_and_languages_have_ranges(scene: Scene) -> None:
    for name, value in (("description;lang-vi", "thử"), ("description;lang-en-GB", "a trial")):
        assert scene.modify("an", ModifyOperation.REPLACE, attribute(name, value)).code == 0
    read = scene.admin.read
    assert read(scene.of("an"), "description;lang-vi") == {"description;lang-vi": ["thử"]}
    assert list(read(scene.of("an"), "description;lang-en-")) == ["description;lang-en-gb"]
    assert len(read(scene.of("an"), "description;lang-")) == 2


# SASL


@tries("PLAIN")
def a_password_is_given_by_plain(scene: Scene) -> None:
    with Client(scene.server) as client:
        right = f"\0dn:{scene.of('an')}\0{scene.password}".encode()
        assert client.bind_sasl("PLAIN", right + b"x").code == 49
        assert client.bind_sasl("PLAIN", right).code == 0


@tries("SCRAM-SHA-256")
def a_password_is_proved_by_scram(scene: Scene) -> None:
    with Client(scene.server) as client:
        name = ADMIN.replace("=", "=3D").replace(",", "=2C")
        bare = f"n=dn:{name},r={secrets.token_hex(9)}"
        first = client.bind_sasl("SCRAM-SHA-256", f"n,,{bare}".encode())
        assert first.code == 14, first.result
        challenge = first.messages[-1].operation.server_sasl_credentials.decode()  # type: ignore[union-attr]
        final, signature = scram_final(ADMIN_PASSWORD, bare, challenge)
        last = client.bind_sasl("SCRAM-SHA-256", final)
        assert last.code == 0, last.result
        assert last.messages[-1].operation.server_sasl_credentials == signature  # type: ignore[union-attr]
        assert who(client) == f"dn:{ADMIN}"


@tries("EXTERNAL")
def a_certificate_tells_whose_it_is(scene: Scene) -> None:
    held = Attribute("userCertificate;binary", (scene.der,))
    assert scene.modify("binh", ModifyOperation.REPLACE, held).code == 0
    with Client(scene.server) as client:
        assert client.ask(ExtendedRequest(START_TLS)).code == 0
        client.under_tls(scene.certificate)
        assert client.bind_sasl("EXTERNAL", None).code == 0
        assert who(client) == f"dn:{scene.of('binh')}"


def scram_final(password: str, bare: str, challenge: str) -> tuple[bytes, bytes]:
    """The client-final-message for a challenge (RFC 5802 §3) and the server's that is to answer it."""
    parts = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    without_proof = f"c={base64.b64encode(b'n,,').decode()},r={parts['r']}"
    signed = f"{bare},{challenge},{without_proof}".encode()
    signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
    final = f"{without_proof},p={base64.b64encode(proof).decode()}".encode()
    return final, b"v=" + base64.b64encode(server)


def who(client: Client, *controls: Control) -> str:
    """The answer to Who Am I."""
    operation = client.ask(ExtendedRequest(WHO_AM_I), *controls).messages[-1].operation
    assert isinstance(operation, ExtendedResponse)
    return (operation.value or b"").decode()


def container() -> str:
    """A name that no other scene has."""
    return f"ou=thử {secrets.token_hex(4)},{SUFFIX}"


def scene_of(server: Server, certificate: tuple[str, str], der: bytes) -> Scene:
    """A new container with three people; an has a password."""
    admin, below, password = administrator(server), container(), f"Sông-{secrets.token_hex(6)}-9"
    made = admin.ask(AddRequest(below, (attribute("objectClass", "organizationalUnit"),)))
    assert made.code == 0, made.result
    for uid, name, surname in (
        ("an", "Nguyễn Văn An", "Nguyễn"),
        ("binh", "Trần Thị Bình", "Trần"),
        ("chau", "Lê Minh Châu", "Lê"),
    ):
        more: list[Attribute] = []
        if uid == "an":
            more.append(attribute("userPassword", password))
        person = (attribute("objectClass", "inetOrgPerson"), attribute("cn", name), attribute("sn", surname))
        added = admin.ask(AddRequest(f"uid={uid},{below}", (*person, *more)))
        assert added.code == 0, added.result
    return Scene(server, admin, below, certificate, der, password)
