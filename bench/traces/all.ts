/** Every trace, in the order of the tables. */
import { generatedTraces } from './generated.js';
import { RECORDED, recordedTrace } from './recorded.js';
import type { Trace } from './trace.js';

/** Makes or reads all of them. */
export function allTraces(): Trace[] {
  return [...generatedTraces(), ...RECORDED.map(recordedTrace)];
}
