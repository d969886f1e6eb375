/** Draws curves as SVG: panels side by side, each with axes, lines, spreads and a legend. */

/** A line: points in the order of x, each with its spread where it has one. */
export interface Series {
  readonly name: string;
  readonly points: readonly { x: number; y: number; low?: number; high?: number }[];
}

/** One diagram. */
export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** @default 'linear' */
  readonly xScale?: 'linear' | 'log';
  /** Where the y axis begins. @default 0 */
  readonly yFrom?: number;
  readonly series: readonly Series[];
}

/** What becomes one file. */
export interface Plot {
  /** The file's name, without folder and ending. */
  readonly name: string;
  readonly panels: readonly Panel[];
}

const WIDTH = 380;
const HEIGHT = 250;
const MARGIN = { left: 58, right: 12, top: 30, bottom: 42 };
const LEGEND_LINE = 16;
const IN_A_ROW = 2;
/** Colours that people who see fewer colours can tell apart (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** The plot as the text of an SVG file. */
export function draw({ panels }: Plot): string {
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const rows = Math.ceil(panels.length / IN_A_ROW);
  const width = WIDTH * Math.min(panels.length, IN_A_ROW);
  const height = HEIGHT * rows + LEGEND_LINE * Math.ceil(names.length / 4) + 8;
  const body = panels.map((panel, i) => {
    const place = `translate(${WIDTH * (i % IN_A_ROW)} ${HEIGHT * Math.floor(i / IN_A_ROW)})`;
    return `<g transform="${place}">\n${drawPanel(panel, names)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...body,
    drawLegend(names, HEIGHT * rows, width),
    '</svg>\n',
  ].join('\n');
}

function drawPanel(panel: Panel, names: readonly string[]): string {
  const { title, xLabel, yLabel, series, xScale = 'linear' } = panel;
  const points = series.flatMap((one) => one.points);
  const scale = xScale === 'log' ? Math.log10 : (x: number) => x;
  const xs = points.map(({ x }) => scale(x));
  const [xMin, xMax] = [Math.min(...xs), Math.max(...xs)];
  const yMost = Math.max(...points.map(({ y, high = y }) => high)) || 1;
  const yTicks = ticks(panel.yFrom ?? 0, yMost);
  const [yLow, yTop] = [yTicks[0] as number, yTicks.at(-1) as number];
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const atX = (x: number) =>
    round(MARGIN.left + ((scale(x) - xMin) / (xMax - xMin || 1)) * (right - MARGIN.left));
  const atY = (y: number) => round(bottom - ((y - yLow) / (yTop - yLow)) * (bottom - MARGIN.top));
  const xTicks = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  return [
    `<text x="${MARGIN.left}" y="18" font-weight="bold">${escaped(title)}</text>`,
    ...yTicks.map(
      (y) =>
        `<path d="M${MARGIN.left} ${atY(y)}H${right}" stroke="#ddd"/>` +
        `<text x="${MARGIN.left - 6}" y="${atY(y) + 4}" text-anchor="end">${short(y)}</text>`,
    ),
    ...apart(xTicks, atX).map(
      (x) => `<text x="${atX(x)}" y="${bottom + 15}" text-anchor="middle">${short(x)}</text>`,
    ),
    `<text x="${(MARGIN.left + right) / 2}" y="${bottom + 32}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(14 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...series.map((one) => drawSeries(one, colourOf(names, one.name), atX, atY)),
  ].join('\n');
}

type Place = (value: number) => number;

function drawSeries({ points }: Series, colour: string, atX: Place, atY: Place): string {
  const line = points.map(({ x, y }) => `${atX(x)} ${atY(y)}`).join('L');
  const spreads = points
    .filter(({ low, high }) => low !== undefined && high !== undefined)
    .map(({ x, y, low = y, high = y }) => `M${atX(x)} ${atY(low)}V${atY(high)}`)
    .join('');
  const dots = points.map(({ x, y }) => `<circle cx="${atX(x)}" cy="${atY(y)}" r="2.5"/>`).join('');
  return (
    `<path d="M${line}" fill="none" stroke="${colour}" stroke-width="1.5"/>` +
    (spreads === ''
      ? ''
      : `<path d="${spreads}" stroke="${colour}" stroke-width="3" opacity="0.4"/>`) +
    `<g fill="${colour}">${dots}</g>`
  );
}

function drawLegend(names: readonly string[], top: number, width: number): string {
  return names
    .map((name, i) => {
      const x = MARGIN.left / 2 + (i % 4) * ((width - MARGIN.left) / 4);
      const y = top + LEGEND_LINE * Math.floor(i / 4) + 8;
      const colour = colourOf(names, name);
      return (
        `<path d="M${x} ${y - 4}h18" stroke="${colour}" stroke-width="2"/>` +
        `<text x="${x + 24}" y="${y}">${escaped(name)}</text>`
      );
    })
    .join('\n');
}

function colourOf(names: readonly string[], name: string): string {
  return COLOURS[names.indexOf(name) % COLOURS.length] as string;
}

/** Round numbers from at most `least` to at least `most`, which is greater. */
function ticks(least: number, most: number): number[] {
  const power = 10 ** Math.floor(Math.log10((most - least) / 4));
  const step = ([1, 2, 5, 10].find((n) => n * power * 5 >= most - least) ?? 10) * power;
  const first = Math.floor(least / step);
  return Array.from({ length: Math.ceil(most / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** Those whose labels do not touch. */
function apart(values: readonly number[], at: Place): number[] {
  let last = Number.NEGATIVE_INFINITY;
  return values.filter((value) => {
    if (at(value) - last < 36) return false;
    last = at(value);
    return true;
  });
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
