/** Asking those who hold idle mappings to unmap some, in this thread and in others. */
import { announce } from './events.js';
import { native } from './native.js';

let giveWay: (() => number) | undefined;

/** Says what is to be done when anybody is at the ceiling of mappings: unmap idle ones, say how many. */
export function onPlea(callback: () => number): void {
  giveWay = callback;
  native.onPlea(() => {
    callback();
    announce();
  });
}

/**
 * Asks other threads, without waiting, and this one; returns how many were unmapped here.
 * For the middle of a call: whoever listens is told of them at its end.
 */
export function plead(): number {
  native.askOthers();
  return giveWay?.() ?? 0;
}
