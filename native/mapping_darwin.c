/* The platform contract, where macOS is on its own. What was run of it: docs/platforms.md. */
#include "mapping_posix.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <mach/mach.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/ucontext.h>
#include <unistd.h>

/* macOS tells of no broken page before somebody touches it. */
const int smmap_posix_memory_error = INT_MIN;
const int smmap_posix_early_warning = INT_MIN;

/* The fault handler must outlive the worker that loaded it: this reference is never dropped. */
__attribute__((constructor)) static void stay_loaded(void) {
  Dl_info self;
  if (dladdr((void *)(uintptr_t)stay_loaded, &self) != 0 && self.dli_fname != NULL) {
    dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

size_t smmap_os_map_limit(void) { return 0; }

bool smmap_posix_status(const char *path, int fd, smmap_file_status *status) {
  struct stat got;
  if ((path == NULL ? fstat(fd, &got) : stat(path, &got)) != 0) return false;
  *status = (smmap_file_status){
      .device = (uint64_t)got.st_dev,
      .inode = got.st_ino,
      .size = got.st_size < 0 ? 0 : (uint64_t)got.st_size,
      .born_ns = (int64_t)got.st_birthtimespec.tv_sec * 1000000000 + got.st_birthtimespec.tv_nsec,
      .kind = smmap_posix_kind(got.st_mode),
  };
  return true;
}

bool smmap_posix_size(int fd, uint64_t *size) {
  smmap_file_status status;
  if (!smmap_posix_status(NULL, fd, &status)) return false;
  *size = status.size;
  return true;
}

/*
 * Whether the byte can be read now. The kernel reads it for us, through our own
 * page tables, and answers with an error where a load would raise a signal.
 */
static bool can_read(uintptr_t address) {
  char byte;
  vm_size_t got = 0;
  return vm_read_overwrite(mach_task_self(), address, sizeof byte, (vm_address_t)&byte, &got) ==
         KERN_SUCCESS;
}

/* Whether stores are allowed there. */
static bool is_writable(uintptr_t address) {
  vm_address_t start = address; /* the call moves it up to the next region where there is none */
  vm_size_t size = 0;
  vm_region_basic_info_data_64_t region;
  mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
  mach_port_t unused = MACH_PORT_NULL;
  return vm_region_64(mach_task_self(), &start, &size, VM_REGION_BASIC_INFO_64,
                      (vm_region_info_t)&region, &count, &unused) == KERN_SUCCESS &&
         start <= address && (region.protection & VM_PROT_WRITE) != 0;
}

bool smmap_posix_map_nothing(void *address, size_t length) {
  (void)address;
  (void)length;
  return false;
}

bool smmap_os_populate(void *address, size_t length, smmap_failure *failure) {
  /* Starts reading ahead and promises nothing: what counts is asked page by page below. */
  madvise(address, length, MADV_WILLNEED);
  size_t page = smmap_os_page_size();
  uintptr_t start = (uintptr_t)address;
  for (size_t done = 0; done < length; done += page) {
    if (can_read(start + done)) continue;
    *failure = (smmap_failure){EFAULT, "vm_read_overwrite"};
    return false;
  }
  return true;
}

bool smmap_os_has_private_pages(void *address, size_t length) {
  (void)address;
  (void)length;
  return true; /* not asked: every window that was handed out is kept */
}

bool smmap_os_extend(int fd, uint64_t old_size, uint64_t size, smmap_failure *failure) {
  fstore_t request = {.fst_flags = F_ALLOCATEALL,
                      .fst_posmode = F_PEOFPOSMODE,
                      .fst_length = (off_t)(size - old_size)};
  if (fcntl(fd, F_PREALLOCATE, &request) == 0 && ftruncate(fd, (off_t)size) == 0) return true;
  failure->code = errno;
  failure->syscall = "fcntl";
  return false;
}

/*
 * msync(2) hands the pages to the drive. Through the drive's own cache goes only
 * fcntl(F_FULLFSYNC), which needs a descriptor; where a file system does not know
 * it, fsync(2) is the most there is.
 */
bool smmap_os_flush(void *address, size_t length, smmap_flush_kind kind, int fd,
                    smmap_failure *failure) {
  if (!smmap_posix_msync(address, length, kind, failure)) return false;
  bool waits = kind == SMMAP_FLUSH_SYNC || kind == SMMAP_FLUSH_SYNC_INVALIDATE;
  if (!waits || fd < 0 || fcntl(fd, F_FULLFSYNC) == 0 || fsync(fd) == 0) return true;
  *failure = (smmap_failure){errno, "fsync"};
  return false;
}

#ifndef MAP_32BIT /* macOS 10.15; the number of bsd/sys/mman.h */
#define MAP_32BIT 0x8000
#endif

bool smmap_os_may_flag(int flags) {
  int known = MAP_NORESERVE | MAP_32BIT | MAP_NOEXTEND | MAP_HASSEMAPHORE | MAP_NOCACHE |
              MAP_RESILIENT_CODESIGN | MAP_RESILIENT_MEDIA;
  return (flags & ~known) == 0;
}

bool smmap_os_advise(void *address, size_t length, int advice, smmap_failure *failure) {
  bool known = advice == MADV_NORMAL || advice == MADV_RANDOM || advice == MADV_SEQUENTIAL ||
               advice == MADV_WILLNEED || advice == MADV_DONTNEED || advice == MADV_FREE ||
               advice == MADV_FREE_REUSABLE || advice == MADV_FREE_REUSE;
  if (known && madvise(address, length, advice) == 0) return true;
  *failure = (smmap_failure){known ? errno : EINVAL, "madvise"};
  return false;
}

bool smmap_os_lock(void *address, size_t length, smmap_failure *failure) {
  if (mlock(address, length) == 0) return true;
  *failure = (smmap_failure){errno, "mlock"};
  return false;
}

bool smmap_os_tells_residency(int fd) {
  (void)fd;
  return true;
}

bool smmap_os_name(void *address, size_t length, const char *name, smmap_failure *failure) {
  (void)address;
  (void)length;
  (void)name;
  *failure = (smmap_failure){ENOTSUP, "prctl"};
  return false;
}

size_t smmap_os_read_now(int fd, void *into, size_t length, uint64_t offset) {
  (void)fd;
  (void)into;
  (void)length;
  (void)offset;
  return 0; /* nobody says whether a read would wait */
}

uintptr_t smmap_posix_thread(void) { return pthread_mach_thread_np(pthread_self()); }

#if defined(__x86_64__)

uintptr_t smmap_posix_program_counter(const void *context) {
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext->__ss.__rip;
}

/* Bit 1 of the page-fault error code says that a store failed (Intel SDM vol. 3, 4.7). */
static bool was_store(const void *context) {
  return (((const ucontext_t *)context)->uc_mcontext->__es.__err & 2) != 0;
}

#elif defined(__arm64__)

uintptr_t smmap_posix_program_counter(const void *context) {
  return (uintptr_t)arm_thread_state64_get_pc(((const ucontext_t *)context)->uc_mcontext->__ss);
}

/* Bit 6 (WnR) of a data abort's syndrome says that a store failed (Arm ARM, ESR_EL1). */
static bool was_store(const void *context) {
  return (((const ucontext_t *)context)->uc_mcontext->__es.__esr & (1u << 6)) != 0;
}

#else
#error "the fault guard knows x86-64 and arm64"
#endif

bool smmap_posix_reachable(uintptr_t address, const void *context) {
  return can_read(address) && (!was_store(context) || is_writable(address));
}

/* Looking for the first one would take the untried call above many times inside a handler. */
uintptr_t smmap_posix_first_lost(uintptr_t start, uintptr_t lost, size_t page, bool *only_one) {
  (void)start;
  (void)page;
  *only_one = true;
  return lost;
}

/* A Mach semaphore: raising it is one system call; dispatch's own is not for signal handlers. */
static semaphore_t bell = MACH_PORT_NULL;

void smmap_posix_bell_init(void) {
  semaphore_create(mach_task_self(), &bell, SYNC_POLICY_FIFO, 0);
}

void smmap_posix_bell_ring(void) { semaphore_signal(bell); }

void smmap_posix_bell_wait(void) {
  kern_return_t result;
  do {
    result = semaphore_wait(bell);
  } while (result == KERN_ABORTED); /* interrupted: wait on */
  /* No semaphore could be had: views then stay until their region is entered again. */
  while (result != KERN_SUCCESS) pause();
}
