"""The web process: pages over HTTP, progress over WebSockets."""

import os
from typing import Any, cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryml.settings")
pages = get_asgi_application()

# Only here: these import models, which need the applications loaded.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from training.runs.consumers import urlpatterns  # noqa: E402
from tryml.http.proxies import TrustedProxies  # noqa: E402
from tryml.web.origin import SameOrigin, nowhere  # noqa: E402

routes = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": SameOrigin(URLRouter([*urlpatterns, re_path("", cast(Any, nowhere))])),
    }
)
application = TrustedProxies(routes, settings.PROXIES)
