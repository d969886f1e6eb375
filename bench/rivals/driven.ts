/** Rivals that are other programs: they do the work as often as they are told to, and take the time themselves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Running } from '../workload.js';

/**
 * Starts one. Its answer to a number of times is "nanoseconds answer".
 * @param told makes of its answer what the others of the race answer
 */
export async function driven(
  command: readonly string[],
  told: (answer: number) => unknown = () => undefined,
): Promise<Running> {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const replies = createInterface({ input: child.stdout });
  const died = once(child, 'exit').then(([code, by]) => {
    throw new Error(`${command.join(' ')} ended with ${code ?? by}`);
  });
  died.catch(() => undefined); // told to who waits for a reply
  const ask = async (times: number): Promise<[ns: number, answer: number]> => {
    child.stdin.write(`${times}\n`);
    const [line] = (await Promise.race([once(replies, 'line'), died])) as [string];
    const [ns, answer] = line.split(' ').map(Number) as [number, number];
    return [ns, answer];
  };
  process.once('exit', () => child.kill());
  const [, answer] = await ask(1);
  return { answer: told(answer), run: async (times) => (await ask(times))[0] };
}
