/** The memory under a {@link MemoryMap}: a region's, or its own. */
import { invalidState } from './arguments.js';
import type { MapFaultError } from './errors.js';
import type { MappedFile } from './file.js';
import type { MapAccess } from './map-options.js';
import type { Mapping } from './mapping.js';

/** What a map asks of the memory that it lies over. */
export interface MapMemory {
  /** `undefined` where there are no bytes: an empty file, or closed. */
  readonly mapping: Mapping | undefined;
  /** Bytes of the mapping before the map's first. */
  readonly skip: number;
  /** Bytes of the map. */
  readonly length: number;
  readonly closed: boolean;
  readonly access: MapAccess;
  readonly readonly: boolean;
  /** Offset into the file of the map's first byte. */
  readonly offset: number;
  /** `undefined`: memory of no file. */
  readonly file: MappedFile | undefined;
  /** Whether the file may be asked: a descriptor is kept, or can be had again. */
  readonly tracked: boolean;
  /** Whether the system says which pages are in memory. */
  readonly tellsResidency: boolean;
  /** For messages. */
  readonly name: string | number;
  /** The error for a lost page. */
  fault(cause?: unknown): MapFaultError;
  close(): void;
  resize(newSize: number): void;
}

/** The part of a region that a map over it needs to know. */
interface MappedRegion {
  readonly file: MappedFile;
  fault(cause?: unknown): MapFaultError;
}

/** The memory of a region: it ends with that. */
export class RegionMemory implements MapMemory {
  readonly mapping: Mapping;
  readonly skip = 0;
  readonly tracked = true;
  readonly #region: MappedRegion;

  constructor(mapping: Mapping, region: MappedRegion) {
    this.mapping = mapping;
    this.#region = region;
  }

  get length(): number {
    return this.closed ? 0 : this.mapping.length;
  }

  get closed(): boolean {
    return this.mapping.closed;
  }

  get access(): MapAccess {
    return this.mapping.access;
  }

  get readonly(): boolean {
    return this.mapping.access === 'read';
  }

  get offset(): number {
    return this.mapping.offset;
  }

  get file(): MappedFile {
    return this.#region.file;
  }

  get tellsResidency(): boolean {
    return this.file.tellsResidency();
  }

  get name(): string | number {
    return this.file.name;
  }

  fault(cause?: unknown): MapFaultError {
    return this.#region.fault(cause);
  }

  close(): void {
    throw invalidState('this map belongs to a region: close the cursor, the region or the manager');
  }

  resize(): void {
    throw invalidState('this map belongs to a region and cannot be resized');
  }
}
