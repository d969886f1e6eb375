/*
 * The platform contract: what every operating system fills in.
 *
 * mapping_posix.c with mapping_linux.c or mapping_darwin.c fills it on POSIX
 * systems, mapping_win32.c on Windows; binding.gyp picks the files. Nothing here
 * knows of windows, budgets or JavaScript. Every size and offset is in bytes.
 */
#ifndef SMMAP_MAPPING_H
#define SMMAP_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a call failed: the system's error number (0: it did not) and the call that gave it. */
typedef struct {
  int code;
  const char *syscall;
} smmap_failure;

/* What stores into the memory do. */
typedef enum {
  SMMAP_READ = 0,  /* reading is meant; a stray store stays private and harmless, unless a limit
                      of data (`ulimit -d`) leaves only a mapping where it is fatal */
  SMMAP_WRITE = 1, /* stores reach the file */
  SMMAP_COPY = 2,  /* stores are private to this mapping */
} smmap_mode;

/* A mapping that is wanted. */
typedef struct {
  int fd;          /* -1: memory of no file, zeros at first */
  uint64_t offset; /* a multiple of the granularity */
  size_t length;   /* at least 1 */
  smmap_mode mode;
  int flags;        /* of mmap(2), beside those that the mode stands for; see smmap_os_may_flag */
  const char *name; /* UTF-8, under which other processes find it (Windows); NULL: none */
} smmap_map_request;

/* What a file is, as far as this package asks. */
typedef enum {
  SMMAP_FILE_REGULAR = 0,
  SMMAP_FILE_DIRECTORY = 1,
  SMMAP_FILE_OTHER = 2, /* pipe, socket, device */
} smmap_file_kind;

typedef struct {
  uint64_t device;
  uint64_t inode;
  uint64_t size;
  int64_t born_ns; /* when it was made, nanoseconds since 1970; 0 where nobody keeps that */
  smmap_file_kind kind;
} smmap_file_status;

/* Unit of residency. */
size_t smmap_os_page_size(void);

/* Unit of mapping offsets: the page on POSIX systems, 65,536 on Windows. */
size_t smmap_os_granularity(void);

/* Mappings the system grants one process; 0 where it names no limit. */
size_t smmap_os_map_limit(void);

/* Bytes of address space the process may use; 0 where there is no limit. */
size_t smmap_os_address_limit(void);

/* Descriptors the process may have open; 0 where there is no limit. */
size_t smmap_os_descriptor_limit(void);

/* Whether all of these may be among the flags of a request: known here, and of no harm to the process. */
bool smmap_os_may_flag(int flags);

/* Maps what is wanted. Returns NULL and fills `failure` when the system says no. */
void *smmap_os_map(const smmap_map_request *request, smmap_failure *failure);

/* Gives the range back to the system. */
void smmap_os_unmap(void *address, size_t length);

/*
 * Replaces the mapped range by address space of no use, so that no later mapping
 * lands there. `guarded`: the guard survives faults in it, so the range may be one
 * that faults: then the kernel itself refuses to read or write there for anybody,
 * and a thread that does so by itself meets zeros. Else it reads as zeros from the
 * start. False: the range is unmapped, nothing is held.
 */
bool smmap_os_reserve(void *address, size_t length, bool guarded);

/* Gives back what smmap_os_reserve holds. */
void smmap_os_unreserve(void *address, size_t length);

/* Replaces the mapped range by private zeros. Async-signal-safe. */
bool smmap_os_zero(void *address, size_t length);

/*
 * Brings the pages of the range into memory without marking them dirty. False:
 * a page could not be had (`code` EFAULT), or the system cannot do this.
 */
bool smmap_os_populate(void *address, size_t length, smmap_failure *failure);

/* How smmap_os_flush works; the numbers of msync(2) differ from system to system. */
typedef enum {
  SMMAP_FLUSH_SYNC = 0,           /* returns when all is done */
  SMMAP_FLUSH_ASYNC = 1,          /* has it begun */
  SMMAP_FLUSH_SYNC_INVALIDATE = 2, /* and has other mappings of the file look again */
  SMMAP_FLUSH_ASYNC_INVALIDATE = 3,
} smmap_flush_kind;

/*
 * Brings written pages of the range, and what is needed to find them, to the device.
 * `fd` is the mapped file, -1 where none is held: only Linux does it all without.
 */
bool smmap_os_flush(void *address, size_t length, smmap_flush_kind kind, int fd,
                    smmap_failure *failure);

/* Tells the kernel how the pages will be used; `advice` is the system's own number. What could
   harm the process, and what is not known here, is refused (EINVAL). */
bool smmap_os_advise(void *address, size_t length, int advice, smmap_failure *failure);

/* Keeps the pages in memory, without giving the process copies of its own of those of a file. */
bool smmap_os_lock(void *address, size_t length, smmap_failure *failure);
bool smmap_os_unlock(void *address, size_t length, smmap_failure *failure);

/* Bytes that the process may lock; SIZE_MAX where there is no limit. */
size_t smmap_os_lock_limit(void);

/* Sets bit `page % 8` of byte `page / 8` for each page that is in memory, and clears the others. */
bool smmap_os_residency(void *address, size_t length, uint8_t *bits, smmap_failure *failure);

/* Whether the system says the truth about pages of this file to this process. */
bool smmap_os_tells_residency(int fd);

/* Tells the calling thread from all others that run. */
uintptr_t smmap_os_thread(void);

/* Names memory of no file for those who look at the process from outside. */
bool smmap_os_name(void *address, size_t length, const char *name, smmap_failure *failure);

/*
 * Reads from the file; returns how many bytes, fewer at its end, 0 also when something failed.
 * What the file loses meanwhile does not count.
 */
size_t smmap_os_read(int fd, void *into, size_t length, uint64_t offset);

/*
 * Reads from the file what can be had without waiting for the device; returns how
 * many bytes, 0 also when the system cannot say or something failed.
 */
size_t smmap_os_read_now(int fd, void *into, size_t length, uint64_t offset);

/*
 * Whether the range, mapped with SMMAP_COPY, holds stores of its own that would be
 * lost with it. True where the system cannot say.
 */
bool smmap_os_has_private_pages(void *address, size_t length);

/*
 * Makes the file `size` bytes long, from `old_size`, with every new block allocated:
 * a full disk is told now and not by a fault later. False: the file is as it was.
 */
bool smmap_os_extend(int fd, uint64_t old_size, uint64_t size, smmap_failure *failure);

/* Makes the file `size` bytes long, which is less than it has. False: it is as it was. */
bool smmap_os_truncate(int fd, uint64_t size, smmap_failure *failure);

/* Opens a file for reading (or reading and writing) without ever waiting for a peer. -1: failed. */
int smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure);

/* A second descriptor of the same open file, not inherited by children. -1: failed. */
int smmap_os_duplicate(int fd, bool writable, smmap_failure *failure);

void smmap_os_close(int fd);

bool smmap_os_status(int fd, smmap_file_status *status, smmap_failure *failure);
bool smmap_os_status_of_path(const char *path, smmap_file_status *status,
                             smmap_failure *failure);

/*
 * Bytes in the file as far as this machine knows: what was cut here is seen at once, and no server
 * is waited for where the system can do without (Linux).
 */
bool smmap_os_size(int fd, uint64_t *size, smmap_failure *failure);

/* Lets other threads run. */
void smmap_os_yield(void);

#endif
