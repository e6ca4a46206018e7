"""The directory: the image, the store behind it, and the two ways in, `bind` and `as_caller`."""

from __future__ import annotations

from govdir.directory import channels
from govdir.directory.access import AccessRules
from govdir.directory.accesses import Accesses
from govdir.directory.account_facts import AccountFacts
from govdir.directory.admission import Bound
from govdir.directory.caller import ANONYMOUS, Caller
from govdir.directory.commit import Committer
from govdir.directory.cookies import Cookies
from govdir.directory.dn import Dn
from govdir.directory.handle import Handle
from govdir.directory.identity import Seen, Warrant
from govdir.directory.image import Image
from govdir.directory.list_addresses import ListAddresses
from govdir.directory.logins import Logins
from govdir.directory.password_change import PasswordChanges
from govdir.directory.policies import Policies
from govdir.directory.ports import Clock, SlowWork, Store
from govdir.directory.rules import EntryRules, PasswordRules
from govdir.directory.scram_keys import ScramVault
from govdir.directory.selection import Selections
from govdir.directory.sorted_lists import SortedLists
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.registry import Schema

# Names clients search under and bind as; past this many the memory of parsed ones starts anew.
MAX_REMEMBERED_NAMES = 4096

# What is longer is no name of an entry, and would fill the memory.
MAX_REMEMBERED_CHARACTERS = 512


class Directory:
    """One naming context. Reads are answered from memory; writes are durable before they are answered."""

    anonymous: Caller = ANONYMOUS

    def __init__(
        self,
        *,
        schema: Schema,
        suffix: Dn,
        store: Store,
        slow: SlowWork,
        clock: Clock,
        rules: EntryRules,
        password_rules: PasswordRules,
        access: AccessRules,
        secret: bytes,
        scram: bool = True,
        remembered_seconds: int = 0,
        changed_over_ldap: bool = True,
    ) -> None:
        """`secret` signs cookies and seals what proves passwords over SCRAM-SHA-256, for which keys are made
        where `scram`; `remembered_seconds`, `changed_over_ldap`: see Logins."""
        self.schema = schema
        self.suffix = suffix
        self.vocabulary = Vocabulary(schema)
        self.image = Image(self.vocabulary)
        self.image.reached_by = ListAddresses(self.image).of
        self.image.now = clock.now
        self.image.account_facts = AccountFacts(self).of
        self.access = access
        self.rules = rules
        self.password_rules = Policies(self.image, password_rules, self.path_of, self._policy_changed)
        self.clock = clock
        self.cookies = Cookies(secret)
        self.sorted_lists = SortedLists.following(self.image)
        self.scram = ScramVault(secret, enabled=scram)
        self.selections = Selections(self.vocabulary)
        self.committer = Committer(self.image, store)
        self.accesses = Accesses(store.accesses, clock)
        self.logins = Logins(
            self,
            store,
            slow,
            self.password_rules,
            remembered_seconds=remembered_seconds,
            changed_over_ldap=changed_over_ldap,
        )
        self.passwords = PasswordChanges(
            self.vocabulary,
            slow,
            clock,
            self.password_rules,
            self.logins.failed,
            keys_of=self.scram.made_of,
            is_barred=self.logins.is_barred,
        )
        self._store = store
        self._paths: dict[str, tuple[str, ...] | None] = {}

    def load(self) -> None:
        """Fills the image from the store; blocking, once, at start-up."""
        number = self._store.last_number()
        self.image.load(self._store.load_entries())
        self.image.retired_addresses.update(self._store.load_retired_addresses())
        self.logins.load(self._store.load_login_facts())
        self.image.number = number

    def as_caller(self, caller: Caller, seen: Seen | None = None, warrant: Warrant | None = None) -> Handle:
        """The directory narrowed to what `caller` may do; `seen` is its entry as it was at the bind, None: as
        it is now. `warrant`: whether who acts as the caller still may."""
        return Handle(self, caller, seen, warrant)

    def bind_at_once(self, name: bytes, password: bytes, channel: str = channels.LDAP) -> Bound | None:
        """A bind whose password is known to be right, its name in UTF-8; None: ask `bind`."""
        return self.logins.bind_at_once(name, password, channel)

    async def bind(self, name: str, password: bytes, channel: str = channels.LDAP) -> Bound:
        """Simple bind (RFC 4513 §5.1) by a channel (directory.channels). Raises InvalidDn, UnwillingToPerform
        (a name without password), and InvalidCredentials, one and the same for unknown names, wrong
        passwords, closed accounts and channels that are closed to the account."""
        return await self.logins.bind(name, password, channel)

    async def catch_up(self) -> int:
        """Applies what other processes have committed; how many entries it touched."""
        return await self.committer.catch_up()

    async def upgrade_passwords(self) -> None:
        """Writes the locks of accounts that failures have closed, and replaces the imported hashes of those
        who have signed in since the last time."""
        await self.logins.write_locks()
        await self.logins.upgrades.run()

    async def flush_logins(self) -> None:
        """Writes what sign-ins have left behind since the last time. Raises StoreUnavailable, Busy; what was
        not written is kept."""
        await self.logins.flush()
        await self.accesses.flush()

    def _policy_changed(self) -> None:
        self.logins.forget_verified()

    def path_of(self, text: str) -> tuple[str, ...] | None:
        """The normalised RDNs of a name below the suffix, topmost first; None outside. Raises InvalidDn."""
        try:
            return self._paths[text]
        except KeyError:
            path = Dn.parse(text, self.schema).below(self.suffix) if text else None
            if len(text) <= MAX_REMEMBERED_CHARACTERS:
                if len(self._paths) >= MAX_REMEMBERED_NAMES:
                    self._paths.clear()
                self._paths[text] = path
            return path
