/** File systems of a program's own: ext4 on an image file, mounted where only that program sees it. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/cli.js';
import { tempDir } from '../../support/files.js';

/** The tools may lie where an ordinary user's shell does not look. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/**
 * Background work of ext4 waits, so that for the length of a test nothing but what is tested
 * brings anything to the image.
 */
const MOUNT = 'loop,noatime,noinit_itable,commit=600';

/** Makes an image and mounts it, as the programs do. */
const PROBE =
  'truncate -s 8M "$1/probe" && mkfs.ext4 -q "$1/probe" && mkdir "$1/at" && mount -o loop "$1/probe" "$1/at"';

/** Why no image can be mounted here, or `false` where it can. */
export function whyNoImages(): string | false {
  const args = ['--mount', 'sh', '-c', PROBE, 'sh', tempDir()];
  const { status, stderr, error } = spawnSync('unshare', args, { env, encoding: 'utf8' });
  return status === 0 ? false : `no ext4 image can be mounted here: ${error?.message ?? stderr}`;
}

/**
 * Runs a program of this folder in a process of its own that may mount, to its end. Its mounts go with it.
 * @param options what `optionsOf` gives there
 */
export async function figuresWithMounts<Figures>(
  program: string,
  options: object,
): Promise<Figures> {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const args = ['--mount', process.execPath, path, JSON.stringify(options)];
  const { code, signal, stdout, stderr } = await startProgram('unshare', args).ended;
  assert.deepEqual([code, signal, stderr], [0, null, '']);
  return JSON.parse(stdout) as Figures;
}

/** An image with ext4 in it. */
export class Image {
  readonly path: string;
  readonly #at: string;

  /** @param dir where it lies, and below which it is mounted */
  private constructor(dir: string, name: string) {
    this.path = join(dir, `${name}.img`);
    this.#at = join(dir, name);
    mkdirSync(this.#at);
  }

  /** A new one, all of it free, mounted. */
  static make(dir: string, name: string, bytes: number): Image {
    const image = new Image(dir, name);
    writeFileSync(image.path, '');
    truncateSync(image.path, bytes);
    const settings = 'lazy_itable_init=0,lazy_journal_init=0';
    run('mkfs.ext4', ['-q', '-b', '4096', '-m', '0', '-J', 'size=4', '-E', settings, image.path]);
    image.mount();
    return image;
  }

  /** One to which another is copied as it is at this moment. It is not mounted. */
  static forCopies(dir: string, name: string): Image {
    return new Image(dir, name);
  }

  copyTo(other: Image): void {
    run('cp', ['--reflink=auto', '--sparse=always', this.path, other.path]);
  }

  mount(): void {
    run('mount', ['-o', MOUNT, this.path, this.#at]);
  }

  unmount(): void {
    run('umount', [this.#at]);
  }

  /** The path of a file in it. */
  fileAt(name: string): string {
    return join(this.#at, name);
  }
}

function run(tool: string, args: readonly string[]): void {
  execFileSync(tool, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}
