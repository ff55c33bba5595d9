"""Settings, addresses and application of a forum by Misago: those that come with it, on a database of its own.

There is no Redis: background tasks run at once. Its robots.txt is the one it comes with; where ``SITES_ALLOW`` names a
path (``/api/threads/``, which the button for more threads asks), that of an owner who allows it.
"""

import os
from pathlib import Path

from devproject.settings import *  # noqa: F403 - as Django's projects do

HERE = Path(__file__).parent
DEBUG = False
SECRET_KEY = "loopback only"  # noqa: S105 - there are no sessions to guard
ALLOWED_HOSTS = ["127.0.0.1"]
LANGUAGE_CODE, TIME_ZONE = "zh-hans", "Asia/Shanghai"
ROOT_URLCONF = "settings"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "misago",
        "USER": "misago",
        "HOST": str(HERE.parent / "pg"),
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HERE / "cache"}}
MIDDLEWARE = [one for one in MIDDLEWARE if not one.startswith("debug_toolbar")]  # noqa: F405
CELERY_TASK_ALWAYS_EAGER = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STATIC_ROOT, MEDIA_ROOT = str(HERE / "static"), str(HERE / "media")


class _Lazy:
    """Addresses and application need the settings first; Django and gunicorn look for them by these names."""

    def __call__(self, environ, start_response):
        """A request."""
        from django.core.wsgi import get_wsgi_application

        if not hasattr(self, "made"):
            self.made = get_wsgi_application()
        return self.made(environ, start_response)


application = _Lazy()


def __getattr__(name):
    """``urlpatterns`` and handlers once Django is up."""
    if name not in ("urlpatterns", "handler403", "handler404"):
        raise AttributeError(name)
    from devproject import urls
    from django.urls import path, re_path
    from django.views.static import serve

    if name != "urlpatterns":
        return getattr(urls, name)
    own = [re_path(r"^static/(?P<path>.*)$", serve, {"document_root": STATIC_ROOT})]
    if os.environ.get("SITES_ALLOW"):
        own.append(path("robots.txt", _robots))
    return [*own, *urls.urlpatterns]


def _robots(_request):
    """The forum's own, and a line more."""
    from django.http import HttpResponse
    from django.template.loader import render_to_string

    text = render_to_string("misago/robots.txt").rstrip()
    return HttpResponse(f"{text}\nAllow: {os.environ['SITES_ALLOW']}\n", content_type="text/plain")
