"""Finds the URL paths for all rows of a database, and requests them.

Both the newest version and, through make_0_4_0.py, version 0.4.0 use this module, so it imports no application.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import escape, unescape
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from tests.test_strangers import patterns

PAGE = "https://page.example"  # a page elsewhere that some networks are shared with
LINK = re.compile(r'(?:href|src|action|hx-get|data-[a-z-]+)="(/[^"/][^"]*)"')
# The arguments of routes whose arguments are not ids of rows.
IN_MAIL = {
    "account_confirm_email": {"key": "none"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "none"},
}


@cache
def _client() -> Client:
    """Return one client for all requests: a new one loads the middleware again, which takes longer than a page."""
    return Client(raise_request_exception=False)


def asked(session: str | None, method: str, path: str, follow: bool = False, **more: Any) -> Any:
    """Send a request with that session's cookie and return the answer; its changes to the database are undone."""
    client, headers = _client(), {"Origin": PAGE}
    client.cookies.clear()
    if session:
        client.cookies["sessionid"] = session
    if method == "HTMX":
        method, headers["HX-Request"] = "GET", "true"
    with transaction.atomic():
        response = getattr(client, method.lower())(path, follow=follow, headers=headers, **more)
        transaction.set_rollback(True)
    return response


def shape(path: str) -> str:
    """Replace each number in a path by 0, so that paths of the same kind are equal."""
    return re.sub(r"\d+", "0", path)


def shown(response: Any, names: list[str]) -> list[int]:
    """Return the indices of the names that the page shows."""
    if "text/html" not in response.get("Content-Type", ""):
        return []
    page = response.content.decode()
    return [number for number, name in enumerate(names) if name in page or escape(name) in page]


def _keys(label: str, **wanted: object) -> list[Any]:
    rows = apps.get_model(label)._base_manager.filter(**wanted)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _things(owner: str, most: int | None) -> dict[tuple[str, ...], list[tuple[object, ...]]]:
    """Return the values for each route argument, or group of arguments; at most `most` ids of each model."""
    whose = {"owner__username": owner}
    networks = _keys("training.Network", **whose)
    shares = apps.get_model("training", "Share")._base_manager.filter(network__in=networks)
    keys = [*shares.order_by("pk").values_list("key", flat=True), "starter"]
    told = [asked(None, "GET", f"/embed/{key}/network") for key in keys]
    versions = [answer.json()["version"] if answer.status_code == 200 else "none" for answer in told]
    singles: dict[str, list[Any]] = {
        "<int:run_id>": _keys("training.Run", experiment__owner__username=owner),
        "<int:experiment_id>": _keys("training.Experiment", **whose),
        "<int:network_id>": networks,
        "<slug:key>": ["starter", "starter-cnn", *networks],
        "<int:dataset_id>": _keys("digits.OwnDataset", **whose),
        "<int:drawing_id>": _keys("digits.OwnDrawing", **whose),
    }
    return {
        ("<slug:share>", "<slug:version>"): list(zip(keys, versions, strict=True)),
        ("<slug:share>",): [(key,) for key in keys],
        ("<str:split>", "<int:index>"): [("train", 0), ("test", 7)],
        **{(argument,): [(key,) for key in found[:most]] for argument, found in singles.items()},
    }


def addresses(owner: str, most: int | None = None) -> list[str]:
    """Return the paths of all our URL patterns, for each row of the owner's or at most `most` rows of a model."""
    things, found = _things(owner, most), set()
    for name, route, _ in patterns(get_resolver()):
        if name in IN_MAIL:
            found.add(reverse(name, kwargs=IN_MAIL[name]))
        elif "<" in route:
            # None: a newer route, for a model that has no rows here.
            arguments = next((each for each in things if all(argument in route for argument in each)), None)
            for values in things[arguments] if arguments else ():
                path = route
                for argument, value in zip(arguments, values, strict=True):
                    path = path.replace(argument, str(value))
                found.add(f"/{path}")
        else:
            found.add(f"/{route}")
    return sorted(found)


def admin_addresses() -> list[str]:
    """Return the admin's paths: the list of each model, each row's page, and the first row's history and deletion.

    Log records and events are too many: only the first three count.
    """
    found = [reverse("admin:index")]
    for model in admin.site._registry:
        start = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{start}_changelist"))
        keys = _keys(model._meta.label)[: 3 if model._meta.app_label == "monitoring" else None]
        found += [reverse(f"{start}_change", args=[key]) for key in keys]
        found += [
            reverse(f"{start}_{view}", args=[key]) for key in keys[:1] for view in ("history", "delete")
        ]
    return found


def links(response: Any) -> Iterator[str]:
    """Yield the paths that a page links to, without static files and the admin's filtered lists."""
    if "text/html" not in response.get("Content-Type", ""):
        return
    for found in LINK.findall(response.content.decode()):
        link = unescape(found).partition("#")[0]
        if not link.startswith("/static/") and not (link.startswith("/admin/") and "?" in link):
            yield link


def sessions() -> dict[str, str | None]:
    """Return session keys by user name; "guest" stands for the guest, and "nobody" has no session."""
    users = apps.get_model("accounts", "User")._base_manager
    found: dict[str, str | None] = {"nobody": None}
    for session in Session.objects.order_by("pk"):
        user = users.get(pk=session.get_decoded()["_auth_user_id"])
        found["guest" if user.is_guest else user.username] = session.pk
    return found
