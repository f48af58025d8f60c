"""Views for becoming a guest and for a user's preferences."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from tryml.accounts.adapter import is_guest
from tryml.accounts.forms import PreferencesForm
from tryml.accounts.models import Preferences, User
from tryml.monitoring.events import record
from tryml.web.htmx import HtmxRequest

View = Callable[..., HttpResponse]


def guest(request: HttpRequest) -> HttpResponse:
    """Sign a visitor in as a guest, known by a cookie for a year, and redirect to `next`; a GET only redirects."""
    if request.method != "POST":
        return redirect("training:landing")
    return _onward(request) if request.user.is_authenticated else _welcome(request)


@rate_limit(action="guest")  # type: ignore[untyped-decorator]
def _welcome(request: HttpRequest) -> HttpResponse:
    user = User.objects.create_guest()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    record("guest created", f"{user.username} looks around.", user=user)
    return _onward(request)


def _onward(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect("training:new")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HtmxRequest) -> HttpResponse:
    """Show or save the preferences; htmx gets the form alone. Training defaults have a partial of their own."""
    partial: bool = bool(request.htmx)
    form = PreferencesForm(request.POST or None, instance=Preferences.of(request.user))
    saved = form.is_valid()
    if saved:
        form.save()
        if not partial:
            messages.success(request, "Saved.")
            return redirect("accounts:preferences")
    template = "accounts/_preferences_form.html" if partial else "accounts/preferences.html"
    response = render(request, template, {"form": form, "saved": saved}, status=422 if form.errors else 200)
    return trigger_client_event(response, "theme", {"theme": form.instance.theme}) if saved else response


@login_required
@require_POST
def keep_drawings(request: HttpRequest) -> HttpResponse:
    """Store whether this user's drawings may be kept: `keeps` is "yes" or "no", else the answer is a 400."""
    answer = {"yes": True, "no": False}.get(request.POST.get("keeps", ""))
    if answer is None:
        return HttpResponseBadRequest("keeps: expected yes or no.")
    Preferences.objects.update_or_create(user=cast(User, request.user), defaults={"keeps_drawings": answer})
    return HttpResponse(status=204)


def members_only(view: View) -> View:
    """Decorate a view: a guest, who has no password or e-mail to manage, is sent to the sign-up page instead."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_guest(request):
            return redirect("account_signup")
        return view(request, *args, **kwargs)

    return guarded
