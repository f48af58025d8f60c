"""TryML's own rules for signing up, in and out: guests keep their runs, and each step is stored as an event."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tryml.accounts.models import User
from tryml.http.customer import customer
from tryml.monitoring.events import record
from tryml.web.rate_limit import within, within_all

MANY_TRIES = 60  # for one account in a minute, from everywhere
logger = logging.getLogger(__name__)


def is_guest(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_guest


def guest_of(request: HttpRequest) -> User | None:
    """Return the guest who sends this request; None for members and for visitors who are not signed in."""
    # A fresh copy: request.user must stay a guest until the sign-up or sign-in has succeeded.
    user = request.user
    return User.objects.get(pk=user.pk) if isinstance(user, User) and user.is_guest else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return not request.user.is_authenticated or is_guest(request)

    def new_user(self, request: HttpRequest) -> User:
        """Return a new user, or the guest of this request, who becomes a member and keeps every run."""
        return guest_of(request) or User()

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        was_guest, user.is_guest = user.is_guest, False
        super().save_user(request, user, form, commit)
        record("signed up", f"{user} signed up{' and was a guest' if was_guest else ''}.", user=user)
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in; a guest who signs in to an existing account hands everything over to it."""
        guest = guest_of(request)
        super().login(request, user)
        if guest and guest.pk != user.pk:
            guest.hand_over_to(user)
            record("guest handed over", f"Guest {guest.username} was {user} and handed over.", user=user)
            messages.info(request, "What you did as a guest came along.")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        if not kwargs["signup"]:
            record("signed in", f"{user} signed in.", user=user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Limit the tries for an account by address: a limit for all addresses would let anybody lock anybody out.

        Where very many come for one account, from wherever, each address has one a minute. Whoever has forgotten the
        password, or is kept waiting, gets in by a mail (password reset), which ends the limit for their address.
        """
        super().pre_authenticate(request, **credentials)
        thing = "sign-in " + str(credentials.get("username") or credentials.get("email", "")).lower()
        if not within_all(thing, MANY_TRIES) and not within(request, thing, 1):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key} {customer(self.get_client_ip(request))}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        login = str(credentials.get("username") or credentials.get("email", ""))[:150]
        address = self.get_client_ip(request)
        record("sign-in failed", f"Wrong password or name: {login}", level="warning", address=address)

    def logout(self, request: HttpRequest) -> None:
        # A guest can't sign in again, so signing out would lose their runs. A link from somebody else's mail
        # signs out whoever opens it; a guest is signed out only by the sign-out page.
        if not is_guest(request) or request.path == reverse("account_logout"):
            super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        record("password changed", f"{user} has a new password.", user=user)

    def format_email_subject(self, subject: str) -> str:
        return f"TryML: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; if that fails, tell the user instead of failing the request and losing its changes."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:
            logger.exception("A mail could not be sent: %s", template_prefix)
            messages.error(self.request, f"We could not send the mail to {email}. Try again later.")
