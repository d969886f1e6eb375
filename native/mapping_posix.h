/* What mapping_posix.c, guard_posix.c and the file of one POSIX system share. */
#ifndef SMMAP_MAPPING_POSIX_H
#define SMMAP_MAPPING_POSIX_H

#include "mapping.h"

#include <fcntl.h>
#include <signal.h>

/* What a path stands for, or an open descriptor when `path` is NULL. False: failed, errno is set. */
bool smmap_posix_status(const char *path, int fd, smmap_file_status *status);

/* As smmap_os_size; sets errno. */
bool smmap_posix_size(int fd, uint64_t *size);

/*
 * Replaces the mapped range by pages past the end of an empty file. False: the
 * system has no way, or refused; the range is as it was.
 */
bool smmap_posix_map_nothing(void *address, size_t length);

/* msync(2), which on macOS is half of smmap_os_flush. */
bool smmap_posix_msync(void *address, size_t length, smmap_flush_kind kind, smmap_failure *failure);

/* The kind that a mode of stat(2) tells. */
smmap_file_kind smmap_posix_kind(unsigned mode);

/* The calling thread's number, never 0. Async-signal-safe. */
uintptr_t smmap_posix_thread(void);

/* Where the interrupted code stood. Async-signal-safe. */
uintptr_t smmap_posix_program_counter(const void *context);

/*
 * Whether reading at the address (writing, when that is what failed) works now.
 * Async-signal-safe.
 */
bool smmap_posix_reachable(uintptr_t address, const void *context);

/*
 * First page of [start, end) that cannot be had, given that the page at
 * `lost` cannot; pages from there on are taken for lost too. Where the system
 * cannot say, `lost` itself, and `*only_one` is set. Async-signal-safe.
 */
uintptr_t smmap_posix_first_lost(uintptr_t start, uintptr_t lost, size_t page, bool *only_one);

/* si_code of a memory error in a page that was touched (BUS_MCEERR_AR); one that never occurs elsewhere. */
extern const int smmap_posix_memory_error;

/* si_code of a memory error that nobody has run into yet (BUS_MCEERR_AO); a value that never occurs elsewhere. */
extern const int smmap_posix_early_warning;

/*
 * How many of the `got` bytes that a read from `offset` gave the file still has. One that is cut
 * while it is read gives zeros for what goes: the system first makes the size smaller, then clears
 * the pages, so whoever saw such a zero sees the new size, too. Nothing is asked where no word of
 * the file is zeros as a whole.
 */
size_t smmap_posix_still_there(int fd, const void *bytes, size_t got, uint64_t offset);

/* A semaphore a signal handler may raise. */
void smmap_posix_bell_init(void);
void smmap_posix_bell_ring(void);
void smmap_posix_bell_wait(void);

#endif
