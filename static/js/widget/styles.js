/** The text of css/sharing/widget.css, which training/widget.py puts here. */
export const STYLES = "";
