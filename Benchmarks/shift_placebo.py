#!/usr/bin/env python3
"""Probability shift fed with nothing: Benchmarks/shift_placebo.py [DRAWS]

The `expected` estimator (six bins, window 10, two panels of four chunks, rate 0.06) on bins whose losses all fall alike, plus
white noise: how far probabilities move by chance, and what signalToNoise then says. Adam and the gradient know no scale, so
that the size of the noise does not matter; a fall that all bins share leaves the gradient as it is.
`swing` is noise that the chunks of a measurement share, as steps of an optimiser cause it, in units of that of the chunks'
mean.

Prints, for the updates of each comparison in Documentation/evidence/shiftnas.md, the mean and the 5 and 95 % quantiles.
"""
import math, random, sys

BINS, WINDOW, PANELS, CHUNKS, RATE = 6, 10, 2, 4, 0.06


def placebo(steps, swing, random):
    """(total variation at the end, median signal to noise, probability of the three dearest bins, updates)"""
    period, warm = max(20, steps // 60), steps // 10
    logits, mean, variance = [[0.0] * BINS for _ in range(3)]
    panels, ratios, updates = [], [], 0
    # A panel: for each bin the measurements, each of some chunks.
    measure = lambda: [[shared + random.gauss(0, math.sqrt(CHUNKS)) for _ in range(CHUNKS)]
                       for shared in (random.gauss(0, 1) * swing for _ in range(BINS))]
    for visit in range((steps - warm) // period + 1):
        for panel in panels:
            panel.append(measure())
        if any(len(p) - 1 >= (WINDOW + 1) // 2 for p in panels):
            slopes, errors = [], []
            for bin in range(BINS):
                total = squares = noise = 0.0
                for panel in (p for p in panels if len(p) > 1):
                    middle = (len(panel) - 1) / 2
                    chunks = [sum((t - middle) * m[bin][c] for t, m in enumerate(panel)) for c in range(CHUNKS)]
                    own = sum(chunks) / CHUNKS
                    total += own
                    squares += sum((t - middle) ** 2 for t in range(len(panel)))
                    noise += sum((c - own) ** 2 for c in chunks) / (CHUNKS - 1) / CHUNKS
                slopes.append(total / squares)
                errors.append(math.sqrt(noise) / squares)
            powers = [math.exp(l) for l in logits]
            p = [x / sum(powers) for x in powers]
            expected = sum(a * b for a, b in zip(p, slopes))
            updates += 1
            for bin in range(BINS):
                slope = p[bin] * (slopes[bin] - expected)
                mean[bin] = 0.9 * mean[bin] + 0.1 * slope
                variance[bin] = 0.999 * variance[bin] + 0.001 * slope * slope
                logits[bin] -= RATE * (mean[bin] / (1 - 0.9 ** updates)) / (
                    math.sqrt(variance[bin] / (1 - 0.999 ** updates)) + 1e-12)
            middle = sum(slopes) / BINS
            ratios.append(math.sqrt(sum((s - middle) ** 2 for s in slopes) / (BINS - 1)) / (sum(errors) / BINS))
        panels = [p for p in panels if len(p) - 1 < WINDOW]
        if visit % ((WINDOW + PANELS - 1) // PANELS) == 0:
            panels.append([measure()])
    powers = [math.exp(l) for l in logits]
    p = [x / sum(powers) for x in powers]
    return sum(abs(x - 1 / BINS) for x in p) / 2, sorted(ratios)[len(ratios) // 2], sum(p[BINS // 2:]), updates


def told(values):
    values = sorted(values)
    at = lambda share: values[int(share * (len(values) - 1))]
    return f"{sum(values) / len(values):.2f} ({at(0.05):.2f} to {at(0.95):.2f})"


if __name__ == "__main__":
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    print(f"bins that all learn alike, plus white noise: mean (5 to 95 %) of {draws} draws")
    print("| steps | updates | swing | total variation | the three dearest bins | their deviation | median signal to noise |")
    print("|---|---|---|---|---|---|---|")
    for steps in (600, 800, 2000):
        for swing in (0, 1, 3) if steps == 2000 else (0,):
            numbers = random.Random(steps + swing)
            variations, ratios, dear, updates = zip(*(placebo(steps, swing, numbers) for _ in range(draws)))
            middle = sum(dear) / draws
            deviation = math.sqrt(sum((d - middle) ** 2 for d in dear) / (draws - 1))
            print(f"| {steps} | {updates[0]} | {swing} | {told(variations)} | {told(dear)} | {deviation:.2f} | {told(ratios)} |")
