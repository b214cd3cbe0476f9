"""How allauth behaves here: no sign-up, no mail, secrets sealed, one answer for every failure, every step an event."""

import io

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import clear_authentication_records, get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from egide.access.models import User
from egide.access.signing_in.sessions import AUTHORITY, EMERGENCY, greet
from egide.common.encoding import from_base64url, to_base64url
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import keys

_LABEL = b"second-factor"
_MESSAGES = {
    "mfa/messages/totp_activated.txt": gettext_lazy("The authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("The authenticator app is removed."),
    "mfa/messages/webauthn_added.txt": gettext_lazy("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": gettext_lazy("You have new recovery codes."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are invited by an administrator and never made by their owners."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """After name and password: the second factor, and nothing else."""
        return ["egide.access.signing_in.adapters.OwnFactor"]

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """The same answer as for a passkey that is not known."""
        messages.error(request, _("This passkey does not match."))
        return redirect("sign-in")

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **details: object
    ) -> HttpResponse | None:
        """A linked account begins at the authority's provider alone: who was closed there keeps no way in here.

        An emergency account begins by its two halves, whatever was added to it.
        """
        refused: HttpResponse | None = super().pre_login(request, user, **details)
        if refused is not None or not isinstance(user, User):
            return refused
        records = get_authentication_records(request, user)
        method = records[-1].get("method") if records else None
        if user.is_emergency:
            return None if method == EMERGENCY else self.respond_user_inactive(request, user)
        if method == AUTHORITY or not user.is_linked():
            return None
        clear_authentication_records(request)
        messages.error(
            request, _("Sign in with your work account: a passkey alone does not open this account.")
        )
        return redirect("sign-in")

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **details: object) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        greet(request, response)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the web server saw: headers of strangers count for nothing."""
        return str(request.META.get("REMOTE_ADDR", "unknown"))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, object] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Our own words for what is worth saying; the rest of allauth's messages is dropped."""
        text = message or _MESSAGES.get(message_template or "")
        if text:
            messages.add_message(request, level, text, extra_tags=extra_tags)


class OwnFactor(AuthenticateStage):  # type: ignore[misc]
    """Egide's own second factor, unless the authority's provider has just asked for one that counts."""

    def _should_handle(self, request: HttpRequest) -> bool:
        records = get_authentication_records(request, self.login.user)
        if records and records[-1].get("second_factor"):
            return False
        return bool(super()._should_handle(request))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: secrets sealed under the system's key, codes as plain SVG that the strict policy lets pass."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This is not right. Try again with a new code."),
        "cannot_delete_authenticator": gettext_lazy(
            "This is your last second factor. Add another one, then remove this one."
        ),
    }

    def encrypt(self, text: str) -> str:
        return to_base64url(keys().record_key(SYSTEM).seal(text.encode(), _LABEL))

    def decrypt(self, encrypted_text: str) -> str:
        return keys().record_key(SYSTEM).unseal(from_base64url(encrypted_text), _LABEL).decode()

    def build_totp_svg(self, url: str) -> str:
        """The code without inline style (content security policy)."""
        out = io.BytesIO()
        segno.make(url, micro=False).save(out, kind="svg", border=2, xmldecl=False, omitsize=True, nl=False)
        return out.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Outside the demo somebody who has a second factor keeps at least one."""
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(settings.EGIDE.demo or others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}
