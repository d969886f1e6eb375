/**
 * What a random script is about, before its first step: manager, files, manner.
 *
 * Each fault of smmap makes the two sides differ, and what one maps and the other does
 * not stays different until both have nothing mapped. So that no fault takes a large
 * share of the steps, and most steps are compared without any excuse:
 *
 * - Nearly half of the managers map whole files, or have windows so much larger than
 *   the files that smmap's placement is the only one possible. There everything is
 *   asked for, at any offset.
 * - With small windows, most scripts ask for a window that is not mapped only where
 *   smmap's rule comes to the grid: at the beginning of a window, for a whole one. In
 *   windows that were asked for before, any offset is as good as another. The other
 *   scripts ask anywhere, some with windows that are no whole pages.
 * - Limits are tight in some scripts of each kind, on the larger files and mostly with
 *   few cursors: who goes first matters only where several regions are idle.
 * - Where the sides may well differ, everything is closed and collected every few
 *   steps, and both begin anew.
 */

import { PAGE_SIZE } from 'smmap';
import type { ModelName } from './model.js';
import type { Limits } from './script.js';

/** More than twice the largest file: no neighbour and no end of a file displaces such a window. */
const HUGE_WINDOW = 256 * PAGE_SIZE;
const SMALL_WINDOWS = [1, 2, 3, 4, 8].map((pages) => pages * PAGE_SIZE);
const BROKEN_WINDOWS = [100, PAGE_SIZE + 1, 2.5 * PAGE_SIZE, 4 * PAGE_SIZE - 1];

/** Where new windows are asked for: anywhere, as there is one only; on the grid; anywhere. */
export type Manner = 'whole' | 'grid' | 'any';

export interface Plan {
  manner: Manner;
  limits: Limits;
  /** Names of the files. */
  names: number[];
  /** Cursors and buffers at one time. */
  mostOpen: number;
  /** Of a hundred steps, those that open one. */
  opening: number;
  /** Steps until everything is closed and begins anew. */
  restart: number;
}

/** Random choices, all from one number. */
export class Dice {
  readonly random: (from: number, to: number) => number;

  /** @param random gives a whole number `from` ≤ n < `to` */
  constructor(random: (from: number, to: number) => number) {
    this.random = random;
  }

  chance(percent: number): boolean {
    return this.random(0, 100) < percent;
  }

  one<T>(from: readonly T[]): T {
    return from[this.random(0, from.length)] as T;
  }
}

/** A plan for one script. */
export function makePlan(dice: Dice, known: readonly ModelName[]): Plan {
  const { manner, windowSize } = chooseWindow(dice);
  const tight = dice.chance(30);
  const limits = { windowSize, maxMemorySize: 0, maxOpenHandles: 0 };
  if (tight && dice.chance(60)) limits.maxMemorySize = chooseMemory(dice, manner, windowSize);
  else if (tight) limits.maxOpenHandles = dice.random(1, 6);
  const name = () => dice.random(0, known.length);
  const sizeOf = (index: number) => known[index]?.size ?? 0;
  const larger = (a: number, b: number) => (sizeOf(a) > sizeOf(b) ? a : b);
  return {
    manner,
    limits,
    names: Array.from({ length: tight ? dice.random(3, 8) : dice.random(1, 5) }, () =>
      tight ? larger(name(), name()) : name(),
    ),
    mostOpen: tight && dice.chance(70) ? 2 : 5,
    // A file that is mapped whole needs a new region only for its first cursor.
    opening: tight && manner === 'whole' ? 35 : 12,
    restart: chooseRestart(dice, manner, tight),
  };
}

function chooseRestart(dice: Dice, manner: Manner, tight: boolean): number {
  if (manner === 'any') return dice.random(6, 13);
  return tight ? dice.random(8, 20) : dice.random(20, 50);
}

function chooseWindow(dice: Dice): { manner: Manner; windowSize: number } {
  const share = dice.random(0, 100);
  if (share < 22) return { manner: 'whole', windowSize: 0 };
  if (share < 44) return { manner: 'whole', windowSize: HUGE_WINDOW };
  if (share < 92) return { manner: 'grid', windowSize: dice.one(SMALL_WINDOWS) };
  return { manner: 'any', windowSize: dice.one(dice.chance(50) ? SMALL_WINDOWS : BROKEN_WINDOWS) };
}

function chooseMemory(dice: Dice, manner: Manner, windowSize: number): number {
  if (manner !== 'whole') return windowSize * dice.random(1, 6);
  if (windowSize > 0 && dice.chance(50)) return windowSize * dice.random(1, 4);
  return PAGE_SIZE * dice.random(1, 80);
}
