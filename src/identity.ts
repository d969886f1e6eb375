/** What a file is called by what it is: a text of device, inode and time of birth. */

/** Texts that are kept, so that a file that is opened again and again is named once. */
const KEPT = 64;

interface Named {
  readonly device: bigint;
  readonly inode: bigint;
  readonly born: bigint;
  readonly text: string;
}

const kept: (Named | undefined)[] = new Array(KEPT).fill(undefined);

/** @param fields of the file's status: device, inode, size, time of birth */
export function identityOfFields(fields: BigInt64Array): string {
  const [device, inode, , born] = fields as unknown as [bigint, bigint, bigint, bigint];
  const place = Number(BigInt.asUintN(6, inode)) % KEPT;
  const known = kept[place];
  if (known?.inode === inode && known.device === device && known.born === born) return known.text;
  const text = `${device}:${inode}:${born}`;
  kept[place] = { device, inode, born, text };
  return text;
}
