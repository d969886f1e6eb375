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

/*
 * Maps `length` bytes (at least 1) of the file from `offset`, a multiple of the
 * granularity. Returns NULL and fills `failure` when the system says no.
 */
void *smmap_os_map(int fd, uint64_t offset, size_t length, smmap_mode mode,
                   smmap_failure *failure);

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

/* Brings written pages of the range, and what is needed to find them, to the device. */
bool smmap_os_flush(void *address, size_t length, smmap_failure *failure);

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

/* Opens a file for reading (or reading and writing) without ever waiting for a peer. -1: failed. */
int smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure);

/* A second descriptor of the same open file, not inherited by children. -1: failed. */
int smmap_os_duplicate(int fd, bool writable, smmap_failure *failure);

void smmap_os_close(int fd);

bool smmap_os_status(int fd, smmap_file_status *status, smmap_failure *failure);
bool smmap_os_status_of_path(const char *path, smmap_file_status *status,
                             smmap_failure *failure);

/* Lets other threads run. */
void smmap_os_yield(void);

#endif
