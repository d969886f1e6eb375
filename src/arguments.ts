/** Checks of what a caller handed in: each refusal names the argument and the remedy. */

/** A `TypeError` with Node's code for a value of the wrong type. */
export function invalidType(name: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(`"${name}" must be ${expected}; got ${describe(value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

/** A `TypeError` with Node's code for a value of the right type that makes no sense. */
export function invalidValue(name: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(`"${name}" must be ${expected}; got ${describe(value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
}

/** A `RangeError` with Node's code. */
export function outOfRange(name: string, expected: string, value: unknown): RangeError {
  const error = new RangeError(`"${name}" must be ${expected}; got ${describe(value)}`);
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

/** A `TypeError` with Node's code for a call that the object's state does not allow. */
export function invalidState(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_STATE' });
}

/** Whether it is a `URL`, of whatever realm; those that `url.parse()` makes are none. */
export function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null) return false;
  const { href, protocol, hostname, pathname, auth, path } = value as Record<string, unknown>;
  const parts = [href, protocol, hostname, pathname];
  return (
    parts.every((part) => typeof part === 'string') && auth === undefined && path === undefined
  );
}

/** Whether it is an `AbortSignal`, of whatever realm: whether it has what is used of one. */
export function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const signal = value as Record<string, unknown>;
  const { aborted, throwIfAborted, addEventListener, removeEventListener } = signal;
  const calls = [throwIfAborted, addEventListener, removeEventListener];
  return typeof aborted === 'boolean' && calls.every((call) => typeof call === 'function');
}

/**
 * The value as a whole number of `min` to `max`.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when it is no number
 * @throws RangeError `ERR_OUT_OF_RANGE` when it is a fraction, NaN, unsafe or outside
 */
export function integer(
  name: string,
  value: unknown,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') throw invalidType(name, 'a number', value);
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw outOfRange(name, `a whole number from ${min} to ${max}`, value);
  }
  return value + 0; // -0 becomes 0
}

/** As {@link integer}, but `Infinity` stands for "all". */
export function integerOrAll(name: string, value: unknown, min = 0): number {
  return value === Number.POSITIVE_INFINITY ? value : integer(name, value, min);
}

/**
 * Refuses an options object with a name that is not known, and says which one was probably meant.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when it is no object, `ERR_INVALID_ARG_VALUE` for an unknown name
 */
export function knownOptions(options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidType('options', 'an object', options);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near ? `did you mean "${near}"?` : `known are ${known.join(', ')}`;
    const error = new TypeError(`unknown option "${name}": ${hint}`);
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
  }
}

/** The known name closest to `name`, when it is close enough to be a slip. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `max_memory_size` and `maxMemorySize` are one name to a reader who comes from Python. */
function plain(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Letters to insert, delete or replace to turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    return `an instance of ${value.constructor?.name ?? 'Object'}`;
  }
  return String(value);
}
