"""A mail server and a receiver of webhooks on loopback."""

import pytest

from tests.supervision.outside import MailServer, Receiver, running


@pytest.fixture
def mail_server(settings):
    """A real mail server that keeps what it gets; Django sends through it."""
    with running(MailServer()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "harbor@example.org"
        yield server


@pytest.fixture
def receiver():
    """A real receiver of webhooks."""
    with running(Receiver()) as server:
        yield server
