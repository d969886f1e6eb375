/** Numbers from samples: the middle one, how far they spread, and quotients within one run. */

/** A median with the middle half of the samples around it. */
export interface Figure {
  readonly median: number;
  /** A quarter of the samples is below. */
  readonly low: number;
  /** A quarter is above. */
  readonly high: number;
}

/** @param samples at least one */
export function figureOf(samples: readonly number[]): Figure {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] as number;
    const above = sorted[Math.ceil(place)] as number;
    return below + (above - below) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** How many times as long one took as the other, round by round: what slowed a round slowed both. */
export function ratioOf(samples: readonly number[], base: readonly number[]): Figure {
  return figureOf(samples.map((sample, round) => sample / (base[round] as number)));
}

/** Three digits, or as many as the whole number has. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

/** Nanoseconds in the unit that suits them. */
export function duration(ns: number): string {
  if (ns < 1_000) return `${digits(ns)} ns`;
  if (ns < 1_000_000) return `${digits(ns / 1_000)} µs`;
  return `${digits(ns / 1_000_000)} ms`;
}

/** A ratio with its spread. */
export function times({ median, low, high }: Figure): string {
  return `${median.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)})`;
}
