"""The administrator's pages: accounts, what is asked for them, endings. And the page behind an invitation's link."""

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.accounts import accounts as do
from egide.access.accounts.colleagues import post_words
from egide.access.accounts.emergency import open_use
from egide.access.accounts.emergency_uses import is_void
from egide.access.accounts.invitations import do_accept, do_try_code, invitation
from egide.access.authority import provider
from egide.access.models import AccountRequest, Invitation, Role, User
from egide.access.pages.authority_views import LINKING
from egide.access.pages.passwords import name_new_password
from egide.access.registries.places import is_known, place_for, places_of
from egide.access.rules import ADMINISTRATOR, PLACE_OF, Post
from egide.access.signing_in.guards import ScopedRequest, for_roles

PAGE = 50
# The ids of an invitation's fields: what is called "name" or "title" browsers fill with the administrator's own.
_INVITE_IDS = {
    "name": "account-name",
    "title": "account-title",
    "language": "account-language",
    "role": "role",
    "place": "place",
}
_WORDS = {
    "name": gettext_lazy("Three letters or more: small letters, digits and dashes."),
    "taken": gettext_lazy("Somebody has this name already."),
    "place": gettext_lazy("This role needs a place that exists, and a role for the whole country has none."),
    "alone": gettext_lazy("An administrator and a data-protection officer hold no other role."),
    "own": gettext_lazy("Another administrator must do this: nobody changes their own account."),
    "asked": gettext_lazy("This was asked already and waits for a second person."),
    "held": gettext_lazy("This account holds this post already."),
    "holders": gettext_lazy(
        "Name two different people with an account here; nobody who keeps accounts or reviews readings."
    ),
    "emergency": gettext_lazy(
        "This is an emergency account: two people keep its halves, and it has no other way in."
    ),
    "emergency-role": gettext_lazy("No emergency account can have this role."),
    "closed": gettext_lazy("This account is closed. Invite the person again, under another name."),
}


class Accept(SetPasswordForm):  # type: ignore[type-arg]
    """The administrator's half of the way in, where there is one, and a password unless the authority opens it."""

    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=40, error_messages={"required": gettext_lazy("Type the code.")}
    )

    def __init__(self, user: User, data: QueryDict | None, wants_code: bool, wants_password: bool) -> None:
        super().__init__(user, data)
        name_new_password(self)
        for name in ("new_password1", "new_password2"):
            self.fields[name].required = wants_password
        if not wants_code:
            del self.fields["code"]


class Invite(forms.Form):
    """Who is invited, for what."""

    name = forms.CharField(label=gettext_lazy("Name to sign in with"), max_length=60)
    title = forms.CharField(label=gettext_lazy("Title that colleagues see"), max_length=80)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    place = forms.CharField(label=gettext_lazy("Centre, zone or office"), max_length=80, required=False)

    def post(self) -> Post:
        """The post that goes with the account."""
        role = self.cleaned_data["role"]
        return Post(role, place_for(role, self.cleaned_data["place"]))


class Emergency(Invite):
    """An emergency account, and the two people who would keep its halves."""

    first = forms.CharField(label=gettext_lazy("Account name of the first person"), max_length=60)
    second = forms.CharField(label=gettext_lazy("Account name of the second person"), max_length=60)


@require_http_methods(["GET", "POST"])
@for_roles(ADMINISTRATOR)
def accounts(request: ScopedRequest) -> HttpResponse:
    """All accounts, by name; `text` (by POST) narrows them by name or title."""
    text = request.POST.get("text", "").strip()[:60]
    rows = User.objects.order_by("-is_active", "name").prefetch_related("memberships")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(title__icontains=text))
    page = Paginator(rows, PAGE).get_page(request.POST.get("page", "1"))
    return render(request, "access/accounts.html", {"scope": request.scope, "page": page, "text": text})


