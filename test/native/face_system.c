#define _GNU_SOURCE
/*
 * The system as the fuzzed addon finds it: it gives only so much, and what is asked for a range
 * of memory has to lie in a mapping that is open. Linked with --wrap for each function of
 * the contract; mmap, and malloc and its sisters, have the names below in the compiled addon.
 */
#include "face_values.h"

#include "../../native/mapping.h"

#include <errno.h>
#include <sys/mman.h>

/* ---- limits ---- */

/* So few that the ceiling is reached. */
size_t __wrap_smmap_os_map_limit(void);
size_t __wrap_smmap_os_map_limit(void) { return 100; }

int __real_smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure);
int __wrap_smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure);

int __wrap_smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure) {
  if (!writable || face_may_write(path)) {
    return __real_smmap_os_open(path, writable, flags, failure);
  }
  *failure = (smmap_failure){EACCES, "open"};
  return -1;
}

/* ---- mappings that are open ---- */

#define PAGE ((size_t)4096)

/* Each has a page before it and one behind it that nobody may touch. */
void *face_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);

void *face_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  if ((flags & MAP_FIXED) != 0) return mmap(address, length, protection, flags, fd, offset);
  size_t whole = (length + PAGE - 1) / PAGE * PAGE + 2 * PAGE;
  uint8_t *all = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return MAP_FAILED;
  void *inside = mmap(all + PAGE, length, protection, flags | MAP_FIXED, fd, offset);
  int before = errno;
  if (inside == MAP_FAILED) munmap(all, whole);
  errno = before;
  return inside;
}

static void unmap_with_edges(void *address, size_t length) {
  munmap((uint8_t *)address - PAGE, length + 2 * PAGE);
}

static struct {
  uint8_t *address; /* NULL: none */
  size_t length;
} open_ranges[128]; /* more than the limit allows */

#define OPEN_RANGES (sizeof open_ranges / sizeof *open_ranges)

void *__real_smmap_os_map(const smmap_map_request *request, smmap_failure *failure);
void *__wrap_smmap_os_map(const smmap_map_request *request, smmap_failure *failure);
void __wrap_smmap_os_unmap(void *address, size_t length);
bool __real_smmap_os_reserve(void *address, size_t length, bool guarded);
bool __wrap_smmap_os_reserve(void *address, size_t length, bool guarded);
void __wrap_smmap_os_unreserve(void *address, size_t length);

/* What is larger would be given, and then filled with memory. */
void *__wrap_smmap_os_map(const smmap_map_request *request, smmap_failure *failure) {
  if (request->length > FACE_MOST_BYTES) {
    *failure = (smmap_failure){ENOMEM, "mmap"};
    return NULL;
  }
  void *address = __real_smmap_os_map(request, failure);
  size_t index = 0;
  if (address == NULL) return NULL;
  while (index < OPEN_RANGES && open_ranges[index].address != NULL) index++;
  FUZZ_CHECK(index < OPEN_RANGES, "more mappings than the ceiling allows");
  open_ranges[index].address = address;
  open_ranges[index].length = (request->length + PAGE - 1) / PAGE * PAGE;
  return address;
}

static void forget(const void *address, size_t length) {
  size_t index = 0;
  while (index < OPEN_RANGES && open_ranges[index].address != address) index++;
  FUZZ_CHECK(index < OPEN_RANGES && open_ranges[index].length == length, "not what was mapped");
  open_ranges[index].address = NULL;
}

void __wrap_smmap_os_unmap(void *address, size_t length) {
  forget(address, length);
  unmap_with_edges(address, length);
}

void __wrap_smmap_os_unreserve(void *address, size_t length) { unmap_with_edges(address, length); }

bool __wrap_smmap_os_reserve(void *address, size_t length, bool guarded) {
  forget(address, length);
  return __real_smmap_os_reserve(address, length, guarded);
}

static void check_open(const void *address, size_t length) {
  for (size_t i = 0; i < OPEN_RANGES; i++) {
    uintptr_t start = (uintptr_t)open_ranges[i].address;
    uintptr_t offset = (uintptr_t)address - start;
    if (start != 0 && offset <= open_ranges[i].length &&
        length <= open_ranges[i].length - offset) {
      return;
    }
  }
  FUZZ_CHECK(false, "%zu bytes that are not those of one open mapping", length);
}

/* A function of the contract that does something to a range. */
#define ON_RANGE(name, parameters, arguments)              \
  bool __real_##name parameters;                           \
  bool __wrap_##name parameters;                           \
  bool __wrap_##name parameters {                          \
    check_open(address, length);                           \
    return __real_##name arguments;                        \
  }

ON_RANGE(smmap_os_populate, (void *address, size_t length, smmap_failure *failure),
         (address, length, failure))
ON_RANGE(smmap_os_flush,
         (void *address, size_t length, smmap_flush_kind kind, int fd, smmap_failure *failure),
         (address, length, kind, fd, failure))
ON_RANGE(smmap_os_advise, (void *address, size_t length, int advice, smmap_failure *failure),
         (address, length, advice, failure))
ON_RANGE(smmap_os_lock, (void *address, size_t length, smmap_failure *failure),
         (address, length, failure))
ON_RANGE(smmap_os_unlock, (void *address, size_t length, smmap_failure *failure),
         (address, length, failure))
ON_RANGE(smmap_os_residency,
         (void *address, size_t length, uint8_t *bits, smmap_failure *failure),
         (address, length, bits, failure))
ON_RANGE(smmap_os_has_private_pages, (void *address, size_t length), (address, length))
ON_RANGE(smmap_os_name, (void *address, size_t length, const char *name, smmap_failure *failure),
         (address, length, name, failure))

/* ---- memory ---- */

static uint32_t fail_after;

void face_allocation_fails_after(uint32_t calls) { fail_after = calls; }

static bool fails(void) { return fail_after > 0 && --fail_after == 0; }

void *face_malloc(size_t size);
void *face_calloc(size_t count, size_t size);
void *face_realloc(void *memory, size_t size);

void *face_malloc(size_t size) { return fails() ? NULL : malloc(size); }
void *face_calloc(size_t count, size_t size) { return fails() ? NULL : calloc(count, size); }
void *face_realloc(void *memory, size_t size) { return fails() ? NULL : realloc(memory, size); }
