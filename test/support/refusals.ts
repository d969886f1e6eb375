/** What refusals look like: the second argument of `assert.throws`. */

/** A number outside what it may be. */
export const RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

/** A value of the wrong type. */
export const TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };

/** A value of the right type that makes no sense. */
export const VALUE = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };

/** A call that what was made before does not allow. */
export const STATE = { name: 'TypeError', code: 'ERR_INVALID_STATE' };

/** A store into what was mapped for reading. */
export const READ_ONLY = { name: 'ReadOnlyError', code: 'ERR_SMMAP_READ_ONLY' };

/** A use of what is closed. */
export const CLOSED = { name: 'MapClosedError', code: 'ERR_SMMAP_CLOSED' };

/** What is no file of bytes. */
export const NOT_MAPPABLE = { name: 'NotMappableError', code: 'ERR_SMMAP_NOT_MAPPABLE' };

/** `RANGE` with words of its message. */
export function range(message: RegExp): object {
  return { ...RANGE, message };
}
