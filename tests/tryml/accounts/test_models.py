from training.models import Experiment, Network
from tryml.accounts.models import Preferences, User
from tryml.monitoring.events import record
from tryml.monitoring.models import Event


def test_guests_are_told_apart_and_have_no_password(db):
    one, two = User.objects.create_guest(), User.objects.create_guest()
    assert one.username != two.username
    assert not one.has_usable_password()
    assert str(one) == "Guest"


def test_whatever_belongs_to_a_guest_is_handed_over(guest, owner):
    Experiment.objects.create(owner=guest, name="One")
    Network.objects.create(owner=guest, name="One", data=b"")
    record("guest created", "…", user=guest)
    guest.hand_over_to(owner)
    assert owner.experiments.count() == owner.networks.count() == 1
    assert Event.objects.get().user == owner
    assert not User.objects.filter(is_guest=True).exists()


def test_preferences_stay_those_of_the_account(guest, owner):
    Preferences.objects.create(user=guest, theme="dark")
    Preferences.objects.create(user=owner, theme="light")
    guest.hand_over_to(owner)
    assert Preferences.objects.get().theme == "light"
