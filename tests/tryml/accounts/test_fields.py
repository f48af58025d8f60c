from django import forms

from tryml.accounts.templatetags.fields import plain


class Form(forms.Form):
    name = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Name", "autocomplete": "name"}))


def test_a_placeholder_is_left_out_and_all_else_stays():
    html = plain(Form()["name"])
    assert "placeholder" not in html
    assert 'autocomplete="name"' in html
    assert 'id="id_name"' in html