@require_http_methods(["GET", "POST"])
@for_roles(ADMINISTRATOR)
def invite(request: ScopedRequest) -> HttpResponse:
    """Ask for an account; the code that goes with its link is shown this once."""
    form = Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _check_places([form.post()])
            user, code = do.do_ask_invitation(
                request.scope.user, data["name"].strip(), data["title"], data["language"], form.post()
            )
            return _code_page(request, user, code)
        except do.CannotDo as refused:
            form.add_error("name" if refused.why in ("name", "taken") else "role", _WORDS[refused.why])
    status = 422 if form.is_bound else 200
    context = _with_choices(request, form=form, error_targets=_INVITE_IDS)
    return render(request, "access/invite.html", context, status=status)


@require_http_methods(["GET", "POST"])
@for_roles(ADMINISTRATOR)
def emergency(request: ScopedRequest) -> HttpResponse:
    """Ask for an emergency account, with the two people who would keep its halves."""
    form = Emergency(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        name = data["name"].strip()
        try:
            _check_places([form.post()])
            do.do_ask_emergency(
                request.scope.user, name, data["title"], data["language"], form.post(), _holders(data)
            )
        except do.CannotDo as refused:
            fields = {"name": "name", "taken": "name", "holders": "first"}
            form.add_error(fields.get(refused.why, "role"), _WORDS[refused.why])
        else:
            messages.success(
                request, _("Asked. Once a second person has said yes, each of the two takes their half.")
            )
            return redirect("one-account", name=name)
    context = _with_choices(
        request, form=form, error_targets=_INVITE_IDS | {"first": "first", "second": "second"}
    )
    return render(request, "access/emergency_account.html", context, status=422 if form.is_bound else 200)


@require_POST
@for_roles(ADMINISTRATOR)
def holders(request: ScopedRequest, name: str) -> HttpResponse:
    """Ask for two people who keep new halves of an emergency account."""
    user = _user(name)
    try:
        do.do_ask_holders(request.scope.user, user, _holders(request.POST))
    except do.CannotDo as refused:
        return _page(request, user, _WORDS[refused.why], "first" if refused.why == "holders" else "")
    messages.success(
        request, _("Asked. Once a second person has said yes, each of the two takes their half.")
    )
    return redirect("one-account", name=name)


def _holders(data: Mapping[str, Any]) -> list[str]:
    return [str(data.get(field, "")).strip()[:60] for field in ("first", "second")]


@require_GET
@for_roles(ADMINISTRATOR)
def one(request: ScopedRequest, name: str) -> HttpResponse:
    """One account: its posts, what can be done."""
    return _page(request, _user(name))


@require_POST
@for_roles(ADMINISTRATOR)
def posts(request: ScopedRequest, name: str) -> HttpResponse:
    """Keep the ticked posts, take the others away at once, and ask for one more if a role was chosen."""
    user = _user(name)
    kept = set(request.POST.getlist("keep"))
    role = request.POST.get("role", "")
    place = place_for(role, request.POST.get("place", "")[:80])
    try:
        with transaction.atomic():
            do.do_keep_posts(
                request.scope.user,
                user,
                [post for post in user.posts() if f"{post.role} {post.place}" in kept],
            )
            if role or place:
                _check_places([Post(role, place)])
                do.do_ask_post(request.scope.user, user, Post(role, place))
    except do.CannotDo as refused:
        field = "role" if refused.why in ("place", "alone", "asked", "held") else ""
        return _page(request, user, _WORDS[refused.why], field, role=role, place=place)
    if role:
        messages.success(request, _("Asked. The new post counts once a second person has said yes."))
    else:
        messages.success(request, _("The posts are changed."))
    return redirect("one-account", name=name)


@require_POST
@for_roles(ADMINISTRATOR)
def end_sessions(request: ScopedRequest, name: str) -> HttpResponse:
    """End every session of somebody at once."""
    do.do_end_sessions(request.scope.user, _user(name))
    messages.success(request, _("Every session is ended, on every machine."))
    return redirect("one-account", name=name)


@require_POST
@for_roles(ADMINISTRATOR)
def new_link(request: ScopedRequest, name: str) -> HttpResponse:
    """Ask for a new start for somebody who lost password or second factor."""
    user = _user(name)
    try:
        return _code_page(request, user, do.do_ask_renewal(request.scope.user, user))
    except do.CannotDo as refused:
        return _page(request, user, _WORDS[refused.why])


@require_POST
@for_roles(ADMINISTRATOR)
def close(request: ScopedRequest, name: str) -> HttpResponse:
    """Somebody leaves and loses all at once; the box must be ticked."""
    user = _user(name)
    if not request.POST.get("sure"):
        return _page(request, user, _("Tick that you are sure."), "sure")
    try:
        do.do_close(request.scope.user, user)
    except do.CannotDo as refused:
        return _page(request, user, _WORDS[refused.why])
    messages.success(request, _("The account is closed."))
    return redirect("one-account", name=name)


@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link: the person types the code and a password, and goes on to the second factor.

    Used or old links are nothing.
    """
    invited = invitation(token)
    if invited is None:
        raise Http404
    elsewhere = provider.is_set_up() and "authority" in request.POST
    form = Accept(invited.user, request.POST or None, bool(invited.code_hash), not elsewhere)
    if request.method == "POST" and form.is_valid():
        if do_try_code(invited, form.cleaned_data.get("code", "")):
            if elsewhere:
                return _to_provider(request, invited)
            user = do_accept(invited, form.cleaned_data["new_password1"])
            # Setting up a second factor needs a fresh proof of who somebody is: the link and the password were that.
            answer: HttpResponse = perform_login(request, user, redirect_url=reverse("home"))
            if request.user.is_authenticated:
                reauthenticate_by_password(request)
            return answer
        form.add_error("code", _("This code is wrong. After five wrong ones the link is void."))
    context = {
        "form": form,
        "invited": invited.user,
        "error_targets": {"code": "invitation-code"},
        "authority": provider.is_set_up(),
    }
    return render(request, "access/invitation.html", context, status=422 if form.is_bound else 200)


def _to_provider(request: HttpRequest, invited: Invitation) -> HttpResponse:
    """Both halves fitted: now the person shows who they are at the authority, and that opens the account afterwards."""
    request.session[LINKING] = invited.pk
    return render(request, "socialaccount/login_redirect.html", {"redirect_to": reverse("authority-link")})


def _user(name: str) -> User:
    user = User.objects.filter(name=name).first()
    if user is None:
        raise Http404
    return user


def _check_places(wanted: Iterable[Post]) -> None:
    if not all(map(is_known, wanted)):
        raise do.CannotDo("place")


def _page(
    request: ScopedRequest,
    user: User,
    error: str | Promise = "",
    field: str = "",
    role: str = "",
    place: str = "",
) -> HttpResponse:
    """The page of an account; `error` belongs to `field`, or to no single field."""
    use = open_use(user) if user.is_emergency else None
    context = _with_choices(
        request,
        account=user,
        memberships=[
            (m, places_of(PLACE_OF.get(m.role, "")).get(m.place, "")) for m in user.memberships.all()
        ],
        errors={field: error} if error else {},
        role=role,
        place=place,
        waiting=[
            (one.kind, ", ".join(map(post_words, one.wanted())))
            for one in user.requests.filter(state=AccountRequest.OPEN)
        ],
        is_own=user.name == request.scope.user,
        halves=[(half, is_void(half)) for half in user.halves.all()],
        open_until_us=use.until_us if use else 0,
        first=request.POST.get("first", ""),
        second=request.POST.get("second", ""),
    )
    return render(request, "access/one_account.html", context, status=422 if error else 200)


def _with_choices(request: ScopedRequest, **context: Any) -> dict[str, Any]:
    known = {name for kind in ("centre", "office", "zone") for name in places_of(kind).values()}
    return {
        "scope": request.scope,
        "roles": Role.choices,
        "languages": settings.LANGUAGES,
        "places": sorted(known),
        **context,
    }


def _code_page(request: ScopedRequest, user: User, code: str) -> HttpResponse:
    """The administrator's half, shown this once; the person who agrees prints the other one."""
    return render(request, "access/code.html", {"scope": request.scope, "account": user, "code": code})
