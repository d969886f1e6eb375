/* The platform contract, where Linux is on its own. */
#define _GNU_SOURCE
#include "mapping_posix.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

/* Values of asm-generic/mman-common.h, spelled out: older C libraries lack the names. */
#define SMMAP_MADV_COLD 20
#define SMMAP_MADV_PAGEOUT 21
#define SMMAP_MADV_POPULATE_READ 22
#define SMMAP_MADV_POPULATE_WRITE 23
#define SMMAP_MADV_COLLAPSE 25

const int smmap_posix_memory_error = BUS_MCEERR_AR;
const int smmap_posix_early_warning = BUS_MCEERR_AO;

/* Linux keeps 65,530 as the default of vm.max_map_count since 2.6 (mm/util.c). */
#define DEFAULT_MAP_LIMIT 65530

size_t smmap_os_map_limit(void) {
  char text[32];
  int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return DEFAULT_MAP_LIMIT;
  ssize_t got = read(fd, text, sizeof text - 1);
  close(fd);
  if (got <= 0) return DEFAULT_MAP_LIMIT;
  text[got] = '\0'; /* got < sizeof text */
  unsigned long long limit = strtoull(text, NULL, 10);
  return limit > 0 ? (size_t)limit : DEFAULT_MAP_LIMIT;
}

/* For kernels and sandboxes without statx(2): no time of birth. The system call itself,
   because the C library's wrapper became a symbol only in glibc 2.33. */
static bool status_without_birth(const char *path, int fd, smmap_file_status *status) {
  struct stat got;
  long result = path == NULL ? syscall(SYS_fstat, fd, &got)
                             : syscall(SYS_newfstatat, AT_FDCWD, path, &got, 0);
  if (result != 0) return false;
  *status = (smmap_file_status){
      .device = got.st_dev,
      .inode = got.st_ino,
      .size = got.st_size < 0 ? 0 : (uint64_t)got.st_size,
      .kind = smmap_posix_kind(got.st_mode),
  };
  return true;
}

bool smmap_posix_status(const char *path, int fd, smmap_file_status *status) {
  struct statx got;
  int flags = path == NULL ? AT_EMPTY_PATH : 0;
  /* The time of change is asked for though nobody reads it: Linux 6.13 and later then see to
     it that what happens next has another time, be it within the same tick of the clock. */
  unsigned wanted = STATX_TYPE | STATX_INO | STATX_SIZE | STATX_BTIME | STATX_CTIME;
  if (syscall(SYS_statx, path == NULL ? fd : AT_FDCWD, path == NULL ? "" : path, flags, wanted,
              &got) != 0) {
    return (errno == ENOSYS || errno == EPERM) && status_without_birth(path, fd, status);
  }
  bool has_birth = (got.stx_mask & STATX_BTIME) != 0;
  *status = (smmap_file_status){
      .device = (uint64_t)got.stx_dev_major << 32 | got.stx_dev_minor,
      .inode = got.stx_ino,
      .size = got.stx_size,
      .born_ns = has_birth ? got.stx_btime.tv_sec * 1000000000 + got.stx_btime.tv_nsec : 0,
      .kind = smmap_posix_kind(got.stx_mode),
  };
  return true;
}

bool smmap_posix_size(int fd, uint64_t *size) {
  struct statx got;
  smmap_file_status status;
  if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_SIZE, &got) == 0) {
    *size = got.stx_size;
    return true;
  }
  if ((errno != ENOSYS && errno != EPERM) || !status_without_birth(NULL, fd, &status)) return false;
  *size = status.size;
  return true;
}

/* A page of an empty file, and no descriptor of it: mremap(2) makes more of the same. */
static void *map_empty_file(void) {
  int fd = (int)syscall(SYS_memfd_create, "smmap-closed", MFD_CLOEXEC);
  if (fd < 0) return NULL;
  void *page = mmap(NULL, smmap_os_page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return page == MAP_FAILED ? NULL : page;
}

bool smmap_posix_map_nothing(void *address, size_t length) {
  static void *_Atomic pattern;
  void *have = atomic_load(&pattern);
  if (have == NULL) {
    void *fresh = map_empty_file();
    if (fresh == NULL) return false;
    if (atomic_compare_exchange_strong(&pattern, &have, fresh)) have = fresh;
    else munmap(fresh, smmap_os_page_size()); /* another thread was faster */
  }
  /* An old size of 0 copies a shared mapping instead of moving it. */
  return mremap(have, 0, length, MREMAP_MAYMOVE | MREMAP_FIXED, address) != MAP_FAILED;
}

bool smmap_os_populate(void *address, size_t length, smmap_failure *failure) {
  int result;
  do {
    result = madvise(address, length, SMMAP_MADV_POPULATE_READ);
  } while (result != 0 && (errno == EINTR || errno == EAGAIN));
  if (result == 0) return true;
  /* Before Linux 5.14 the advice is unknown: ask for reading ahead, which promises less. */
  if (errno == EINVAL && madvise(address, length, MADV_WILLNEED) == 0) return true;
  failure->code = errno;
  failure->syscall = "madvise";
  return false;
}

/* Bits of an entry of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGE_PRESENT ((uint64_t)1 << 63)
#define PAGE_SWAPPED ((uint64_t)1 << 62)
#define PAGE_OF_FILE ((uint64_t)1 << 61)

bool smmap_os_has_private_pages(void *address, size_t length) {
  uint64_t entries[512];
  size_t page = smmap_os_page_size();
  uint64_t next = (uintptr_t)address / page;
  uint64_t end = ((uintptr_t)address + length) / page;
  int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  bool found = fd < 0;
  while (!found && next < end) {
    size_t wanted = end - next < 512 ? (size_t)(end - next) : 512; /* what `entries` holds */
    ssize_t got = pread(fd, entries, wanted * sizeof *entries, (off_t)(next * sizeof *entries));
    size_t count = got > 0 ? (size_t)got / sizeof *entries : 0;
    found = count == 0; /* it will not say */
    for (size_t i = 0; i < count && !found; i++) {
      /* A page of its own is in memory or in swap, and is not the file's. */
      found = (entries[i] & (PAGE_PRESENT | PAGE_SWAPPED)) != 0 && (entries[i] & PAGE_OF_FILE) == 0;
    }
    next += count;
  }
  if (fd >= 0) close(fd);
  return found;
}

