"""The web process: pages over HTTP, progress over WebSockets."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryml.settings")
pages = get_asgi_application()

# Only here: these import models, which need the applications loaded.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from training.runs.consumers import urlpatterns  # noqa: E402
from tryml.http.proxies import TrustedProxies  # noqa: E402

routes = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AllowedHostsOriginValidator(URLRouter(urlpatterns)),
    }
)
application = TrustedProxies(routes, settings.PROXIES)
