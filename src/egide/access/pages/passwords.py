"""What the fields of a new password are called, on each page that has them and in its summary of faults."""

from django.forms import Form
from django.utils.translation import gettext_lazy as _


def name_new_password(form: Form) -> None:
    """Call both fields what their page calls them."""
    form.fields["new_password1"].label = _("New password, at least twelve characters")
    form.fields["new_password2"].label = _("Once more")
