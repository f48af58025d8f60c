"""The numbers of users for the administrator's dashboard."""

from datetime import datetime

from django.db.models import Count, Q

from tryml.accounts.models import User


def figures(now: datetime) -> list[tuple[str, str]]:
    """Return the numbers of accounts and guests."""
    users = User.objects.aggregate(
        accounts=Count("pk", filter=Q(is_guest=False)), guests=Count("pk", filter=Q(is_guest=True))
    )
    return [("Accounts", f"{users['accounts']:,}"), ("Guests", f"{users['guests']:,}")]
