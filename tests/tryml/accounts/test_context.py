from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory

from tryml.accounts.context import preferences
from tryml.accounts.models import Preferences


def rendered(user, text):
    request = RequestFactory().get("/")
    request.user = user
    return Template(text).render(Context(preferences(request)))


def test_a_template_sees_what_its_user_prefers(owner):
    Preferences.objects.create(user=owner, theme="dark")
    assert rendered(owner, "{{ preferences.theme }}") == "dark"


def test_nobody_is_asked_where_a_template_does_not_use_it(owner, django_assert_num_queries):
    with django_assert_num_queries(0):
        rendered(owner, "nothing")


def test_somebody_unknown_prefers_what_the_system_does_and_the_database_is_not_asked():
    assert rendered(AnonymousUser(), "{{ preferences.theme }}") == "system"


def test_a_request_without_a_user_has_defaults():
    assert preferences(RequestFactory().get("/"))["preferences"].theme == "system"
