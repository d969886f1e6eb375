/* The platform contract, where Linux and macOS agree. */
#include "mapping.h"
#include "mapping_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(smmap_failure *failure, const char *syscall) {
  failure->code = errno;
  failure->syscall = syscall;
  return -1;
}

size_t smmap_os_page_size(void) {
  long size = sysconf(_SC_PAGESIZE);
  return size > 0 ? (size_t)size : 4096;
}

size_t smmap_os_granularity(void) { return smmap_os_page_size(); }

size_t smmap_os_address_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  return (size_t)limit.rlim_cur;
}

size_t smmap_os_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  return (size_t)limit.rlim_cur;
}

/* Under `ulimit -v`: so much, or this part of the limit, is left for the JavaScript engine,
   which ends the process when it gets no addresses. */
#define ROOM_FOR_ENGINE ((size_t)128 << 20)
#define ROOM_SHARE 16

static bool leaves_room(void) {
  size_t limit = smmap_os_address_limit();
  if (limit == 0) return true;
  size_t size = limit / ROOM_SHARE < ROOM_FOR_ENGINE ? limit / ROOM_SHARE : ROOM_FOR_ENGINE;
  void *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return false;
  munmap(room, size);
  return true;
}

static void *map(const smmap_map_request *request, int protection, int flags) {
  int origin = request->fd < 0 ? MAP_ANONYMOUS : 0;
  void *address = mmap(NULL, request->length, protection, flags | origin | request->flags, request->fd,
                       (off_t)request->offset);
  return address == MAP_FAILED ? NULL : address;
}

void *smmap_os_map(const smmap_map_request *request, smmap_failure *failure) {
  void *address = NULL;
  switch (request->mode) {
    case SMMAP_READ:
      /* Writable but private: a store through a raw view from JavaScript would
         otherwise end the process, and can so never reach the file. */
      address = map(request, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE);
      /* Such a mapping counts as data (`ulimit -d`, strict overcommit); a plain one does not.
         Where the cause was another, this fails too. */
      if (address == NULL && errno == ENOMEM) {
        address = map(request, PROT_READ, MAP_SHARED);
      }
      break;
    case SMMAP_WRITE:
      address = map(request, PROT_READ | PROT_WRITE, MAP_SHARED);
      break;
    case SMMAP_COPY:
      address = map(request, PROT_READ | PROT_WRITE, MAP_PRIVATE);
      break;
  }
  if (address != NULL && !leaves_room()) {
    munmap(address, request->length);
    errno = ENOMEM;
    address = NULL;
  }
  if (address == NULL) failed(failure, "mmap");
  return address;
}

void smmap_os_unmap(void *address, size_t length) { munmap(address, length); }

