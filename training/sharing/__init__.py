"""Networks on pages elsewhere: the widget, what owners allow, corrections."""
