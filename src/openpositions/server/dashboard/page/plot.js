// @ts-check
/** Draws a series with Plotly.js. The one place where amounts become inexact: as heights on a screen. */

/** @typedef {import("./series.js").Point} Point */

const LIBRARY = "/dashboard/plotly.min.js";

/** @type {readonly {of: "total" | "realized" | "unrealized", name: string, colour: string, width: number, dash: string}[]} */
const TRACES = [
  { of: "realized", name: "Realized", colour: "--chart-realized", width: 1.5, dash: "solid" },
  { of: "unrealized", name: "Unrealized", colour: "--chart-unrealized", width: 1.5, dash: "dot" },
  { of: "total", name: "Total, before fees", colour: "--chart-total", width: 2.25, dash: "solid" },
];

// Of a young account there are seconds only.
const LEAST_IN_VIEW_MS = 10_000;

/** What is left free before the first point, as a part of the time from it to the last. */
const MARGIN = 0.02;

/** @type {Promise<any> | null} */
let loading = null;

/**
 * Plotly.js, loaded when it is first wanted.
 * @param {readonly string[]} styleIds of the styles that it is kept from putting into the page: it finds them there
 */
export function loadPlotly(styleIds) {
  loading ??= new Promise((resolve, reject) => {
    for (const id of styleIds) {
      const style = document.createElement("meta");
      style.id = id;
      document.head.append(style);
    }
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => resolve(/** @type {any} */ (globalThis).Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error("the chart library could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * @param {any} plotly
 * @param {HTMLElement} place
 * @param {readonly Point[]} points
 * @param {number | null} backMs how much of the past is in view; null for all of it
 */
export function drawPoints(plotly, place, points, backMs) {
  const style = getComputedStyle(place);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const times = points.map(({ tsMs }) => localTime(tsMs));
  const traces = TRACES.map(({ of, name, colour: line, width, dash }) => ({
    type: "scatter",
    mode: points.length > 1 ? "lines" : "lines+markers",
    name,
    x: times,
    y: points.map((point) => (point[of] === null ? null : Number(point[of]))),
    customdata: points.map((point) => point[of]),
    hovertemplate: "%{customdata}",
    line: { color: colour(line), width, dash, shape: "hv" },
    marker: { color: colour(line) },
    connectgaps: false,
  }));
  const range = backMs === null ? null : inView(points, backMs).map(localTime);
  return plotly.react(place, traces, layout(colour, range, String(backMs)), {
    displayModeBar: false,
    responsive: true,
    doubleClick: "reset",
  });
}

/**
 * The times between which points are shown: no more of the past than was asked for, and hardly more than there is.
 * @param {readonly Point[]} points
 * @param {number} backMs
 */
function inView(points, backMs) {
  const lastMs = points[points.length - 1].tsMs;
  const knownMs = Math.max((lastMs - points[0].tsMs) * (1 + MARGIN), LEAST_IN_VIEW_MS);
  return [lastMs - Math.min(backMs, knownMs), lastMs];
}

/**
 * Takes away what was drawn.
 * @param {HTMLElement} place
 */
export function erase(place) {
  /** @type {any} */ (globalThis).Plotly?.purge(place);
  place.classList.remove("js-plotly-plot"); // the library leaves it
  place.replaceChildren();
}

/**
 * @param {(name: string) => string} colour
 * @param {string[] | null} range of times
 * @param {string} view what somebody zoomed into stays while points are added to this one
 */
function layout(colour, range, view) {
  const axis = { gridcolor: colour("--line"), zerolinecolor: colour("--strong-line"), linecolor: colour("--line") };
  return {
    autosize: true,
    margin: { l: 64, r: 12, t: 8, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: colour("--muted"), size: 12, family: "system-ui, sans-serif" },
    hovermode: "x unified",
    hoverlabel: { bgcolor: colour("--panel"), bordercolor: colour("--strong-line"), font: { color: colour("--text") } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    xaxis: { ...axis, type: "date", showgrid: false, ...(range === null ? { autorange: true } : { range }) },
    yaxis: { ...axis, tickprefix: "$", fixedrange: true, zeroline: true },
    uirevision: view,
  };
}

/**
 * The time here, in the form that the library shows as it is.
 * @param {number} tsMs
 */
function localTime(tsMs) {
  const offsetMs = new Date(tsMs).getTimezoneOffset() * 60_000;
  return new Date(tsMs - offsetMs).toISOString().slice(0, -1);
}
