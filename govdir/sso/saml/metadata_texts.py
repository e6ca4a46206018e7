"""Why a service provider's metadata cannot be taken over, and what is said about its end."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

NOT_METADATA: Final = Wording(
    "Tệp không phải là siêu dữ liệu SAML 2.0 hợp lệ: {detail}.",
    "This is no valid SAML 2.0 metadata: {detail}.",
)
NOT_SIGNED_BY: Final = Wording(
    "Siêu dữ liệu không mang chữ ký của khóa đã ghim: {detail}.",
    "The metadata is not signed by the key that was pinned: {detail}.",
)
NOT_AN_ENTITY: Final = Wording(
    "Siêu dữ liệu phải là một EntityDescriptor hoặc EntitiesDescriptor.",
    "The metadata must be an EntityDescriptor or an EntitiesDescriptor.",
)
WHICH_ENTITY: Final = Wording(
    "Siêu dữ liệu mô tả {count} hệ thống; hãy cho biết entityID cần lấy.",
    "The metadata describes {count} entities; say the entityID of the one to take.",
)
NO_SUCH_ENTITY: Final = Wording(
    "Siêu dữ liệu không có hệ thống nào với entityID {entity_id}.",
    "The metadata has no entity of the entityID {entity_id}.",
)
ENTITY_TWICE: Final = Wording(
    "Siêu dữ liệu có hơn một hệ thống với entityID {entity_id}.",
    "The metadata has more than one entity of the entityID {entity_id}.",
)
BAD_ENTITY_ID: Final = Wording(
    "entityID trống, dài quá {maximum} ký tự hoặc có ký tự điều khiển.",
    "The entityID is empty, longer than {maximum} characters or has control characters.",
)
NO_SERVICE_PROVIDER: Final = Wording(
    "Hệ thống không có SPSSODescriptor cho SAML 2.0: đây không phải là nhà cung cấp dịch vụ.",
    "The entity has no SPSSODescriptor for SAML 2.0: it is no service provider.",
)
OVER: Final = Wording(
    "Siêu dữ liệu đã hết hạn ngày {day} (validUntil).",
    "The metadata was valid until {day} (validUntil).",
)
NO_ACS: Final = Wording(
    "SPSSODescriptor không có AssertionConsumerService: ứng dụng không cho biết nhận câu trả lời ở đâu.",
    "SPSSODescriptor has no AssertionConsumerService: the application does not say where it takes answers.",
)
NO_POST_ACS: Final = Wording(
    "Không có AssertionConsumerService nào dùng HTTP-POST.",
    "There is no AssertionConsumerService with the binding HTTP-POST.",
)
UNSAFE_LOCATION: Final = Wording(
    "{element}: địa chỉ {location} không dùng được; chỉ nhận https, hoặc http trên chính máy này, không kèm "
    "tên người dùng, không có phần # và chỉ gồm ký tự ASCII.",
    "{element}: the address {location} cannot be used; it must be https, or http on this very machine, "
    "without user name, without # part and all ASCII.",
)
BAD_CERTIFICATE: Final = Wording("Một X509Certificate không đọc được.", "An X509Certificate cannot be read.")
BAD_KEY: Final = Wording(
    "Khóa của một X509Certificate không dùng được: {detail}.",
    "The key of an X509Certificate cannot be used: {detail}.",
)
NO_CERTIFICATE: Final = Wording(
    "KeyDescriptor ({use}) không có X509Certificate; khóa chỉ ghi bằng KeyValue không dùng được.",
    "KeyDescriptor ({use}) has no X509Certificate; a key that is given as KeyValue only cannot be used.",
)

HAS_EXPIRED: Final = Wording(
    "Siêu dữ liệu của {entity_id} đã hết hạn ngày {day}; hệ thống vẫn dùng được, nhưng hãy xin bản mới.",
    "The metadata of {entity_id} was valid until {day}; it still counts here, but ask for a new one.",
)
EXPIRES: Final = Wording(
    "Siêu dữ liệu của {entity_id} sẽ hết hạn ngày {day}; hãy xin bản mới hoặc đặt địa chỉ để tự cập nhật.",
    "The metadata of {entity_id} is valid until {day}; ask for a new one, or set where to fetch it.",
)
