/* The files of the fuzzed addon: one that changes, and one that nobody may write. */
#define _GNU_SOURCE
#include "face_values.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 256
#define FIXED_SIZE 40000

static char folder[PATH_MAX], changing[PATH_MAX], fixed[PATH_MAX], missing[PATH_MAX];
static int changing_fd = -1, fixed_fd = -1;
static int open_at_first;
static uint8_t fixed_content[FIXED_SIZE];

static int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < DESCRIPTORS; fd++) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

static void remove_files(void) {
  unlink(changing);
  unlink(fixed);
  rmdir(folder);
}

static void name_file(char *path, const char *name) {
  FUZZ_CHECK(snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX, "%s", name);
}

void face_files(void) {
  if (changing_fd >= 0) return;
  const char *home = getenv("TMPDIR");
  FUZZ_CHECK(home != NULL, "TMPDIR has to say where files may be made");
  int length = snprintf(folder, PATH_MAX, "%s/fuzz-XXXXXX", home);
  FUZZ_CHECK(length < PATH_MAX && mkdtemp(folder) != NULL, "%s", folder);
  name_file(changing, "changing");
  name_file(fixed, "fixed");
  name_file(missing, "missing");
  atexit(remove_files);
  changing_fd = open(changing, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  int writing = open(fixed, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  for (size_t i = 0; i < FIXED_SIZE; i++) fixed_content[i] = (uint8_t)(i * 2654435761u >> 24);
  FUZZ_CHECK(write(writing, fixed_content, FIXED_SIZE) == FIXED_SIZE, "%s", fixed);
  close(writing);
  fixed_fd = open(fixed, O_RDONLY | O_CLOEXEC); /* so that a duplicate cannot write either */
  /* No file may become large: what asks for that gets EFBIG. */
  struct rlimit limit = {FACE_MOST_BYTES, FACE_MOST_BYTES};
  signal(SIGXFSZ, SIG_IGN);
  FUZZ_CHECK(changing_fd >= 0 && fixed_fd >= 0 && setrlimit(RLIMIT_FSIZE, &limit) == 0, "%s", changing);
  open_at_first = open_descriptors();
}

const char *face_path(uint32_t choice) {
  const char *const paths[] = {changing, fixed, changing, fixed, folder, missing, "", "/dev/null"};
  return paths[choice % (sizeof paths / sizeof *paths)];
}

bool face_may_write(const char *path) { return strcmp(path, fixed) != 0; }

void face_resize(size_t size) {
  FUZZ_CHECK(ftruncate(changing_fd, (off_t)size) == 0, "%zu", size);
}

void face_check_files(void) {
  static uint8_t now[FIXED_SIZE];
  FUZZ_CHECK(pread(fixed_fd, now, FIXED_SIZE, 0) == FIXED_SIZE, "%s", fixed);
  FUZZ_CHECK(memcmp(now, fixed_content, FIXED_SIZE) == 0, "a file opened for reading was changed");
  int count = open_descriptors();
  FUZZ_CHECK(count == open_at_first, "%d descriptors are open, and not %d", count, open_at_first);
}
