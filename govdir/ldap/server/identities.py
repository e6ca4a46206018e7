"""Who is bound on a connection, and which service was last: taken on, dropped, and taken up again."""

from __future__ import annotations

from functools import partial

from govdir.directory.admission import Bound
from govdir.directory.caller import Role
from govdir.directory.channels import LDAP
from govdir.directory.handle import Handle
from govdir.directory.proxying import Proxying
from govdir.directory.service import Directory
from govdir.ldap.codec.messages import SearchRequest
from govdir.ldap.server.access_log import origin_of
from govdir.ldap.server.provenance import Serving, Witness
from govdir.ldap.server.repeats import Repeats
from govdir.ldap.server.session import Session


class Identities:
    """The identities of one connection.

    `origin` is the beginning of the access log's lines for the present one, `repeats` the searches that it
    may repeat, `is_bound` whether it is other than anonymous, `name` its name, "" for that.
    """

    __slots__ = (
        "_directory",
        "_number",
        "_proxying",
        "_serving",
        "_session",
        "is_bound",
        "name",
        "origin",
        "repeats",
    )

    def __init__(self, directory: Directory, number: int, session: Session) -> None:
        self._directory = directory
        self._number = number
        self._session = session
        self._serving: Serving | None = None
        self.drop()

    @property
    def served(self) -> bool:
        """Whether a service was ever bound on the connection."""
        return self._serving is not None

    def drop(self) -> None:
        """The session is anonymous, as it is from the beginning of a bind until its success."""
        self.is_bound = False
        self.name = ""
        self._proxying: Proxying | None = None
        self.origin = origin_of(self._number, "")
        self.repeats = Repeats()

    def take(self, bound: Bound) -> None:
        """The bind has succeeded; a service goes on where it was before it bound as somebody else."""
        caller = bound.caller
        self.name = caller.dn
        self._proxying = None
        self.is_bound = bool(caller.dn)
        self.origin = origin_of(self._number, caller.dn, caller.by)
        if caller.role is not Role.SERVICE:
            self.repeats = Repeats()
            self._session.identify_later(
                partial(self._directory.as_caller, caller, bound.seen, bound.warrant)
            )
            return
        serving = self._serving
        if serving is None or not serving.is_still(caller):
            serving = Serving(self._directory.as_caller(caller, bound.seen, bound.warrant), Repeats())
            self._serving = serving
        self.repeats = serving.repeats
        self._session.identify(serving.handle)

    def acting_as(self, authz_id: str) -> Handle:
        """What the present identity may do as another one (RFC 4370); raises AuthorizationDenied,
        InsufficientAccessRights."""
        proxying = self._proxying
        if proxying is None:
            proxying = self._proxying = Proxying(self._directory, self._session.handle)
        return proxying.handle(authz_id)

    def channel_of(self, name: bytes) -> str:
        """What a bind under this name (UTF-8) is for: the last service's, also behind binds that failed."""
        return LDAP if self._serving is None else self._serving.channel_of(name)

    def witness_of(self, request: SearchRequest) -> Witness | None:
        """Who is told of what a search finds: nobody, unless a service asks what tells a channel."""
        serving = self._serving
        if serving is None or serving.handle is not self._session.handle:
            return None
        return serving.witness_of(request.filter)
