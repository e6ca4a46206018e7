"""One session of ldaptor's client under Twisted, told as JSON on standard output.

Arguments: port, administrator's DN, password, a container that exists and is empty.
"""

import json
import sys

from ldaptor.protocols import pureldap
from ldaptor.protocols.ldap import ldapclient, ldaperrors, ldapsyntax
from twisted.internet import defer, endpoints, task

port, admin, password, base = sys.argv[1:]
told: dict[str, object] = {}


async def who_am_i(client):
    """The authorization identity (RFC 4532)."""
    answer = await client.send(pureldap.LDAPExtendedRequest(requestName=b"1.3.6.1.4.1.4203.1.11.3"))
    return answer.response.decode() if answer.response else ""


async def session(reactor):
    """Binds, adds, searches, changes, renames, deletes, and meets some refusals."""
    endpoint = endpoints.clientFromString(reactor, f"tcp:127.0.0.1:{port}")
    client = await endpoints.connectProtocol(endpoint, ldapclient.LDAPClient())
    await client.startTLS()
    await client.bind(admin, password)
    top = ldapsyntax.LDAPEntry(client, base)
    person = {"objectClass": ["inetOrgPerson"], "cn": ["Lê An"], "sn": ["Lê"], "uid": ["la"]}
    added = await top.addChild("uid=la", person)
    told["added"] = str(added.dn.getText())
    found = await top.search(filterText="(&(objectClass=person)(uid=LA))", attributes=["cn"])
    told["found"] = [value.decode() for entry in found for value in entry["cn"]]
    (entry,) = await top.search(filterText="(uid=la)")
    entry["title"] = ["Cán sự".encode()]
    await entry.commit()
    again = await top.search(filterText="(title=cán*)", attributes=["title"])
    told["changed"] = [value.decode() for each in again for value in each["title"]]
    await entry.move(f"uid=lb,{base}")
    told["moved"] = [each.dn.getText() for each in await top.search(filterText="(uid=lb)")]
    told["whoami"] = await who_am_i(client)
    await entry.delete()
    told["left"] = len(await top.search(filterText="(uid=*)"))
    try:
        await client.bind(admin, "sai")
    except ldaperrors.LDAPInvalidCredentials:
        told["wrong"] = "LDAPInvalidCredentials"
    told["after_wrong"] = await who_am_i(client)
    client.unbind()


def main(reactor):
    """Runs the session, then tells."""
    done = defer.ensureDeferred(session(reactor))
    return done.addCallback(lambda _: json.dump(told, sys.stdout))


task.react(main)
