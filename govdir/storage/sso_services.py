"""Registered service providers in SQL; implements sso.ports.Services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred

from govdir.sso.model import ServiceProvider, ServiceSettings
from govdir.storage.access import Rows, SqlAccess, as_text, changed, fetch
from govdir.storage.moments import moment, stored

# The longest account of what is wrong with a service provider's metadata that is kept.
MAX_TROUBLE = 1000

_decode_settings = msgspec.json.Decoder(ServiceSettings).decode


class SqlServices:
    """See sso.ports.Services."""

    def __init__(self, access: SqlAccess) -> None:
        self._access = access
        sql = access.sql
        self._all = (
            "SELECT entity_id, name, metadata, settings, metadata_url, metadata_signer, refreshed, trouble,"
            " version FROM sso_services ORDER BY name"
        )
        self._number = "SELECT number FROM sso_counters WHERE name = 'services'"
        self._count = (
            "INSERT INTO sso_counters (name, number) VALUES ('services', 1)"
            " ON CONFLICT (name) DO UPDATE SET number = sso_counters.number + 1"
        )
        self._namesake = sql("SELECT 1 FROM sso_services WHERE name = ? AND entity_id <> ?")
        self._insert = sql(
            "INSERT INTO sso_services (name, metadata, settings, metadata_url, metadata_signer, refreshed,"
            " trouble, version, entity_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (entity_id) DO NOTHING"
        )
        self._update = sql(
            "UPDATE sso_services SET name = ?, metadata = ?, settings = ?, metadata_url = ?,"
            " metadata_signer = ?, refreshed = ?, trouble = ?, version = ?"
            " WHERE entity_id = ? AND version = ?"
        )
        self._remove = sql("DELETE FROM sso_services WHERE entity_id = ?")

    def all(self) -> Deferred[Sequence[ServiceProvider]]:
        """See sso.ports.Services."""
        return self._access.rows(self._all).addCallback(lambda rows: [_service(row) for row in rows])

    def number(self) -> Deferred[int]:
        """See sso.ports.Services; 0 when there has never been any."""

        def only(rows: Rows) -> int:
            return int(rows[0][0]) if rows else 0

        return self._access.rows(self._number).addCallback(only)

    def put(self, service: ServiceProvider) -> Deferred[bool]:
        """See sso.ports.Services."""
        row = _row(service)

        def work(cursor: DBAPICursor) -> bool:
            if fetch(cursor, self._namesake, service.name, service.entity_id):
                return False
            if service.version == 0:
                stands = changed(cursor, self._insert, *row) == 1
            else:
                stands = changed(cursor, self._update, *row, service.version - 1) == 1
            if stands:
                cursor.execute(self._count)
            return stands

        return self._access.write(work)

    def remove(self, entity_id: str) -> Deferred[bool]:
        """See sso.ports.Services."""

        def work(cursor: DBAPICursor) -> bool:
            was_there = changed(cursor, self._remove, entity_id) == 1
            if was_there:
                cursor.execute(self._count)
            return was_there

        return self._access.write(work)


def _row(service: ServiceProvider) -> tuple[object, ...]:
    return (
        service.name,
        service.metadata,
        msgspec.json.encode(service.settings).decode(),
        service.metadata_url,
        service.metadata_signer,
        None if service.refreshed is None else stored(service.refreshed),
        as_text(service.trouble, MAX_TROUBLE),
        service.version,
        service.entity_id,
    )


def _service(row: tuple[Any, ...]) -> ServiceProvider:
    entity_id, name, metadata, settings, url, signer, refreshed, trouble, version = row
    return ServiceProvider(
        entity_id=entity_id,
        name=name,
        metadata=bytes(metadata),
        settings=_decode_settings(settings),
        metadata_url=url,
        metadata_signer=bytes(signer),
        refreshed=None if refreshed is None else moment(refreshed),
        trouble=trouble,
        version=version,
    )
