/*
 * The platform contract on Windows. What was run of it: docs/platforms.md.
 *
 * A descriptor is a number in the C runtime inside the program that loaded us
 * (node.exe), not in the one this module is linked with. libuv's functions, which
 * that program exports, are the only way from the one to the other.
 */
#include <uv.h> /* first: it brings the sockets, which must come before windows.h */

#include "mapping_win32.h"

#include <fcntl.h>
#include <stdlib.h>

/* ---- the system ---- */

static SYSTEM_INFO system_info(void) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info;
}

size_t smmap_os_page_size(void) { return system_info().dwPageSize; }

size_t smmap_os_granularity(void) { return system_info().dwAllocationGranularity; }

size_t smmap_os_map_limit(void) { return 0; }

size_t smmap_os_address_limit(void) { return 0; }

/* The C runtime has room for no more, whatever the system would give. */
size_t smmap_os_descriptor_limit(void) { return 8192; }

void smmap_os_yield(void) { SwitchToThread(); }

/* ---- mappings ---- */

/* The handle behind a descriptor, which keeps it. */
static bool handle_of(int fd, HANDLE *handle) {
  *handle = fd < 0 ? INVALID_HANDLE_VALUE : uv_get_osfhandle(fd);
  /* -2: a standard stream that leads nowhere (_get_osfhandle). */
  return *handle != INVALID_HANDLE_VALUE && *handle != (HANDLE)(intptr_t)-2;
}

/* Held by whoever maps, and alone by whoever needs an address that was just given up. */
static SRWLOCK addresses = SRWLOCK_INIT;

static bool reaches_past_the_end(HANDLE file, uint64_t offset, size_t length) {
  LARGE_INTEGER size;
  if (!GetFileSizeEx(file, &size)) return false;
  uint64_t bytes = (uint64_t)size.QuadPart;
  return offset > bytes || length > bytes - offset;
}

static void *map_view(HANDLE section, DWORD access, uint64_t offset, size_t length) {
  AcquireSRWLockShared(&addresses);
  void *address = MapViewOfFile(section, access, (DWORD)(offset >> 32), (DWORD)offset, length);
  DWORD error = GetLastError();
  ReleaseSRWLockShared(&addresses);
  SetLastError(error);
  return address;
}

bool smmap_os_may_flag(int flags) { return flags == 0; }

/* As Windows takes text; the caller frees it. NULL: failed, GetLastError() says why. */
static wchar_t *widened(const char *text) {
  int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
  if (units == 0) return NULL;
  wchar_t *wide = malloc((size_t)units * sizeof *wide);
  if (wide == NULL) {
    SetLastError(ERROR_OUTOFMEMORY);
    return NULL;
  }
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, units); /* as counted above */
  return wide;
}

/* NULL: failed, GetLastError() says why. */
static HANDLE section_of(const smmap_map_request *request, HANDLE file) {
  bool of_file = request->fd >= 0;
  /* Memory of no file lies in the page file, which is as long as it is told to be. */
  uint64_t size = of_file ? 0 : request->length;
  DWORD protection = request->mode == SMMAP_WRITE || !of_file ? PAGE_READWRITE : PAGE_READONLY;
  wchar_t *name = NULL;
  if (request->name != NULL && (name = widened(request->name)) == NULL) return NULL;
  HANDLE section =
      CreateFileMappingW(file, NULL, protection, (DWORD)(size >> 32), (DWORD)size, name);
  DWORD error = GetLastError();
  free(name);
  SetLastError(error);
  return section;
}

