"""The users, members and guests, and their preferences."""

import secrets
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction


class UserManager(DjangoUserManager["User"]):
    def create_guest(self) -> "User":
        """Create a user with a random name and no password, known only by the session's cookie."""
        guest = self.model(username=f"guest-{secrets.token_hex(8)}", is_guest=True)
        guest.set_unusable_password()
        guest.save()
        return guest


class User(AbstractUser):
    is_guest = models.BooleanField(default=False, help_text="Known by a cookie only, until they sign up.")

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return "Guest" if self.is_guest else self.username

    def hand_over_to(self, other: Self) -> None:
        """Give everything that belongs to this guest to `other`, then delete the guest.

        Every row of any application that points at the guest moves to `other`, except preferences. Where a user
        can have only one such row and `other` has one, the guest's row is deleted.
        """
        with transaction.atomic():
            for relation in self._meta.related_objects:
                field, rows = relation.field.name, relation.related_model._base_manager
                if relation.one_to_many or (
                    relation.one_to_one
                    and relation.related_model is not Preferences
                    and not rows.filter(**{field: other}).exists()
                ):
                    rows.filter(**{field: self}).update(**{field: other})
            self.delete()


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Preferences(models.Model):
    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="preferences")
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    log_axes = models.BooleanField("logarithmic axes", default=False)
    # Whether drawings that the user confirms or corrects may be kept; None: not asked yet.
    keeps_drawings = models.BooleanField(null=True, default=None)
    # The values that differ from the application's defaults, by their names in `training.ml.config.hyperparameters`.
    hyperparameters = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"Preferences of {self.user}"

    @classmethod
    def of(cls, user: object) -> "Preferences":
        """Return the user's preferences; unsaved defaults for a user without any or somebody not signed in."""
        if not isinstance(user, User) or not user.is_authenticated:
            return cls()
        return cls.objects.filter(user=user).first() or cls(user=user)
