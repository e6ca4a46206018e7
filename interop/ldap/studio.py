"""What Apache Directory Studio does, by the library inside it: the requests its windows send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from interop.ldap.java_clients import JavaClient, Value, octets
from interop.server import ADMIN, ADMIN_PASSWORD, Server

SUCCESS: Final = 0
REFERRAL: Final = 10
LOOP_DETECT: Final = 54
NOT_ALLOWED_ON_NON_LEAF: Final = 66
ENTRY_ALREADY_EXISTS: Final = 68
CHILDREN_LIMIT: Final = 1000
TREE_DELETE: Final = "1.2.840.113556.1.4.805"
ALL_OPERATIONAL: Final = "1.3.6.1.4.1.4203.1.5.1"
PAGED_RESULTS: Final = "1.2.840.113556.1.4.319"
_SUBENTRY_FILTER: Final = "(|(objectClass=subentry)(objectClass=ldapSubentry))"
_NOT_COPIED: Final = frozenset({"userPassword"})


Attributes = Mapping[str, Sequence[Value] | Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the library decoded it."""

    dn: str
    attributes: Mapping[str, Sequence[Value]]
    controls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[Value]:
        return next(
            (sorted(v, key=repr) for n, v in self.attributes.items() if n.lower() == name.lower()), []
        )

    @property
    def leaf(self) -> bool:
        """Whether Studio draws it as one: only hasSubordinates or numSubordinates tell."""
        return self["hasSubordinates"] == ["FALSE"] or self["numSubordinates"] == ["0"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended. `followed` says by which names a referral was followed."""

    code: int
    message: str = ""
    matched: str = ""
    entries: tuple[Entry, ...] = ()
    references: tuple[str, ...] = ()
    controls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    followed: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The entries' names in the order they came."""
        return [entry.dn for entry in self.entries]


def _outcome(told: dict[str, Any], followed: tuple[str, ...] = ()) -> Outcome:
    if "failure" in told:
        raise AssertionError(f"{told['failure']}: {told['message']}")
    return Outcome(
        code=told["code"],
        message=told["message"] or "",
        matched=told["matched"],
        entries=tuple(Entry(e["dn"], e["attributes"], e["controls"]) for e in told.get("entries", ())),
        references=(*told["referrals"], *told.get("references", ())),
        controls=told["controls"],
        told=told,
        followed=followed,
    )


@dataclass(slots=True)
class Studio:
    """One connection of Studio's tree, called `on` in the Java process."""

    client: JavaClient
    server: Server
    on: str = "main"
    _schema: dict[str, Any] | None = None

    def connect(self, security: str = "start-tls", host: str = "127.0.0.1", port: int = 0) -> dict[str, Any]:
        """Network parameters: `none`, `start-tls` or `ldaps`. The state, or {"failure", "message"}."""
        wanted = port or (self.server.ldaps_port if security == "ldaps" else self.server.port)
        ca = str(self.server.ca_file)
        state: dict[str, Any] = self.client.ask(
            "connect", on=self.on, host=host, port=wanted, security=security, ca=ca
        )
        return state

    def bind(
        self, dn: str | None = ADMIN, password: str = ADMIN_PASSWORD, *, controls: Iterable[str] = ()
    ) -> Outcome:
        """Simple authentication; no authentication without a DN."""
        return _outcome(self.client.ask("bind", on=self.on, dn=dn, password=password, control=controls))

    def bind_sasl(self, mechanism: str, user: str, password: str) -> dict[str, Any]:
        """One of Studio's SASL methods; the library's own words on what came of it."""
        told: dict[str, Any] = self.client.ask(
            "bind", on=self.on, mechanism=mechanism, user=user, password=password
        )
        return told

    def open(
        self, security: str = "start-tls", dn: str | None = ADMIN, password: str = ADMIN_PASSWORD
    ) -> Studio:
        """*Open Connection*: connects and binds."""
        assert self.connect(security).get("connected")
        assert self.bind(dn, password).code == SUCCESS
        return self

    def state(self) -> dict[str, Any]:
        """Whether it is connected, and secured by which version of TLS."""
        told: dict[str, Any] = self.client.ask("state", on=self.on)
        return told

    def close(self) -> dict[str, Any]:
        """*Close Connection*."""
        told: dict[str, Any] = self.client.ask("close", on=self.on)
        return told

    # Reading

    def search(
        self,
        base: str,
        filter_: str = "(objectClass=*)",
        scope: str = "one",
        attributes: Iterable[str] = (),
        *,
        count: int = 0,
        time: int = 0,
        aliases: str = "never",
        referrals: str = "ignore",
        types_only: bool = False,
        controls: Iterable[str] = (),
    ) -> Outcome:
        """A search with everything its dialog offers. `scope`: base, one or sub; `aliases`: never, finding,
        searching or always; `referrals`: ignore, manual (they stand among the results) or follow."""
        plain: dict[str, Any] = {
            "filter": filter_,
            "attribute": list(attributes),
            "count": count,
            "time": time,
            "aliases": _ALIASES[aliases],
            "types_only": types_only,
            "control": list(controls),
        }
        found = _outcome(self.client.ask("search", on=self.on, base=base, scope=_SCOPES[scope], **plain))
        if referrals != "follow":
            return found
        entries, seen, waiting = list(found.entries), set[str](), list(found.references)
        while waiting:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            parts = self.client.ask("url", url=url)
            assert (parts["host"], parts["port"]) == ("127.0.0.1", self.server.port), url
            more = _outcome(
                self.client.ask("search", on=self.on, base=parts["dn"], scope=parts["scope"], **plain)
            )
            entries.extend(more.entries)
            waiting.extend(more.references)
        return Outcome(found.code, found.message, found.matched, tuple(entries), followed=tuple(sorted(seen)))

    def entry(self, dn: str, *attributes: str, controls: Iterable[str] = ()) -> Entry | None:
        """One entry, None if there is none."""
        found = self.search(dn, scope="base", attributes=attributes, controls=controls)
        return found.entries[0] if found.entries else None

    def root_dse(self) -> Entry:
        """*Fetching Root DSE*: two searches, the first by names and `+`, the second by `*`."""
        wanted = ("namingContexts", "subschemaSubentry", "supportedLDAPVersion", "supportedSASLMechanisms")
        more = ("supportedExtension", "supportedControl", "supportedFeatures", "vendorName", "vendorVersion")
        first, second = self.entry("", *wanted, *more, "+"), self.entry("", "*")
        assert first is not None
        assert second is not None
        return Entry("", {**second.attributes, **first.attributes})

    def children(
        self, dn: str, *, limit: int = CHILDREN_LIMIT, subentries: bool = False, controls: Iterable[str] = ()
    ) -> Outcome:
        """What expanding an entry of the tree sends; with `subentries`, what the option of that name adds."""
        return self.search(
            dn,
            _SUBENTRY_FILTER if subentries else "(objectClass=*)",
            attributes=("hasSubordinates", "objectClass"),
            count=limit,
            controls=[*controls, *(["subentries"] if subentries else [])],
        )

    def attributes(self, dn: str, *, controls: Iterable[str] = ()) -> Entry:
        """What the entry editor shows with operational attributes on."""
        found = self.entry(dn, "*", "+", controls=controls)
        assert found is not None
        return found

    def pages(self, base: str, size: int, **how: Any) -> list[list[str]]:
        """A search in pages, *scroll mode* off: the names on each."""
        pages: list[list[str]] = []
        cookie = ""
        while True:
            found = self.search(base, controls=[f"page {size} {cookie}".strip()], **how)
            pages.append(found.names)
            cookie = found.controls[PAGED_RESULTS]["cookie"]
            if not cookie:
                return pages

    def compare(self, dn: str, attribute: str, value: str) -> int:
        """The result code: 6 is true, 5 is false."""
        return _outcome(self.client.ask("compare", on=self.on, dn=dn, attribute=attribute, value=value)).code

    # Changing

    def _update(self, verb: str, dn: str, referrals: str, **words: Any) -> Outcome:
        """An update that goes where referrals lead, until one leads where it was (Studio's loopDetect)."""
        seen: list[str] = []
        while True:
            done = _outcome(self.client.ask(verb, on=self.on, dn=dn, **words), tuple(seen))
            if done.code != REFERRAL or referrals != "follow":
                return done
            url = done.references[0]
            if url in seen:
                return Outcome(LOOP_DETECT, followed=tuple(seen))
            seen.append(url)
            dn = self.client.ask("url", url=url)["dn"]

    def add(
        self,
        dn: str,
        attributes: Attributes,
        *,
        referrals: str = "follow",
        controls: Iterable[str] = (),
    ) -> Outcome:
        """*New Entry*."""
        values = [octets(name, values=_several(given)) for name, given in attributes.items()]
        return self._update("add", dn, referrals, value=values, control=list(controls))

    def modify(
        self,
        dn: str,
        *changes: tuple[str, str, Sequence[Value]],
        referrals: str = "follow",
        controls: Iterable[str] = (),
    ) -> Outcome:
        """Changes as (add, delete or replace; attribute; values)."""
        words = [octets(how, name, values=values) for how, name, values in changes]
        return self._update("modify", dn, referrals, change=words, control=list(controls))

    def rename(self, dn: str, new: str, *, keep_old: bool = False, controls: Iterable[str] = ()) -> Outcome:
        """*Rename Entry* and *Move Entry*: always with the superior, the unchanged one too."""
        return _outcome(
            self.client.ask("rename", on=self.on, dn=dn, new=new, keep_old=keep_old, control=list(controls))
        )

    def delete(self, dn: str, *, referrals: str = "follow", controls: Iterable[str] = ()) -> Outcome:
        """*Delete Entry* of a leaf, or with whatever controls are checked."""
        return self._update("delete", dn, referrals, control=list(controls))

    def delete_one_by_one(self, dn: str) -> Outcome:
        """*Delete Entry* without the tree control: from below, as `notAllowedOnNonLeaf` makes it."""
        done = self.delete(dn)
        if done.code != NOT_ALLOWED_ON_NON_LEAF:
            return done
        for child in self.search(dn, attributes=("objectClass",), count=CHILDREN_LIMIT).entries:
            assert self.delete_one_by_one(child.dn).code == SUCCESS
        return self.delete(dn)

    def copy(self, dn: str, new: str) -> Outcome:
        """*Copy / Paste Entry*: reads user attributes and `ref`, adds them under the new name."""
        original = self.entry(dn, "*", "ref", controls=["manage"])
        assert original is not None
        kept = {name: values for name, values in original.attributes.items() if name not in _NOT_COPIED}
        return self.add(new, kept, referrals="ignore", controls=["manage"])

    def edit(self, dn: str, attribute: str, old: Sequence[Value], new: Sequence[Value]) -> Outcome:
        """The entry editor's change of values in its default modes: deletes what went and adds what came;
        where the schema gives the attribute no equality rule, replaces all."""
        if self.equality_rule(attribute) is None:
            return self.modify(dn, ("replace", attribute, new))
        gone = [value for value in old if value not in new]
        come = [value for value in new if value not in old]
        changes = [("delete", attribute, gone)] if gone else []
        changes += [("add", attribute, come)] if come else []
        return self.modify(dn, *changes)

    def import_ldif(self, text: str) -> list[Outcome]:
        """*Import LDIF*: one operation a record."""
        told = self.client.ask("import", on=self.on, ldif=text)
        if isinstance(told, dict):
            raise AssertionError(f"{told['failure']}: {told['message']}")
        return [_outcome(one) for one in told]

    def export_ldif(self, base: str, *attributes: str, controls: Iterable[str] = ()) -> str:
        """*Export LDIF* of a subtree."""
        told = self.client.ask(
            "export", on=self.on, base=base, attribute=attributes, control=[*controls, "manage"]
        )
        assert _outcome(told).code == SUCCESS
        text: str = told["ldif"]
        return text

    # Extended operations

    def who_am_i(self) -> str:
        """*Who Am I*."""
        name: str = self.client.ask("who", on=self.on)["dn"]
        return name

    def change_password(
        self, dn: str | None = None, old: str | None = None, new: str | None = None
    ) -> Outcome:
        """The dialog *Password Modify*; `told["generated"]` is what the server chose when `new` is None."""
        return _outcome(self.client.ask("password", on=self.on, dn=dn, old=old, new=new))

    def start_transaction(self) -> tuple[Outcome, str]:
        """The outcome and the transaction's identifier, for the control `transaction`."""
        told = self.client.ask("start-transaction", on=self.on)
        return _outcome(told), told.get("transaction", "")

    def end_transaction(self, transaction: str, *, commit: bool) -> Outcome:
        """Commits or drops it."""
        return _outcome(
            self.client.ask("end-transaction", on=self.on, transaction=transaction, commit=commit)
        )

    def equality_rule(self, attribute: str) -> str | None:
        """The name of the rule, by the schema as it was first read."""
        self._schema = self._schema or self.schema()
        types = {name.lower(): facts for name, facts in self._schema["types"].items()}
        rule: str | None = types[attribute.lower()]["equality"]
        return rule

    def schema(self) -> dict[str, Any]:
        """*Reload Schema*: types, classes and the loader's complaints."""
        told: dict[str, Any] = self.client.ask("schema", on=self.on)
        assert "failure" not in told, told
        return told


_SCOPES: Final = {"base": "OBJECT", "one": "ONELEVEL", "sub": "SUBTREE"}
_ALIASES: Final = {
    "never": "NEVER_DEREF_ALIASES",
    "finding": "DEREF_FINDING_BASE_OBJ",
    "searching": "DEREF_IN_SEARCHING",
    "always": "DEREF_ALWAYS",
}


def _several(given: Sequence[Value] | Value) -> Sequence[Value]:
    return [given] if isinstance(given, str | bytes) else given
