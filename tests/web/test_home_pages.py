"""The home page, and what operators see of applications."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import Denial, ServiceName
from govdir.sso.idp.test_page import Preview
from govdir.sso.saml.model import Attribute, NameId, NameIdFormat
from govdir.web.door import Door
from govdir.web.home_pages import HomePages
from govdir.web.router import Router
from govdir.web.trouble import Trouble
from tests.directory.role_town import AN, holder
from tests.web.offices import Office

PORTAL = ServiceName("portal", "https://portal.example/saml", {"en": "Staff portal"})


class Provider:
    """Knows the portal, which AN may not use."""

    def __init__(self) -> None:
        self.registry = SimpleNamespace(known={"x": SimpleNamespace(name=PORTAL)}, refresh=self._nothing)

    async def _nothing(self) -> None:
        return None

    async def preview(self, name: str, account: Account) -> Preview | None:
        if name != "portal":
            return None
        return Preview(
            denial=Denial.ROLE if account.dn == AN else None,
            name_id=NameId(account.address, NameIdFormat.EMAIL),
            attributes=(Attribute("urn:oid:2.5.4.3", ("Nguyễn <An>", "An"), "uri", "cn"),),
            acs="https://portal.example/acs",
            logout=(),
            encrypted=False,
            cannot_encrypt=True,
            signs_requests=True,
            second_factor=False,
            unknown_sources=("shoeSize",),
        )


@pytest.fixture
def front(office: Office) -> Office:
    provider: Any = Provider()
    desk = office.desk
    pages = HomePages(office.pages, Door(desk.book), provider, desk.accounts, desk.directory)
    office.router = Router(pages.routes())
    return office


def test_a_visitor_is_told_where_to_sign_in_and_to_look_at_the_address(front: Office) -> None:
    page = front.stranger().get("/")

    assert page.tree.xpath("//main//a/@href") == ["/sign-in"]
    assert "check that your browser's address bar shows https://thu.cantho.gov.vn" in page.text


def test_who_is_signed_in_has_a_page_of_the_own(front: Office) -> None:
    assert front.browser(AN).get("/").location == "/account"


def test_an_operator_sees_what_an_application_would_be_told(front: Office) -> None:
    page = front.browser(holder("operator")).get("/saml/test?sp=portal&account=" + front.account(AN).shown)

    assert "May not use this application. It is for holders of certain roles." in page.text
    assert page.fact("NameID") == front.account(AN).shown
    assert page.fact("Answers go to") == "https://portal.example/acs"
    assert page.fact("Logouts go to") == "–"
    assert (page.fact("Requests must be signed"), page.fact("Assertions are encrypted")) == ("yes", "no")
    assert "no usable key" in page.text
    assert "There are no such attributes: shoeSize" in page.text
    assert page.rows() == [["Nguyễn <An>An"]]


def test_an_operator_is_shown_the_own_account_first(front: Office) -> None:
    page = front.browser(holder("operator")).get("/saml/test?sp=portal")

    assert page.fact("NameID") == front.account(holder("operator")).shown
    assert "May use this application." in page.text


def test_an_account_that_is_not_there_is_told(front: Office) -> None:
    page = front.browser(holder("operator")).get("/saml/test?sp=portal&account=nobody")

    assert "There is no such account." in page.text
    assert page.tree.xpath("//dl") == []


def test_nobody_else_sees_it(front: Office) -> None:
    with pytest.raises(Trouble) as caught:
        front.browser(AN).get("/saml/test?sp=portal")

    assert caught.value.status == 403
    assert front.stranger().get("/saml/test?sp=portal").location == "/sign-in?to=%2Fsaml%2Ftest%3Fsp%3Dportal"
