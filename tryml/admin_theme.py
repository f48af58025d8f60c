"""How the admin looks and what its sidebar leads to: the settings of django-unfold."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _icon(request: HttpRequest) -> str:
    return static("icon.svg")


def _style(request: HttpRequest) -> str:
    return static("css/admin.css")


def _item(title: str, icon: str, url_name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(url_name)}


def _steps(colours: str) -> dict[str, str]:
    """Name the shades in `colours`, from light to dark, as django-unfold does: 50, 100 … 900, 950."""
    names = (50, *range(100, 1000, 100), 950)
    return {str(name): f"#{colour}" for name, colour in zip(names, colours.split(), strict=True)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "TryML",
    "SITE_HEADER": "TryML",
    "SITE_SUBHEADER": "Administration",
    "SITE_URL": "/",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "STYLES": [_style],
    "BORDER_RADIUS": "8px",
    "COLORS": {
        # The shades pass through the colours of static/css/tokens.css.
        "base": _steps("f6f6f3 eeeeea e2e3df cfd1cd 9aa3ad 5c636d 4a515a 383e46 2c3138 1a1d21 121417"),
        "primary": _steps("f5f4fd eeecfa dcd8f6 c3bcf5 a99fff 7b6de0 5645c9 4738a8 3a2e87 2f266b 1d1745"),
    },
    "DASHBOARD_CALLBACK": "tryml.monitoring.dashboard.dashboard",
    "SIDEBAR": {
        "navigation": [
            {"items": [_item("Dashboard", "dashboard", "admin:index")]},
            {
                "title": "What happens",
                "separator": True,
                "items": [
                    _item("Events", "notifications", "admin:monitoring_event_changelist"),
                    _item("Log records", "receipt_long", "admin:monitoring_logrecord_changelist"),
                ],
            },
            {
                "title": "Training",
                "separator": True,
                "items": [
                    _item("Runs", "show_chart", "admin:training_run_changelist"),
                    _item("Experiments", "science", "admin:training_experiment_changelist"),
                    _item("Networks", "hub", "admin:training_network_changelist"),
                ],
            },
            {
                "title": "People",
                "separator": True,
                "items": [_item("Users", "group", "admin:accounts_user_changelist")],
            },
        ]
    },
}
