/** What a manager knows of one cursor, without keeping it alive. */
import type { ManagedFile } from './managed-file.js';
import { native } from './native.js';
import type { MapRegion } from './region.js';

/** One cursor's claim on a file and on the region it stands on. */
export class Lease {
  readonly file: ManagedFile;
  /** The region the cursor stands on. */
  region: MapRegion | undefined = undefined;
  #watch: number | undefined;

  /** @param holder the cursor, watched and not held */
  constructor(holder: object, file: ManagedFile) {
    this.file = file;
    this.#watch = native.watch(holder);
  }

  /** False once the cursor was collected, or let the lease go. */
  get held(): boolean {
    return this.#watch !== undefined && native.isAlive(this.#watch);
  }

  /** The cursor wants it no more. */
  end(): void {
    if (this.#watch !== undefined) native.unwatch(this.#watch);
    this.#watch = undefined;
  }
}
