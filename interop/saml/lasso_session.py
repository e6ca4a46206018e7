"""Run by the system's Python: Lasso (the engine of mod_auth_mellon and LemonLDAP::NG), a line a question.

Arguments: the service provider's metadata, its key and certificate, the identity provider's metadata (files),
and the signature method, "" for Lasso's own choice.
"""

import json
import sys

import lasso

metadata, key, certificate, idp_metadata, method = sys.argv[1:]
METHODS = {
    "REDIRECT": lasso.HTTP_METHOD_REDIRECT,
    "POST": lasso.HTTP_METHOD_POST,
    "SOAP": lasso.HTTP_METHOD_SOAP,
}
server = lasso.Server(metadata, key, None, certificate)
server.addProvider(lasso.PROVIDER_ROLE_IDP, idp_metadata)
if method:
    server.signatureMethod = getattr(lasso, method)
IDP = next(iter(server.providers))
open_sessions = {}


def login(binding, relay_state=None, **wanted):
    profile = lasso.Login(server)
    profile.initAuthnRequest(IDP, METHODS[binding])
    request = profile.request
    request.forceAuthn = wanted.get("force", False)
    request.isPassive = wanted.get("passive", False)
    if "format" in wanted:
        request.nameIdPolicy.format = wanted["format"]
        request.nameIdPolicy.allowCreate = True
    if relay_state is not None:
        profile.msgRelayState = relay_state
    profile.buildAuthnRequestMsg()
    return {"url": profile.msgUrl, "body": profile.msgBody}


def answered(message):
    profile = lasso.Login(server)
    profile.processAuthnResponseMsg(message)
    profile.acceptSso()
    assertion = profile.assertion
    attributes = {}
    for statement in assertion.attributeStatement:
        for attribute in statement.attribute:
            values = [
                "".join(
                    node.exportToXml() if not hasattr(node, "content") else node.content for node in value.any
                )
                for value in attribute.attributeValue
            ]
            attributes.setdefault(attribute.name, []).extend(values)
    session = profile.session.dump()
    index = assertion.authnStatement[0].sessionIndex
    open_sessions[index] = session
    name = profile.nameIdentifier
    return {
        "name_id": name.content,
        "format": name.format,
        "attributes": attributes,
        "session_index": index,
        "context": assertion.authnStatement[0].authnContext.authnContextClassRef,
    }


def logout(binding, session_index):
    profile = lasso.Logout(server)
    profile.setSessionFromDump(open_sessions.pop(session_index))
    profile.initRequest(IDP, METHODS[binding])
    profile.buildRequestMsg()
    return {"url": profile.msgUrl, "body": profile.msgBody, "dump": profile.dump()}


def signed_out(message, dump):
    profile = lasso.Logout.newFromDump(server, dump)
    profile.processResponseMsg(message)
    return "done"


def asked_to_sign_out(message, session_index, relay_state=None):
    profile = lasso.Logout(server)
    profile.processRequestMsg(message)
    if session_index in open_sessions:
        profile.setSessionFromDump(open_sessions.pop(session_index))
    profile.validateRequest()
    if relay_state is not None:
        profile.msgRelayState = relay_state
    profile.buildResponseMsg()
    return {"url": profile.msgUrl, "body": profile.msgBody}


QUESTIONS = {
    "login": login,
    "answered": answered,
    "logout": logout,
    "signed_out": signed_out,
    "asked_to_sign_out": asked_to_sign_out,
}

for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"told": QUESTIONS[question.pop("ask")](**question)}
    except lasso.Error as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
