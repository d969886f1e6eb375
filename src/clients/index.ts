/// <reference types="node" preserve="true" />
/** Everything that `import 'smmap/clients'` gives: the shapes in which other packages take files. */
export { FileReader, fileHandle, type GenericFilehandle } from './file-handle.js';
export { type GitFs, type GitFsBase, type GitFsPromises, gitFs } from './git-fs.js';
export { MappedFile, mapFile } from './map-file.js';
export {
  type HandleReadFileOptions,
  type HandleStreamOptions,
  openFileHandle,
  ReadFileHandle,
  type ReadOptions,
  type ReadResult,
} from './open-file-handle.js';
export { type RangeSource, ranges } from './ranges.js';
export { createReadStream, type FileReadable, type ReadStreamOptions } from './read-stream.js';
export { readableWebStream, type WebStreamOptions } from './web-stream.js';
