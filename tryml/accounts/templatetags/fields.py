from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def plain(field: BoundField) -> SafeString:
    """Render a form field's control without its placeholder, which would only repeat the label."""
    field.field.widget.attrs.pop("placeholder", None)
    return field.as_widget()
