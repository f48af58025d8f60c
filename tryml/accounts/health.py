"""What the administrator's dashboard learns of users."""

from datetime import datetime

from django.db.models import Count, Q

from tryml.accounts.models import User


def figures(now: datetime) -> list[tuple[str, str]]:
    """How many accounts and guests there are."""
    users = User.objects.aggregate(
        accounts=Count("pk", filter=Q(is_guest=False)), guests=Count("pk", filter=Q(is_guest=True))
    )
    return [("Accounts", f"{users['accounts']:,}"), ("Guests", f"{users['guests']:,}")]
