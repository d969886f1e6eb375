/** Parts of the documentation that a full-size run writes. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.js';

/**
 * Puts a text between `<!-- figures: NAME -->` and `<!-- end of NAME -->`.
 * @param page its path from the checkout's folder
 */
export function putInto(page: string, name: string, content: string): void {
  const path = join(checkout, page);
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- figures: ${name} -->\n`, `<!-- end of ${name} -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${page} has no place for ${name}`);
  writeFileSync(path, text.slice(0, from) + content + text.slice(to));
}
