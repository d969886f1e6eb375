/**
 * `Bun.mmap`, which only Bun has. Started with a file; each line on the standard input is a number
 * of times that its bytes are summed, answered by "nanoseconds answer".
 */
import { argv, cpuUsage, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';

declare const Bun: { mmap(path: string): Uint8Array };

const bytes = Bun.mmap(argv[2] as string);

function sum(): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i++) total += bytes[i] as number;
  return total;
}

for await (const line of createInterface({ input: stdin })) {
  const begin = cpuUsage();
  let answer = 0;
  for (let times = Number(line); times > 0; times--) answer = sum();
  const { user, system } = cpuUsage(begin);
  stdout.write(`${(user + system) * 1_000} ${answer}\n`);
}
