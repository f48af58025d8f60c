/** The text of css/sharing/widget.css, inserted by training/sharing/widget_bundle.py. */
export const STYLES = "";
