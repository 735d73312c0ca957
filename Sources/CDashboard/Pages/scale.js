// Axes: ends, ticks and colours of charts.

/** The smallest and the largest of finite numbers; nothing where there are none. */
export function extent(numbers) {
  let low = Infinity, high = -Infinity;
  for (const number of numbers) {
    if (!Number.isFinite(number)) continue;
    if (number < low) low = number;
    if (number > high) high = number;
  }
  return low <= high ? [low, high] : undefined;
}

/** A linear or logarithmic scale from values to places. */
export function scale(low, high, from, to, isLogarithmic = false) {
  const turn = isLogarithmic ? Math.log10 : (value) => value;
  let [a, b] = [turn(low), turn(high)];
  if (!(b > a)) [a, b] = [a - 0.5, b + 0.5];
  const place = (value) => from + (turn(value) - a) / (b - a) * (to - from);
  const value = (place) => {
    const inner = a + (place - from) / (to - from) * (b - a);
    return isLogarithmic ? 10 ** inner : inner;
  };
  return { place, value, low, high, isLogarithmic };
}

/** About so many round numbers from one end to the other. */
export function ticks(low, high, most) {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw * (1 - 1e-9));
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) found.push(index * step);
  return found;
}

/** Powers of ten, and where those are few, twos and fives of them. */
export function logTicks(low, high, most) {
  const found = [];
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  for (const factors of [[1], [1, 3], [1, 2, 5]]) {
    found.length = 0;
    for (let power = first; power <= last; power++) {
      for (const factor of factors) {
        const tick = factor * 10 ** power;
        if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) found.push(tick);
      }
    }
    if (found.length >= Math.min(4, most)) break;
  }
  while (found.length > most + 2) for (let index = found.length - 1; index > 0; index -= 2) found.splice(index - 1, 1);
  return found.length > 1 ? found : ticks(low, high, most);
}

/** Room at both ends, so that nothing lies on the frame. */
export function padded([low, high], isLogarithmic) {
  if (isLogarithmic) {
    const factor = (high / low) ** 0.04 || 1;
    return low === high ? [low / 1.2, high * 1.2] : [low / factor, high * factor];
  }
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 0.5;
  return [low - room, high + room];
}

/** A colour of the style sheet as it is now. */
export function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

/** Colours of things that have no order. */
export const hues = ["--hue-1", "--hue-2", "--hue-3", "--hue-4", "--hue-5", "--hue-6", "--hue-7", "--hue-8"];

/** The colour of one of several things: by hue, or from light to dark where they have an order. */
export function seriesColour(index, total, isOrdered) {
  if (!isOrdered) return `var(${hues[index % hues.length]})`;
  const share = total > 1 ? index / (total - 1) : 1;
  return `color-mix(in oklab, var(--ramp-high) ${Math.round(100 * share)}%, var(--ramp-low))`;
}
