"""Java's libraries, compiled for once and started once a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop.ldap.java_clients import JavaClient, compiled


@pytest.fixture(scope="session")
def java_class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of the Java programs."""
    return compiled(tmp_path_factory.mktemp("java"))


@pytest.fixture(scope="module")
def directory_api(java_class_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaClient]:
    """The library inside Directory Studio."""
    client = JavaClient(java_class_path, "api", tmp_path_factory.mktemp("directory-api") / "log")
    yield client
    client.close()


@pytest.fixture(scope="module")
def jndi(java_class_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaClient]:
    """The LDAP provider of the Java runtime."""
    client = JavaClient(java_class_path, "jndi", tmp_path_factory.mktemp("jndi") / "log")
    yield client
    client.close()
