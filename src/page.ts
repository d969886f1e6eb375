/** Pages and granularity: the units in which a system maps. */
import { integer, invalidType } from './arguments.js';
import { native } from './native.js';

/** Unit of residency in bytes: 4,096 on x86-64, 16,384 on Apple silicon. */
export const PAGE_SIZE: number = native.pageSize();

/** Unit of mapping offsets in bytes: the page on POSIX systems, 65,536 on Windows. */
export const ALLOCATION_GRANULARITY: number = native.granularity();

/** Whether addresses have 64 bits. A constant, where smmap has a function `is_64_bit()`. */
export const is64Bit: boolean = !['ia32', 'arm', 'mips', 'mipsel', 'ppc', 's390'].includes(
  process.arch,
);

/**
 * `num` rounded to a multiple of {@link ALLOCATION_GRANULARITY}.
 * @param num bytes, 0 to 2^53 - 1
 * @param roundUp up to the next multiple when true (and not one already), else down
 * @throws RangeError `ERR_OUT_OF_RANGE`, also when the multiple above is no safe integer
 */
export function alignToMmap(num: number, roundUp: boolean): number {
  integer('num', num);
  if (typeof roundUp !== 'boolean') throw invalidType('roundUp', 'a boolean', roundUp);
  return roundUp
    ? integer('num', alignUp(num, ALLOCATION_GRANULARITY))
    : num - (num % ALLOCATION_GRANULARITY);
}

/** `num` rounded up to a multiple of `unit`. For numbers already checked. */
export function alignUp(num: number, unit: number): number {
  const over = num % unit;
  return over === 0 ? num : num - over + unit;
}
