/** Writes Arrow files batch by batch, of any size. */

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
} from 'apache-arrow';

const FIELDS = [
  new Field('x', new Float64(), false),
  new Field('y', new Float64(), false),
  new Field('n', new Int32(), false),
];
const schema = new Schema(FIELDS);

/** A batch whose values say which row they stand in. */
function batch(first: number, rows: number): RecordBatch {
  const x = Float64Array.from({ length: rows }, (_, i) => (first + i) / 3);
  const y = Float64Array.from({ length: rows }, (_, i) => -(first + i) * 7);
  const n = Int32Array.from({ length: rows }, (_, i) => Math.imul(first + i, 0x9e3779b1));
  const children = [
    makeData({ type: new Float64(), length: rows, nullCount: 0, data: x }),
    makeData({ type: new Float64(), length: rows, nullCount: 0, data: y }),
    makeData({ type: new Int32(), length: rows, nullCount: 0, data: n }),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(FIELDS), length: rows, nullCount: 0, children }),
  );
}

/** Writes `batches` batches of `rows` rows: 20 bytes a row. */
export async function writeArrow(path: string, batches: number, rows: number): Promise<void> {
  const writer = new RecordBatchFileWriter();
  const written = pipeline(writer.toNodeStream(), createWriteStream(path));
  for (let i = 0; i < batches; i++) writer.write(batch(i * rows, rows));
  writer.close();
  await written;
}
