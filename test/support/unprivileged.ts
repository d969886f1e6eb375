/** Doing something as a user whom file permissions bind. */

const NOBODY = 65534;

/** Runs `body` without the superuser's right to read everything. */
export function withoutPrivileges(body: () => void): void {
  if (process.geteuid?.() !== 0) {
    body();
    return;
  }
  process.seteuid?.(NOBODY);
  try {
    body();
  } finally {
    process.seteuid?.(0);
  }
}
