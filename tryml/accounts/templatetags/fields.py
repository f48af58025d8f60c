from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def plain(field: BoundField) -> SafeString:
    """The control of a form's field without the placeholder that would only repeat its label."""
    field.field.widget.attrs.pop("placeholder", None)
    return field.as_widget()
