/*
 * A small read whose file is cut in the midst of it: the kernel makes the size smaller, clears
 * bytes, and gives what it has. The read ends where the file does by then, and no zero gets out.
 */
#define _GNU_SOURCE
#include "../../native/mapping.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE 256
#define MOST 80 /* bytes of one read */
#define NEVER SIZE

#define CHECK(condition, ...)                                          \
  do {                                                                 \
    if (!(condition)) {                                                \
      fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                  \
      fprintf(stderr, __VA_ARGS__);                                    \
      abort();                                                         \
    }                                                                  \
  } while (0)

static size_t cut_to; /* by the next read */

/* Linked with --wrap. */
ssize_t __real_pread(int fd, void *into, size_t length, off_t offset);
ssize_t __wrap_pread(int fd, void *into, size_t length, off_t offset);
ssize_t __wrap_pread(int fd, void *into, size_t length, off_t offset) {
  ssize_t got = __real_pread(fd, into, length, offset);
  size_t from = (size_t)offset;
  if (cut_to == NEVER || got < 0) return got;
  CHECK(ftruncate(fd, (off_t)cut_to) == 0, "cannot cut");
  size_t kept = cut_to > from ? cut_to - from : 0;
  if (kept < (size_t)got) memset((uint8_t *)into + kept, 0, (size_t)got - kept);
  return got;
}

static void fill(int fd, const uint8_t *content) {
  CHECK(pwrite(fd, content, SIZE, 0) == SIZE, "cannot write");
}

static void expect(int fd, const uint8_t *content, size_t from, size_t length, size_t expected) {
  uint8_t into[MOST];
  memset(into, 255, sizeof into);
  size_t got = smmap_os_read(fd, into, length, from);
  CHECK(got == expected, "%zu from %zu cut to %zu: %zu and not %zu", length, from, cut_to, got, expected);
  CHECK(memcmp(into, content + from, got) == 0, "wrong bytes from %zu", from);
}

int main(int argc, char **argv) {
  uint8_t content[SIZE];
  if (argc != 2) return 2;
  int fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  CHECK(fd >= 0, "%s", argv[1]);
  /* No zeros of its own in the first half, and whole words of them in the second. */
  for (size_t i = 0; i < SIZE; i++) content[i] = i < SIZE / 2 ? (uint8_t)(i + 1) : (uint8_t)(i / 16 % 2 * i);
  for (size_t from = 0; from < SIZE; from++) {
    for (size_t length = 1; length <= MOST && from + length <= SIZE; length++) {
      cut_to = NEVER;
      fill(fd, content);
      expect(fd, content, from, length, length);
      /* The kernel clears whole words at the least: those of the file that lie behind the cut. */
      cut_to = (from + length / 2) / 8 * 8;
      expect(fd, content, from, length, cut_to > from ? cut_to - from : 0);
    }
  }
  cut_to = NEVER;
  fill(fd, content);
  expect(fd, content, SIZE - 3, MOST, 3);
  CHECK(close(fd) == 0, "close");
  return 0;
}
