/** What the parts of a model share while they follow a call. */

import assert from 'node:assert/strict';
import { type DescriptorHandle, native } from '#src/native.js';
import type { Disk, FileModel } from './disk.js';
import type { Entry, Source } from './entry.js';
import { probe } from './probe.js';
import { pathOf, Refusal } from './refusal.js';
import { Trace } from './trace.js';

/** How a manager was refused a descriptor that letting go of another may bring. */
const NONE_LEFT = ['EMFILE', 'ENFILE'];
/** Share of the limit that the package may hold (rule 5). */
const SHARE = 1 / 4;

/** The record of the call that is followed, and the descriptors of all managers. */
export class Flow {
  trace = new Trace([]);
  /** Messages that the channels must carry. */
  readonly told: string[] = [];
  /** What descriptors are open on: those of the test, and those of the managers. */
  readonly numbers = new Map<number, FileModel>();
  /** Holders of a descriptor that can be had again, used longest ago first. */
  #holders: Entry[] = [];
  readonly #open = new Set<DescriptorHandle>();
  readonly #numbers = new Map<Entry, number | undefined>();

  constructor(readonly disk: Disk) {}

  /** Descriptors that the managers have open. */
  get descriptors(): number {
    return this.#open.size;
  }

  /** Opens what a source stands for; `keep` is not let go for it. */
  open(source: Source, keep?: Entry): DescriptorHandle {
    for (;;) {
      const code = this.trace.failure('open', 'duplicate');
      if (code === undefined) break;
      const oldest = this.#holders.find((each) => each !== keep);
      if (!NONE_LEFT.includes(code) || oldest === undefined) {
        throw new Refusal(code, pathOf(source));
      }
      this.letGo(oldest);
    }
    const { descriptor } = this.trace.take('opened', 'a file is opened');
    this.#open.add(descriptor);
    return descriptor;
  }

  /** An opened descriptor is not wanted after all. */
  close(descriptor: DescriptorHandle): void {
    this.trace.closed(descriptor, 'a descriptor that nobody holds');
    this.#open.delete(descriptor);
  }

  /** The entry has a descriptor from now on. */
  hold(entry: Entry, descriptor: DescriptorHandle): void {
    entry.descriptor = descriptor;
    if (entry.canReopen) this.#holders.push(entry);
    const number = numberOf(descriptor);
    if (number !== undefined) this.numbers.set(number, entry.file);
    this.#numbers.set(entry, number);
    if (probe.descriptorLimit === 0) return;
    const most = Math.max(1, Math.floor(probe.descriptorLimit * SHARE));
    while (this.#open.size > most && this.#holders.length > 1) {
      this.letGo(this.#holders[0] as Entry);
    }
  }

  /** The entry's descriptor is used, and opened again when it was let go. */
  use(entry: Entry): void {
    if (entry.descriptor === undefined) this.#reopen(entry);
    else if (entry.canReopen) this.#holders = [...this.#holders.filter((e) => e !== entry), entry];
  }

  #reopen(entry: Entry): void {
    let descriptor: DescriptorHandle;
    try {
      descriptor = this.open(entry.source);
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.code !== 'ENOENT') throw refusal;
      assert.equal(this.fileOf(entry.source), undefined, 'a file that is there was not found');
      throw new Refusal('ERR_SMMAP_FILE_CHANGED');
    }
    this.lookAt(descriptor, entry.source);
    if (this.fileOf(entry.source) !== entry.file) {
      this.close(descriptor);
      throw new Refusal('ERR_SMMAP_FILE_CHANGED');
    }
    this.hold(entry, descriptor);
  }

  /** The system is asked about a descriptor just opened, which goes when it does not answer. */
  lookAt(descriptor: DescriptorHandle, source: Source): void {
    try {
      this.#look(descriptor, source);
    } catch (refusal) {
      this.close(descriptor);
      throw refusal;
    }
  }

  /** The system is asked about a file. */
  look(entry: Entry): void {
    this.onDescriptor(entry, () => this.#look(entry.descriptor, entry.source));
  }

  /** Runs what needs the descriptor: one that the server no longer knows is had anew, once. */
  onDescriptor<T>(entry: Entry, call: () => T): T {
    try {
      this.use(entry);
      return call();
    } catch (refusal) {
      const stale = refusal instanceof Refusal && refusal.code === 'ESTALE';
      if (!stale || !entry.canReopen) throw refusal;
      this.letGo(entry);
      this.use(entry);
      return call();
    }
  }

  #look(descriptor: DescriptorHandle | undefined, source: Source): void {
    const code = this.trace.failure('status');
    if (code !== undefined) throw new Refusal(code, pathOf(source));
    const looked = this.trace.take('looked', 'a file is looked at');
    assert.equal(looked.descriptor, descriptor, 'another file was looked at');
  }

  /** The file that a source stands for now. */
  fileOf(source: Source): FileModel | undefined {
    if ('fd' in source) return this.numbers.get(source.fd);
    return 'slot' in source ? this.disk.named(source.slot) : undefined;
  }

  /** Closes the entry's descriptor, if it has one. */
  letGo(entry: Entry): void {
    if (entry.descriptor === undefined) return;
    this.close(entry.descriptor);
    this.numbers.delete(this.#numbers.get(entry) ?? -1);
    entry.descriptor = undefined;
    this.#holders = this.#holders.filter((each) => each !== entry);
  }
}

/** The descriptor's number, unless it is closed by now. */
function numberOf(descriptor: DescriptorHandle): number | undefined {
  try {
    return native.descriptorNumber(descriptor);
  } catch {
    return undefined;
  }
}
