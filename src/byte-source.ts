/** A stretch of a {@link ByteSource} that lies in one piece of memory. */
export interface ByteWindow {
  /** The bytes themselves, without a copy. Good until the next `windowAt` or the end of the source. */
  readonly bytes: Buffer;
  /** Index in the source of `bytes[0]`. */
  readonly begin: number;
}

/**
 * Bytes that are reached through windows: what searching, lines and copies need
 * to know of a buffer or a map. Indices run from 0 to `length`.
 */
export interface ByteSource {
  /** Bytes that can be reached. */
  readonly length: number;

  /**
   * The window that holds `index` (0 ≤ index < `length`). It may begin before
   * `index` and never reaches past `length`; neighbouring windows do not overlap
   * unless the source says so.
   * @throws MapFaultError when a page of the window was lost
   */
  windowAt(index: number): ByteWindow;

  /**
   * To be called after the bytes of a window were read and before the result is
   * handed on: a page that was lost meanwhile read as zeros.
   * @throws MapFaultError when a page of the window last given was lost
   */
  verify(): void;

  /**
   * To be called where the bytes from `index` on were read as zeros: says that its page was lost
   * when the file ends before it by now. A source whose bytes cannot go leaves it out.
   * @throws MapFaultError then
   */
  lookAgain?(index: number): void;

  /**
   * To be called where there are no more bytes: that the source was closed is no end. One that
   * cannot be closed leaves it out.
   * @throws MapClosedError then
   */
  ready?(): void;

  /**
   * Whether a window is still what `windowAt` would give, and `verify` would judge. A
   * source that has no way to know leaves it out.
   */
  atHand?(bytes: Buffer, begin: number): boolean;
}