/* Whether private memory that can be stored into is counted (`ulimit -d`): the engine needs what is left. */
static bool data_is_limited(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

bool smmap_os_reserve(void *address, size_t length, bool guarded) {
  /* Pages past the end of an empty file: a system call that is still at work there gets
     EFAULT, and a thread of the pool (compressing, hashing) a fault that is mended. */
  if (guarded && smmap_posix_map_nothing(address, length)) return true;
  if (smmap_os_zero(address, length)) return true;
  munmap(address, length);
  return false;
}

void smmap_os_unreserve(void *address, size_t length) { munmap(address, length); }

bool smmap_os_zero(void *address, size_t length) {
  /* Whoever lost a page may be storing into it, so they must be writable. Shared ones are no data. */
  int sharing = data_is_limited() ? MAP_SHARED : MAP_PRIVATE;
  /* MAP_FIXED replaces the old pages in one step: no other thread can map in between. */
  return mmap(address, length, PROT_READ | PROT_WRITE,
              sharing | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

/* Nothing is created, emptied or written by opening; which others make sense is the caller's to say. */
#define FORBIDDEN_FLAGS (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND)

int smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure) {
  /* O_NONBLOCK: opening a pipe must not wait for its writer; it means nothing on a regular file. */
  int mode = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  int fd;
  do {
    fd = open(path, mode | (flags & ~FORBIDDEN_FLAGS));
  } while (fd < 0 && errno == EINTR);
  return fd < 0 ? failed(failure, "open") : fd;
}

int smmap_os_duplicate(int fd, bool writable, smmap_failure *failure) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return failed(failure, "fcntl");
  int mode = flags & O_ACCMODE;
  if (mode != O_RDWR && (writable || mode != O_RDONLY)) {
    *failure = (smmap_failure){EACCES, "mmap"}; /* as the mapping would be refused */
    return -1;
  }
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? failed(failure, "fcntl") : copy;
}

void smmap_os_close(int fd) { close(fd); }

smmap_file_kind smmap_posix_kind(unsigned mode) {
  return S_ISREG(mode) ? SMMAP_FILE_REGULAR : S_ISDIR(mode) ? SMMAP_FILE_DIRECTORY : SMMAP_FILE_OTHER;
}

bool smmap_os_status(int fd, smmap_file_status *status, smmap_failure *failure) {
  if (smmap_posix_status(NULL, fd, status)) return true;
  failed(failure, "fstat");
  return false;
}

bool smmap_os_size(int fd, uint64_t *size, smmap_failure *failure) {
  if (smmap_posix_size(fd, size)) return true;
  failed(failure, "fstat");
  return false;
}

bool smmap_os_status_of_path(const char *path, smmap_file_status *status,
                             smmap_failure *failure) {
  if (smmap_posix_status(path, -1, status)) return true;
  failed(failure, "stat");
  return false;
}

bool smmap_os_truncate(int fd, uint64_t size, smmap_failure *failure) {
  int result;
  do {
    result = ftruncate(fd, (off_t)size);
  } while (result != 0 && errno == EINTR);
  return result == 0 || failed(failure, "ftruncate") == 0;
}

/* Pages are cleared by words of so many bytes at the least. */
#define CLEARED 8

/* Whether all that was read of some word of the file is zeros. */
static bool may_be_cleared(const uint8_t *bytes, size_t got, uint64_t offset) {
  for (size_t at = 0; at < got;) {
    const uint8_t *zero = memchr(bytes + at, 0, got - at); /* at < got: inside what was read */
    if (zero == NULL) return false;
    uint64_t word = offset + (size_t)(zero - bytes);
    word -= word % CLEARED;
    size_t first = word > offset ? (size_t)(word - offset) : 0;
    size_t past = word + CLEARED - offset < got ? (size_t)(word + CLEARED - offset) : got;
    for (at = first; at < past && bytes[at] == 0;) at++; /* past <= got */
    if (at == past) return true;
    at = past;
  }
  return false;
}

size_t smmap_posix_still_there(int fd, const void *bytes, size_t got, uint64_t offset) {
  uint64_t size;
  if (!may_be_cleared(bytes, got, offset)) return got;
  if (!smmap_posix_size(fd, &size) || size <= offset) return 0;
  uint64_t left = size - offset;
  return left < got ? (size_t)left : got;
}

size_t smmap_os_read(int fd, void *into, size_t length, uint64_t offset) {
  size_t done = 0;
  while (done < length) {
    /* done < length: what is left of `into` */
    ssize_t got = pread(fd, (uint8_t *)into + done, length - done, (off_t)(offset + done));
    if (got <= 0 && !(got < 0 && errno == EINTR)) break;
    if (got > 0) done += (size_t)got;
  }
  return smmap_posix_still_there(fd, into, done, offset);
}

uintptr_t smmap_os_thread(void) { return (uintptr_t)pthread_self(); }

bool smmap_os_unlock(void *address, size_t length, smmap_failure *failure) {
  return munlock(address, length) == 0 || failed(failure, "munlock") == 0;
}

size_t smmap_os_lock_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return (size_t)limit.rlim_cur;
}

/* As msync(2) has it: one of its two ways, and whether others look again. */
static int flags_of(smmap_flush_kind kind) {
  int way = kind == SMMAP_FLUSH_ASYNC || kind == SMMAP_FLUSH_ASYNC_INVALIDATE ? MS_ASYNC : MS_SYNC;
  return kind >= SMMAP_FLUSH_SYNC_INVALIDATE ? way | MS_INVALIDATE : way;
}

bool smmap_posix_msync(void *address, size_t length, smmap_flush_kind kind,
                       smmap_failure *failure) {
  return msync(address, length, flags_of(kind)) == 0 || failed(failure, "msync") == 0;
}

/* Pages asked for at one time: what `answers` below holds. */
#define PAGES_AT_ONCE 4096

bool smmap_os_residency(void *address, size_t length, uint8_t *bits, smmap_failure *failure) {
  unsigned char answers[PAGES_AT_ONCE];
  size_t page = smmap_os_page_size();
  size_t pages = (length + page - 1) / page;
  for (size_t first = 0; first < pages; first += PAGES_AT_ONCE) {
    size_t count = pages - first < PAGES_AT_ONCE ? pages - first : PAGES_AT_ONCE;
    /* [first, first + count) are pages of the range: inside what is mapped. The cast: on macOS
       the answers are signed. */
    if (mincore((uint8_t *)address + first * page, count * page, (void *)answers) != 0) {
      failed(failure, "mincore");
      return false;
    }
    for (size_t i = 0; i < count; i++) {
      uint8_t bit = (uint8_t)(1u << ((first + i) % 8));
      uint8_t *byte = &bits[(first + i) / 8]; /* `bits` has one bit for each of `pages` */
      *byte = (uint8_t)((answers[i] & 1) != 0 ? *byte | bit : *byte & ~bit);
    }
  }
  return true;
}

void smmap_os_yield(void) { sched_yield(); }