void *smmap_os_map(const smmap_map_request *request, smmap_failure *failure) {
  HANDLE file = INVALID_HANDLE_VALUE;
  smmap_mode mode = request->mode;
  uint64_t offset = request->offset;
  size_t length = request->length;
  if (request->fd >= 0 && !handle_of(request->fd, &file)) {
    smmap_win32_failed(failure, ERROR_INVALID_HANDLE, "mmap");
    return NULL;
  }
  bool shared = mode == SMMAP_WRITE;
  HANDLE section = section_of(request, file);
  if (section == NULL) {
    smmap_win32_failed(failure, GetLastError(), "mmap");
    return NULL;
  }
  /* A copy for reading too: a store through a raw view from JavaScript would
     otherwise end the process. It can never reach the file. */
  void *address = map_view(section, shared ? FILE_MAP_WRITE : FILE_MAP_COPY, offset, length);
  /* Such a view counts in full against what the system may commit; a plain one does not. */
  if (address == NULL && mode == SMMAP_READ && GetLastError() == ERROR_COMMITMENT_LIMIT) {
    address = map_view(section, FILE_MAP_READ, offset, length);
  }
  DWORD error = GetLastError();
  CloseHandle(section); /* the view keeps what it needs */
  if (address != NULL) return address;
  /* Windows calls a range that the file does not have "access denied". */
  bool cut = error == ERROR_ACCESS_DENIED && reaches_past_the_end(file, offset, length);
  smmap_win32_failed(failure, cut ? ERROR_INVALID_PARAMETER : error, "mmap");
  return NULL;
}

void smmap_os_unmap(void *address, size_t length) {
  (void)length;
  UnmapViewOfFile(address);
}

/*
 * In two steps, for want of one. No other mapping of ours takes the addresses
 * between them (without the lock that happened at once); anybody else may. Then
 * nothing is held, and what lies there is not ours to unmap.
 */
bool smmap_os_reserve(void *address, size_t length, bool guarded) {
  (void)guarded; /* there is no guard */
  AcquireSRWLockExclusive(&addresses);
  bool reserved = UnmapViewOfFile(address) &&
                  VirtualAlloc(address, length, MEM_RESERVE, PAGE_NOACCESS) == address;
  ReleaseSRWLockExclusive(&addresses);
  return reserved;
}

void smmap_os_unreserve(void *address, size_t length) {
  (void)length;
  VirtualFree(address, 0, MEM_RELEASE);
}

/*
 * Refused: the view would have to go first, and whoever still has its address
 * would meanwhile, or for ever if another thread was faster, read other memory.
 */
bool smmap_os_zero(void *address, size_t length) {
  (void)address;
  (void)length;
  return false;
}

/* Reads from the disk what is not in memory yet. A page that cannot be had goes unnoticed. */
bool smmap_os_populate(void *address, size_t length, smmap_failure *failure) {
  WIN32_MEMORY_RANGE_ENTRY range = {address, length};
  if (length == 0 || PrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0)) return true;
  smmap_win32_failed(failure, GetLastError(), "madvise");
  return false;
}

bool smmap_os_has_private_pages(void *address, size_t length) {
  (void)address;
  (void)length;
  return true; /* not asked: every window that was handed out is kept */
}

bool smmap_os_extend(int fd, uint64_t old_size, uint64_t size, smmap_failure *failure) {
  HANDLE file;
  FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = (LONGLONG)size};
  (void)old_size; /* NTFS allocates the blocks with the size, or leaves the file as it was */
  if (!handle_of(fd, &file)) {
    smmap_win32_failed(failure, ERROR_INVALID_HANDLE, "ftruncate");
    return false;
  }
  if (SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof end)) return true;
  smmap_win32_failed(failure, GetLastError(), "ftruncate");
  return false;
}

bool smmap_os_truncate(int fd, uint64_t size, smmap_failure *failure) {
  return smmap_os_extend(fd, size, size, failure); /* the same call; refused while it is mapped */
}

/*
 * The pages are handed to the file system. That they, and the file's new size,
 * reached the device only FlushFileBuffers says, which needs the file's handle.
 */
bool smmap_os_flush(void *address, size_t length, smmap_flush_kind kind, int fd,
                    smmap_failure *failure) {
  bool waits = kind == SMMAP_FLUSH_SYNC || kind == SMMAP_FLUSH_SYNC_INVALIDATE;
  HANDLE file;
  /* To Windows a length of 0 means all. */
  bool done = (length == 0 || FlushViewOfFile(address, length)) &&
              (!waits || fd < 0 || !handle_of(fd, &file) || FlushFileBuffers(file));
  if (!done) smmap_win32_failed(failure, GetLastError(), "msync");
  return done;
}

