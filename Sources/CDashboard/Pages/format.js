// Numbers and times as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 1,234,567 */
export function count(value) { return value === undefined || value === null ? "–" : whole.format(value); }

/** 12.3M, 4.56k, 0.0123: so many digits that count. */
export function short(value, digits = 3) {
  if (value === undefined || value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  for (const [unit, factor] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (size >= factor * (1 - 5e-7)) return trim(value / factor, digits) + unit;
  }
  if (size !== 0 && size < 1e-4) return value.toExponential(digits - 1).replace("e-", "e−");
  return trim(value, digits);
}

function trim(value, digits) {
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-12))));
  const text = value.toFixed(Math.min(12, places));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** 45.6 KiB */
export function bytes(value) {
  if (value === undefined || value === null) return "–";
  for (const [unit, factor] of [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (value >= factor) return trim(value / factor, 3) + " " + unit;
  }
  return count(value) + " B";
}

/** 97.31 % */
export function percent(value, places = 2) {
  return value === undefined || value === null ? "–" : (100 * value).toFixed(places) + " %";
}

/** 1 h 20 min */
export function span(seconds) {
  if (seconds === undefined || seconds === null || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return trim(seconds, 2) + " s";
  if (seconds < 100) return Math.round(seconds) + " s";
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return minutes + " min";
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago a moment was. */
export function ago(text) {
  const seconds = (Date.now() - Date.parse(text)) / 1000;
  return seconds < 5 ? "just now" : span(seconds) + " ago";
}

/** A moment in local time. */
export function moment(text) {
  return text ? new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" }) : "–";
}

/** A value's metric and stage: of `validationAccuracy` the metric `accuracy`. */
export function metricOf(name, metrics) {
  return metrics?.find((metric) => metric.name === name) ?? metrics?.find((metric) => metric.values.includes(name));
}

/** A value of a metric as tables and axes show it. */
export function value(number, metric, places) {
  if (number === undefined || number === null) return "–";
  if (metric?.kind === "quality" && metric.least === 0 && metric.most === 1) return percent(number, places ?? 2);
  if (metric?.unit === "bytes") return bytes(number);
  return short(number, 4) + (metric?.kind === "latency" && metric.unit ? " " + metric.unit : "");
}

/** `multiplyAdds` as words. */
export function words(name) {
  return name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

/** A value of a candidate by its name. */
export function valueOf(candidate, name) { return candidate[name] ?? candidate.metrics?.[name]; }
