/** The text of css/sharing/widget.css, which training/sharing/widget_bundle.py puts here. */
export const STYLES = "";
