/** Unmapping what was forgotten together with whoever could have unmapped it. */
import { collectAll } from './garbage.js';
import { native } from './native.js';

/**
 * Unmaps what forgotten managers have mapped, having garbage collected if need be; for
 * when an error is about to be thrown. Views that were kept of it become empty. Mappings
 * that no manager made, and private copies that were stored into, stay if a view of them
 * was handed out; so does what other threads forgot.
 * @returns how many mappings went
 */
export function closeForgotten(): number {
  const closed = native.closeForgotten();
  if (closed > 0) return closed;
  collectAll();
  return native.closeForgotten();
}
