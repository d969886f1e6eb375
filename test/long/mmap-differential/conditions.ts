/** What has to be so, besides the two results, for a row of `rows.json` to excuse a difference. */

import { PAGE_SIZE } from 'smmap';
import { destructive } from './constants.js';
import type { Difference } from './rows.js';
import {
  type Argument,
  type Call,
  isCall,
  isMaking,
  type Making,
  type State,
  type Step,
} from './script.js';

/** By row; those that are not here ask for no more. */
export const conditions: Readonly<Record<string, (difference: Difference) => boolean>> = {
  'any-offset': ({ step, ours }) =>
    isMaking(step) &&
    !isWhole(step.offset ?? 0) &&
    (isMemory(step) || (ours.result as unknown[])[1] === true),
  'open-empty': ({ step, ours }) =>
    isMaking(step) && step.named && JSON.stringify(ours.result) === '[0,true]',
  'no-memory': ({ step }) => isMaking(step) && step.source === 'anonymous' && step.length === 0,
  directory: ({ step }) => isMaking(step) && step.source === 'directory',
  'no-regular-file': ({ step }) =>
    isMaking(step) && (step.source === 'pipe' || step.source === 'device'),
  'prot-nothing': ({ step }) => isMaking(step) && step.prot === '0',
  flags: ({ step }) => isMaking(step) && hasOddFlags(step),
  'said-twice': ({ step }) =>
    isMaking(step) && (step.access ?? 'default') !== 'default' && step.flags === 'MAP_SHARED',
  'two-mistakes': ({ step }) => (isMaking(step) ? isOdd(step) : isCall(step) && isMixed(step)),
  'size-of-memory': ({ making, ours, ...rest }) =>
    isMemory(making) && ours.result === lengthBefore(rest),
  'size-untracked': ({ making }) => making?.trackFd === false,
  'flush-to-the-end': ({ step }) => isCall(step) && step.args.length === 1,
  'any-flush-offset': (difference) => !isWhole(number(difference, 0)),
  'any-advice-start': (difference) =>
    !isWhole(number(difference, 1)) && (isDestructive(difference) || sameStates(difference)),
  'whole-pages': (difference) => isDestructive(difference) && !isWhole(endOfAdvice(difference)),
  'beside-the-map': ({ step, making }) =>
    adviceIn(step) === 'remove' && making !== undefined && !isMemory(making) && !isReadOnly(making),
  'remove-for-reading': ({ step, making }) =>
    adviceIn(step) === 'remove' && making !== undefined && isReadOnly(making),
  'unknown-advice': ({ step }) => isCall(step) && typeof step.args[0] === 'number',
  'state-first': ({ making }) =>
    making !== undefined && (isReadOnly(making) || making.trackFd === false),
  'negative-index': (difference) => number(difference, 0) < 0,
  'at-converts': ({ step }) =>
    isCall(step) && (hasKey(step.args[0], 'text') || step.args[0] === 1.5),
  'reversed-search': ({ step, ours }) =>
    isCall(step) && hasKey(step.args[0], 'bytes') && ours.result === -1,
  'text-needle': ({ step }) => isCall(step) && hasKey(step.args[0], 'text'),
  'byte-needle': ({ step }) => isCall(step) && typeof step.args[0] === 'number',
  fractions: (difference) => numbers(difference).some((value) => !Number.isInteger(value)),
  'large-numbers': (difference) =>
    numbers(difference).some((value) => Math.abs(value) > Number.MAX_SAFE_INTEGER),
  'private-file': ({ making }) => !isMemory(making) && isPrivate(making),
  'resize-to-nothing': (difference) => number(difference, 0) === 0,
  'grow-shared-memory': (difference) => number(difference, 0) > (lengthBefore(difference) ?? 0),
  'copied-memory': ({ making }) => isMemory(making) && making?.access === 'copy',
  'zeros-again': (difference) =>
    isMemory(difference.making) &&
    isPrivate(difference.making) &&
    number(difference, 0) > (lengthBefore(difference) ?? 0),
  'offset-of-memory': ({ making }) => isMemory(making) && making?.offset !== 0,
  'memory-with-descriptor': ({ making }) => isMemory(making) && making?.source !== 'anonymous',
  'resize-after-advice': (difference) =>
    lengthIn(difference.step, difference.ours.state) === number(difference, 0),
};

function isWhole(offset: number): boolean {
  return offset % PAGE_SIZE === 0;
}

function hasOddFlags({ flags }: Making): boolean {
  return flags === '0' || flags === 'MAP_SHARED|MAP_PRIVATE';
}

/** Whether something may be wrong with a map besides numbers and the size of its file. */
function isOdd(making: Making): boolean {
  const { source, mode, prot } = making;
  return mode !== 'r+' || hasOddFlags(making) || prot === '0' || typeof source !== 'number';
}

/** Whether an argument is of a wrong type, and there are others. */
function isMixed({ do: name, args }: Call): boolean {
  const noBytes = name === 'setSlice' && typeof args[0] === 'number';
  return args.length > 1 && (noBytes || args.some((arg) => hasKey(arg, 'text')));
}

function isMemory(making: Making | undefined): boolean {
  return making?.source === 'anonymous' || Boolean(making?.flags?.includes('ANONYMOUS'));
}

function isPrivate(making: Making | undefined): boolean {
  return making?.access === 'copy' || Boolean(making?.flags?.includes('MAP_PRIVATE'));
}

function isReadOnly({ access, prot }: Making): boolean {
  return access === 'read' || (prot !== undefined && !prot.includes('WRITE'));
}

function sameStates({ theirs, ours }: Difference): boolean {
  return JSON.stringify(theirs.state) === JSON.stringify(ours.state);
}

/** The length of the map of a step. */
function lengthIn(step: Step, state: State | undefined): number | undefined {
  const map = 'map' in step ? state?.maps[step.map] : undefined;
  return Array.isArray(map) ? map[0] : undefined;
}

function lengthBefore({ step, before }: Pick<Difference, 'step' | 'before'>): number | undefined {
  return lengthIn(step, before);
}

/** The numbers among the arguments of a call. */
function numbers({ step, before }: Difference): number[] {
  if (!isCall(step)) return [];
  const length = lengthBefore({ step, before }) ?? 0;
  return step.args.flatMap((arg) => {
    if (typeof arg === 'number') return [arg];
    return hasKey(arg, 'end') ? [length + (arg as { end: number }).end] : [];
  });
}

/** An argument of a call that is a number; NaN when it is none. */
function number(difference: Difference, index: number): number {
  const { step } = difference;
  const arg = isCall(step) ? step.args[index] : undefined;
  if (arg === undefined || !isCall(step)) return Number.NaN;
  return numbers({ ...difference, step: { ...step, args: [arg] } })[0] ?? Number.NaN;
}

function hasKey(arg: Argument | undefined, key: string): boolean {
  return typeof arg === 'object' && arg !== null && key in arg;
}

function adviceIn(step: Step): string | undefined {
  const arg = isCall(step) ? step.args[0] : undefined;
  return hasKey(arg, 'advice') ? (arg as { advice: string }).advice : undefined;
}

function isDestructive({ step }: Difference): boolean {
  const advice = adviceIn(step);
  return advice !== undefined && destructive.includes(advice);
}

/** Where the bytes that an advice is for end; 0 when that is the end of the map. */
function endOfAdvice(difference: Difference): number {
  const [start, count] = [number(difference, 1), number(difference, 2)];
  const length = lengthBefore(difference) ?? 0;
  return Number.isNaN(count) || start + count >= length ? 0 : start + count;
}
