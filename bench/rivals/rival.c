/*
 * The limits, in C: what the machine does without any JavaScript. Started with a job and a file;
 * each line on the standard input is a number of times, answered by "nanoseconds answer".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *path;
static int fd;
static size_t size;
static const uint8_t *bytes;
static const char *needle = "";
static size_t piece = 4096, places;
static uint64_t *offsets;
static uint8_t buffer[1 << 20];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static uint64_t touch(void) {
  uint64_t sum = 0;
  for (size_t i = 0; i < size; i += 64) sum += bytes[i];
  return sum;
}

static uint64_t sum(void) {
  uint64_t total = 0;
  for (size_t i = 0; i < size; i++) total += bytes[i];
  return total;
}

static uint64_t lines(void) {
  uint64_t count = 0;
  const uint8_t *at = bytes, *end = bytes + size;
  while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
    count++;
    at++;
  }
  return count;
}

/* Where it is found first; the file's size when nowhere. */
static uint64_t find(void) {
  const uint8_t *at = memmem(bytes, size, needle, strlen(needle));
  return at == NULL ? size : (uint64_t)(at - bytes);
}

/* The rest does one small thing each time. */

static size_t turn;

static uint64_t next_offset(void) {
  uint64_t offset = offsets[turn];
  if (++turn == places) turn = 0;
  return offset;
}

static uint64_t read_piece(void) {
  return pread(fd, buffer, piece, (off_t)next_offset()) > 0 ? buffer[0] : 0;
}

static uint64_t map_piece(void) {
  uint64_t offset = next_offset();
  uint64_t begin = offset / piece * piece;
  size_t length = begin + piece > size ? size - begin : piece;
  const uint8_t *window = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, (off_t)begin);
  if (window == MAP_FAILED) exit(3);
  uint64_t byte = window[offset - begin];
  munmap((void *)window, length);
  return byte;
}

static uint64_t stat_path(void) {
  struct stat status;
  return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static uint64_t stat_fd(void) {
  struct stat status;
  return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* Takes the file out of the system's cache. */
static uint64_t drop(void) {
  fdatasync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  return 0;
}

static char **command;
static double of_children;

/* Runs a command to its end; the number that it writes first. */
static uint64_t run(void) {
  int ends[2], status;
  struct rusage usage;
  size_t got = 0;
  if (pipe(ends) != 0) exit(4);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(command[0], command);
    _exit(127);
  }
  close(ends[1]);
  for (ssize_t more; got < sizeof buffer - 1; got += (size_t)more) {
    more = read(ends[0], buffer + got, sizeof buffer - 1 - got);
    if (more <= 0) break;
  }
  buffer[got] = 0;
  close(ends[0]);
  if (wait4(child, &status, 0, &usage) < 0 || status != 0) exit(4);
  of_children += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
  return strtoull((const char *)buffer, NULL, 10);
}

static const struct {
  const char *name;
  uint64_t (*job)(void);
} jobs[] = {{"touch", touch},     {"sum", sum},     {"lines", lines}, {"find", find},
            {"read", read_piece}, {"map", map_piece}, {"stat", stat_path}, {"fstat", stat_fd},
            {"drop", drop},       {"run", run}};

/* A file of 8-byte offsets, little endian as the machine is. */
static void load_offsets(const char *name) {
  FILE *file = fopen(name, "rb");
  struct stat status;
  if (file == NULL || fstat(fileno(file), &status) != 0) exit(2);
  places = (size_t)status.st_size / sizeof *offsets;
  offsets = malloc((size_t)status.st_size);
  if (offsets == NULL || fread(offsets, sizeof *offsets, places, file) != places) exit(2);
  fclose(file);
}

/* rival JOB PATH [NEEDLE | PIECE OFFSETS], or rival run PATH COMMAND… */
int main(int count, char **arguments) {
  struct stat status;
  char line[64];
  uint64_t (*job)(void) = NULL;
  if (count < 3) return 2;
  for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
    if (strcmp(jobs[i].name, arguments[1]) == 0) job = jobs[i].job;
  }
  path = arguments[2];
  fd = open(path, O_RDONLY);
  if (job == NULL || fd < 0 || fstat(fd, &status) != 0) return 2;
  size = (size_t)status.st_size;
  if (job == run) {
    command = &arguments[3];
  } else if (count == 4) {
    needle = arguments[3];
  }
  if (count == 5 && job != run) {
    piece = (size_t)strtoull(arguments[3], NULL, 10);
    load_offsets(arguments[4]);
    if (piece > sizeof buffer && job == read_piece) return 2;
  } else {
    bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) return 3;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    uint64_t answer = 0;
    double begin = now();
    of_children = 0;
    for (uint64_t times = strtoull(line, NULL, 10); times > 0; times--) answer = job();
    printf("%.0f %llu\n", now() - begin + of_children, (unsigned long long)answer);
    fflush(stdout);
  }
  return 0;
}
