/** The text of css/widget.css, which training/widget.py puts here. */
export const STYLES = "";
