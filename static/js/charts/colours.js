/** The colours of a chart's frame. */

import { colour } from "../page/theme_watch.js";

/** Give axes, legend and tooltip the colours of the theme. @param {Chart} chart */
export function paintFrame({ options: { scales, plugins } }) {
  for (const axis of Object.values(scales)) {
    axis.ticks.color = colour("muted");
    axis.grid.color = colour("line");
    axis.border.color = colour("edge");
  }
  plugins.legend.labels.color = colour("ink");
  Object.assign(plugins.tooltip, {
    backgroundColor: colour("raised"),
    titleColor: colour("ink"),
    bodyColor: colour("ink"),
    borderColor: colour("edge"),
  });
}