/* Allocates blocks; the size changes only where `mode` says so, and never to less. 0 or an errno. */
static int allocate(int fd, int mode, uint64_t offset, uint64_t length) {
  int result;
  do {
    result = fallocate(fd, mode, (off_t)offset, (off_t)length);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

/*
 * Whether so many bytes surely do not fit: trying would take the whole disk from everybody for as
 * long as it takes to find out. Blocks that the file has already, beyond its end, may be used.
 */
static bool cannot_fit(int fd, uint64_t length) {
  struct statvfs disk;
  struct stat file;
  if (fstatvfs(fd, &disk) != 0 || disk.f_blocks == 0 || syscall(SYS_fstat, fd, &file) != 0) {
    return false;
  }
  uint64_t unit = disk.f_frsize;
  return length / unit > (uint64_t)disk.f_bfree + (uint64_t)file.st_blocks * 512 / unit;
}

bool smmap_os_extend(int fd, uint64_t old_size, uint64_t size, smmap_failure *failure) {
  uint64_t length = size - old_size;
  if (cannot_fit(fd, length)) {
    *failure = (smmap_failure){ENOSPC, "fallocate"};
    return false;
  }
  /* The blocks first: when there are too few the size is what it was, and if it is
     not, somebody else made the file longer meanwhile and it must not be cut. */
  int code = allocate(fd, FALLOC_FL_KEEP_SIZE, old_size, length);
  if (code == 0) code = allocate(fd, 0, old_size, length);
  /* The C library then stores into each block, so that the size grows until one cannot be had:
     what somebody else appended meanwhile cannot be told from that. */
  bool block_by_block = false;
  if (code == EOPNOTSUPP) {
    code = posix_fallocate(fd, (off_t)old_size, (off_t)length);
    block_by_block = code == ENOSPC || code == EDQUOT || code == EFBIG || code == EIO;
  }
  if (code == 0) return true;
  smmap_file_status now;
  if (smmap_posix_status(NULL, fd, &now) &&
      (now.size == old_size || (block_by_block && now.size > old_size && now.size <= size)) &&
      ftruncate(fd, (off_t)old_size) != 0) { /* the first failure is the one to tell */ }
  failure->code = code;
  failure->syscall = "fallocate";
  return false;
}

/* msync(2) of a shared mapping ends in the file system's own sync: the file's size is with the
   device as well (mm/msync.c calls vfs_fsync_range). No descriptor is needed. */
bool smmap_os_flush(void *address, size_t length, smmap_flush_kind kind, int fd,
                    smmap_failure *failure) {
  (void)fd;
  return smmap_posix_msync(address, length, kind, failure);
}

#ifndef MAP_32BIT /* x86 alone has it */
#define MAP_32BIT 0
#endif

bool smmap_os_may_flag(int flags) {
  int known = MAP_NORESERVE | MAP_STACK | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_32BIT;
  return (flags & ~known) == 0;
}

static bool may_advise(int advice) {
  switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTNEED:
    case MADV_FREE:
    case MADV_REMOVE:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case SMMAP_MADV_COLD:
    case SMMAP_MADV_PAGEOUT:
    case SMMAP_MADV_POPULATE_READ:
    case SMMAP_MADV_POPULATE_WRITE:
    case SMMAP_MADV_COLLAPSE:
      return true;
    default:
      return false; /* among them those that fail memory, and pages that end who touches them */
  }
}

bool smmap_os_advise(void *address, size_t length, int advice, smmap_failure *failure) {
  int result = -1;
  errno = EINVAL;
  if (may_advise(advice)) {
    do {
      result = madvise(address, length, advice);
    } while (result != 0 && errno == EINTR);
  }
  if (result == 0) return true;
  *failure = (smmap_failure){errno, "madvise"};
  return false;
}

/* Linux 4.4; older C libraries lack the name. */
#define SMMAP_MLOCK_ONFAULT 1

bool smmap_os_lock(void *address, size_t length, smmap_failure *failure) {
  /* mlock(2) would give a private mapping its own copy of every page, in which later writes to
     the file are not seen: have those locked that are there, and then bring in all. */
  if (syscall(SYS_mlock2, address, length, (unsigned long)SMMAP_MLOCK_ONFAULT) != 0) {
    *failure = (smmap_failure){errno, "mlock"};
    return false;
  }
  if (smmap_os_populate(address, length, failure)) return true;
  munlock(address, length);
  return false;
}

/* mincore(2) answers "all of them" about a file that is neither ours nor writable for us
   (mm/mincore.c, can_do_mincore). */
bool smmap_os_tells_residency(int fd) {
  struct stat got;
  char link[32] = "/proc/self/fd/";
  if (fd < 0 || geteuid() == 0) return true;
  if (syscall(SYS_fstat, fd, &got) == 0 && got.st_uid == geteuid()) return true;
  size_t end = strlen(link);
  char digits[12];
  size_t count = 0;
  for (unsigned rest = (unsigned)fd; count == 0 || rest > 0; rest /= 10) {
    digits[count++] = (char)('0' + rest % 10); /* at most 10 digits */
  }
  while (count > 0) link[end++] = digits[--count]; /* 14 + 10 < sizeof link */
  return faccessat(AT_FDCWD, link, W_OK, AT_EACCESS) == 0;
}

/* Values of linux/prctl.h since 5.17. */
#define SMMAP_PR_SET_VMA 0x53564d41UL
#define SMMAP_PR_SET_VMA_ANON_NAME 0UL

bool smmap_os_name(void *address, size_t length, const char *name, smmap_failure *failure) {
  if (syscall(SYS_prctl, SMMAP_PR_SET_VMA, SMMAP_PR_SET_VMA_ANON_NAME, address, length, name) == 0) {
    return true;
  }
  *failure = (smmap_failure){errno, "prctl"};
  return false;
}

/* Value of linux/fs.h since 4.14. */
#define SMMAP_RWF_NOWAIT 8

size_t smmap_os_read_now(int fd, void *into, size_t length, uint64_t offset) {
  struct iovec to = {into, length};
  /* The offset comes in two halves; on 64-bit systems the first holds all of it. */
  long got = syscall(SYS_preadv2, fd, &to, 1UL, (long)offset, 0L, SMMAP_RWF_NOWAIT);
  return got > 0 ? smmap_posix_still_there(fd, into, (size_t)got, offset) : 0;
}

uintptr_t smmap_posix_thread(void) { return (uintptr_t)syscall(SYS_gettid); }

#if defined(__x86_64__)

uintptr_t smmap_posix_program_counter(const void *context) {
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

/* Bit 1 of the page-fault error code says that a store failed (Intel SDM vol. 3, 4.7). */
static bool was_store(const void *context) {
  return (((const ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & 2) != 0;
}

#elif defined(__aarch64__)

uintptr_t smmap_posix_program_counter(const void *context) {
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.pc;
}

static bool was_store(const void *context) {
  (void)context; /* the syndrome register would say; reading alone is asked for */
  return false;
}

#else
#error "the fault guard knows x86-64 and arm64"
#endif

/* Before Linux 5.14, where the advice below is unknown: has the kernel read the byte for us. */
static bool can_copy_from(uintptr_t address) {
  char byte;
  struct iovec to = {&byte, 1};
  struct iovec from = {(void *)address, 1};
  return syscall(SYS_process_vm_readv, getpid(), &to, 1UL, &from, 1UL, 0UL) == 1;
}

bool smmap_posix_reachable(uintptr_t address, const void *context) {
  size_t page = smmap_os_page_size();
  void *start = (void *)(address - address % page); /* only its page is asked for */
  if (madvise(start, page, SMMAP_MADV_POPULATE_READ) != 0) {
    return errno == EINVAL && can_copy_from(address);
  }
  return !was_store(context) || madvise(start, page, SMMAP_MADV_POPULATE_WRITE) == 0;
}

uintptr_t smmap_posix_first_lost(uintptr_t start, uintptr_t lost, size_t page, bool *only_one) {
  uintptr_t low = start;
  uintptr_t high = lost;
  *only_one = false;
  while (low < high) {
    uintptr_t middle = low + (high - low) / page / 2 * page; /* page-aligned, low <= middle < high */
    if (madvise((void *)middle, page, SMMAP_MADV_POPULATE_READ) == 0) {
      low = middle + page;
    } else if (errno == EINVAL) {
      *only_one = true; /* before Linux 5.14 nobody can say */
      return lost;
    } else {
      high = middle;
    }
  }
  return high;
}

static sem_t bell;

void smmap_posix_bell_init(void) { sem_init(&bell, 0, 0); }

void smmap_posix_bell_ring(void) { sem_post(&bell); }

void smmap_posix_bell_wait(void) {
  while (sem_wait(&bell) != 0) continue; /* interrupted: wait on */
}