bool smmap_os_advise(void *address, size_t length, int advice, smmap_failure *failure) {
  (void)address;
  (void)length;
  (void)advice;
  smmap_win32_failed(failure, ERROR_NOT_SUPPORTED, "madvise");
  return false;
}

bool smmap_os_lock(void *address, size_t length, smmap_failure *failure) {
  if (VirtualLock(address, length)) return true;
  smmap_win32_failed(failure, GetLastError(), "mlock");
  return false;
}

bool smmap_os_unlock(void *address, size_t length, smmap_failure *failure) {
  /* What was not locked is unlocked already, as munlock(2) sees it. */
  if (VirtualUnlock(address, length) || GetLastError() == ERROR_NOT_LOCKED) return true;
  smmap_win32_failed(failure, GetLastError(), "munlock");
  return false;
}

size_t smmap_os_lock_limit(void) { return SIZE_MAX; } /* the working set's, which nobody names */

bool smmap_os_residency(void *address, size_t length, uint8_t *bits, smmap_failure *failure) {
  (void)address;
  (void)length;
  (void)bits;
  smmap_win32_failed(failure, ERROR_NOT_SUPPORTED, "mincore");
  return false;
}

/* It tells what is in the process's working set, which is another question. */
bool smmap_os_tells_residency(int fd) {
  (void)fd;
  return false;
}

bool smmap_os_name(void *address, size_t length, const char *name, smmap_failure *failure) {
  (void)address;
  (void)length;
  (void)name;
  smmap_win32_failed(failure, ERROR_NOT_SUPPORTED, "prctl");
  return false;
}

uintptr_t smmap_os_thread(void) { return GetCurrentThreadId(); }

size_t smmap_os_read(int fd, void *into, size_t length, uint64_t offset) {
  uv_fs_t request;
  uv_buf_t room = {.base = into, .len = length > INT32_MAX ? INT32_MAX : (ULONG)length};
  /* It puts the file's position back where it was, which duplicates share with the user's own. */
  int got = uv_fs_read(NULL, &request, fd, &room, 1, (int64_t)offset, NULL); /* done on return */
  uv_fs_req_cleanup(&request);
  return got > 0 ? (size_t)got : 0;
}

size_t smmap_os_read_now(int fd, void *into, size_t length, uint64_t offset) {
  (void)fd;
  (void)into;
  (void)length;
  (void)offset;
  return 0; /* nobody says whether a read would wait */
}

/* ---- files ---- */

/* Everybody else may read, write, rename and delete the file meanwhile, as on POSIX systems. */
#define SHARED_WITH_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* INVALID_HANDLE_VALUE: failed, GetLastError() says why. */
static HANDLE open_path(const char *path, DWORD access, DWORD flags) {
  wchar_t *wide = widened(path);
  if (wide == NULL) return INVALID_HANDLE_VALUE;
  /* With FILE_FLAG_BACKUP_SEMANTICS a directory opens too, so that it can be told from a file. */
  HANDLE file = CreateFileW(wide, access, SHARED_WITH_ALL, NULL, OPEN_EXISTING,
                            FILE_FLAG_BACKUP_SEMANTICS | flags, NULL);
  DWORD error = GetLastError();
  free(wide);
  SetLastError(error);
  return file;
}

/* What a caller may add when a file is opened: O_RANDOM and O_SEQUENTIAL of Python's os, O_SYNC. */
static DWORD file_flags(int flags) {
  return (flags & _O_RANDOM ? FILE_FLAG_RANDOM_ACCESS : 0) |
         (flags & _O_SEQUENTIAL ? FILE_FLAG_SEQUENTIAL_SCAN : 0) |
         (flags & UV_FS_O_SYNC ? FILE_FLAG_WRITE_THROUGH : 0);
}

