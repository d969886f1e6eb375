/** The property that every buffer has: it is its bytes. */

import fc from 'fast-check';
import { readings } from './buffer-operations.js';
import { doings } from './buffer-walks.js';
import { plans, World } from './buffer-world.js';

/**
 * Runs sequences of operations on buffers of any world, each compared with plain bytes.
 * A difference is thrown with the seed, the path and the shortest sequence that shows it.
 */
export async function checkBuffers(parameters: fc.Parameters<unknown>): Promise<void> {
  const sequences = fc.commands([...readings, ...doings], { maxCommands: 80, size: 'max' });
  const property = fc.asyncProperty(plans, sequences, async (plan, sequence) => {
    const world = new World(plan);
    try {
      await fc.asyncModelRun(() => ({ model: {}, real: world }), sequence);
    } finally {
      world.close();
    }
  });
  await fc.assert(property, parameters as object);
}
