"""What people are told, how it reached them, and supervision orders."""

from supervision.models.delivery import Channel, Delivery, Digest, DigestLine, Preference
from supervision.models.notice import Notice
from supervision.models.order import Dismissal, OrderMove, OrderProof, OrderRule, SupervisionOrder
from supervision.terms import NoticeKind

__all__ = [
    "Channel",
    "Delivery",
    "Digest",
    "DigestLine",
    "Dismissal",
    "Notice",
    "NoticeKind",
    "OrderMove",
    "OrderProof",
    "OrderRule",
    "Preference",
    "SupervisionOrder",
]