/* A descriptor that owns the handle. -1: there is none left; the handle is closed. */
static int descriptor_of(HANDLE handle, const char *syscall, smmap_failure *failure) {
  int fd = uv_open_osfhandle(handle);
  if (fd >= 0) return fd;
  CloseHandle(handle);
  smmap_win32_failed(failure, ERROR_TOO_MANY_OPEN_FILES, syscall);
  return -1;
}

int smmap_os_open(const char *path, bool writable, int flags, smmap_failure *failure) {
  DWORD access = writable ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ;
  HANDLE file = open_path(path, access, file_flags(flags));
  if (file == INVALID_HANDLE_VALUE) {
    smmap_win32_failed(failure, GetLastError(), "open");
    return -1;
  }
  return descriptor_of(file, "open", failure);
}

int smmap_os_duplicate(int fd, bool writable, smmap_failure *failure) {
  (void)writable; /* mapping it will say */
  HANDLE process = GetCurrentProcess(), handle, copy;
  if (!handle_of(fd, &handle)) {
    smmap_win32_failed(failure, ERROR_INVALID_HANDLE, "dup");
    return -1;
  }
  if (!DuplicateHandle(process, handle, process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
    smmap_win32_failed(failure, GetLastError(), "dup");
    return -1;
  }
  return descriptor_of(copy, "dup", failure);
}

void smmap_os_close(int fd) {
  uv_fs_t request;
  uv_fs_close(NULL, &request, fd, NULL); /* without a callback it is done on return */
  uv_fs_req_cleanup(&request);
}

/* FILETIME counts 100 ns since 1601; this many of them lie before 1970. */
#define TICKS_BEFORE_1970 116444736000000000

static bool status_of(HANDLE file, const char *syscall, smmap_file_status *status,
                      smmap_failure *failure) {
  BY_HANDLE_FILE_INFORMATION file_info;
  FILE_BASIC_INFO times;
  *status = (smmap_file_status){.kind = SMMAP_FILE_OTHER};
  if (GetFileType(file) != FILE_TYPE_DISK) return true; /* pipe, console, NUL */
  if (!GetFileInformationByHandle(file, &file_info) ||
      !GetFileInformationByHandleEx(file, FileBasicInfo, &times, sizeof times)) {
    smmap_win32_failed(failure, GetLastError(), syscall);
    return false;
  }
  status->device = file_info.dwVolumeSerialNumber;
  status->inode = (uint64_t)file_info.nFileIndexHigh << 32 | file_info.nFileIndexLow;
  status->size = (uint64_t)file_info.nFileSizeHigh << 32 | file_info.nFileSizeLow;
  int64_t ticks = times.CreationTime.QuadPart; /* 0 where the file system keeps none */
  status->born_ns = ticks == 0 ? 0 : (ticks - TICKS_BEFORE_1970) * 100;
  status->kind = file_info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? SMMAP_FILE_DIRECTORY
                                                                       : SMMAP_FILE_REGULAR;
  return true;
}

bool smmap_os_status(int fd, smmap_file_status *status, smmap_failure *failure) {
  HANDLE file;
  if (!handle_of(fd, &file)) {
    smmap_win32_failed(failure, ERROR_INVALID_HANDLE, "fstat");
    return false;
  }
  return status_of(file, "fstat", status, failure);
}

bool smmap_os_status_of_path(const char *path, smmap_file_status *status,
                             smmap_failure *failure) {
  HANDLE file = open_path(path, FILE_READ_ATTRIBUTES, 0);
  if (file == INVALID_HANDLE_VALUE) {
    smmap_win32_failed(failure, GetLastError(), "stat");
    return false;
  }
  bool got = status_of(file, "stat", status, failure);
  CloseHandle(file);
  return got;
}

bool smmap_os_size(int fd, uint64_t *size, smmap_failure *failure) {
  smmap_file_status status;
  if (!smmap_os_status(fd, &status, failure)) return false;
  *size = status.size;
  return true;
}
