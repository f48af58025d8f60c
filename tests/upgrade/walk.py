"""Every address that the rows of a database have, and how each answers. Used by the newest version and, by
make_0_4_0.py, by version 0.4.0: it imports nothing of the applications.
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
# What these routes take besides the numbers of rows.
IN_MAIL = {
    "account_confirm_email": {"key": "none"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "none"},
}


@cache
def _client() -> Client:
    """One for all: each reads the middleware anew, which takes longer than a page."""
    return Client(raise_request_exception=False)


def asked(session: str | None, method: str, path: str, follow: bool = False, **more: Any) -> Any:
    """The answer to a request from the browser with that session; nothing of it stays in the database."""
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
    """What addresses of the same kind have in common."""
    return re.sub(r"\d+", "0", path)


def shown(response: Any, names: list[str]) -> list[int]:
    """Which of the names, by number, the page shows."""
    if "text/html" not in response.get("Content-Type", ""):
        return []
    page = response.content.decode()
    return [number for number, name in enumerate(names) if name in page or escape(name) in page]


def _keys(label: str, **wanted: object) -> list[Any]:
    rows = apps.get_model(label)._base_manager.filter(**wanted)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _things(owner: str, most: int | None) -> dict[tuple[str, ...], list[tuple[object, ...]]]:
    """For each argument of a route, or each few that belong together, what there is of it: at most so much."""
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
    """The paths of all URL patterns of ours, one for each row of that user's, or for so many of a kind."""
    things, found = _things(owner, most), set()
    for name, route, _ in patterns(get_resolver()):
        if name in IN_MAIL:
            found.add(reverse(name, kwargs=IN_MAIL[name]))
        elif "<" in route:
            # None: a newer route, about something that these rows have nothing of.
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
    """The administration's list of every model, the page of every row, and all pages of the first; of what is written
    down by the thousand, the first rows.
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
    """The addresses that a page leads to, without files and without the lists of the administration, filtered."""
    if "text/html" not in response.get("Content-Type", ""):
        return
    for found in LINK.findall(response.content.decode()):
        link = unescape(found).partition("#")[0]
        if not link.startswith("/static/") and not (link.startswith("/admin/") and "?" in link):
            yield link


def sessions() -> dict[str, str | None]:
    """Whose browser has which session: by the user's name, "guest" for the guest, "nobody" for none."""
    users = apps.get_model("accounts", "User")._base_manager
    found: dict[str, str | None] = {"nobody": None}
    for session in Session.objects.order_by("pk"):
        user = users.get(pk=session.get_decoded()["_auth_user_id"])
        found["guest" if user.is_guest else user.username] = session.pk
    return found
