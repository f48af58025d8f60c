/** The global types of the pages: the parts of Chart.js in use, htmx, and the events of htmx and our own. */

interface ChartPoint {
  x: number;
  y: number;
}

interface ChartDataset {
  label: string;
  data: ChartPoint[];
  borderColor?: string;
  backgroundColor?: string;
  pointBackgroundColor?: string;
}

interface ChartScale {
  getPixelForValue(value: number): number;
  getValueForPixel(pixel: number): number;
}

interface ChartAxis {
  ticks: { color?: string };
  grid: { color?: string };
  border: { color?: string };
}

interface ChartItem {
  parsed: ChartPoint;
  dataset: ChartDataset;
}

declare class Chart {
  static Interaction: { modes: Record<string, unknown> };
  constructor(canvas: HTMLCanvasElement, configuration: object);
  canvas: HTMLCanvasElement;
  ctx: CanvasRenderingContext2D;
  chartArea: { left: number; right: number; top: number; bottom: number };
  scales: Record<"x" | "y", ChartScale>;
  tooltip?: { getActiveElements(): { element: ChartPoint }[] };
  data: { datasets: ChartDataset[] };
  options: {
    scales: Record<"x" | "y", ChartAxis>;
    plugins: { legend: { labels: { color?: string } }; tooltip: object };
  };
  getDatasetMeta(index: number): { data: object[] };
  draw(): void;
  update(mode?: "none"): void;
}

interface Window {
  htmx: { createWebSocket(url: string): WebSocket; swap(target: Element, html: string, how: { swapStyle: string }): void };
}

interface GlobalEventHandlersEventMap {
  "pad:network": CustomEvent<{ url: string; name: string }>;
  "pad:drawing": CustomEvent<{ strokes: import("../static/js/ink/normalise.js").Stroke[] }>;
  "pad:prediction": CustomEvent<import("../static/js/draw/pad.js").PadPrediction>;
  theme: CustomEvent<{ theme: string }>;
  "htmx:load": CustomEvent<{ elt: HTMLElement }>;
  "htmx:responseError": CustomEvent<{ xhr: XMLHttpRequest }>;
  "htmx:oobBeforeSwap": CustomEvent<{ target: Element; fragment: Element | DocumentFragment; shouldSwap: boolean }>;
  "htmx:wsBeforeMessage": CustomEvent<{ message: string }>;
  "htmx:wsClose": CustomEvent<{ event: CloseEvent; socketWrapper: { reconnect(): void } }>;
  "htmx:xhr:progress": CustomEvent<{ lengthComputable: boolean; loaded: number; total: number }>;
}
