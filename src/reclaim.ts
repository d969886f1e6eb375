/** Reclaiming mappings: asking those who hold idle ones to unmap some, in this thread and in others. */
import { announce } from './events.js';
import { native } from './native.js';

let reclaimHere: (() => number) | undefined;

/** Says what is to be done when anybody is at the ceiling of mappings: unmap idle ones, say how many. */
export function onReclaim(callback: () => number): void {
  reclaimHere = callback;
  native.onReclaim(() => {
    callback();
    announce();
  });
}

/**
 * Asks other threads, without waiting, and this one; returns how many were unmapped here.
 * For the middle of a call: whoever listens is told of them at its end.
 */
export function reclaim(): number {
  native.askOthers();
  return reclaimHere?.() ?? 0;
}
