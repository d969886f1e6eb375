/* The errors of Windows as the error numbers of POSIX, in which the rest of the package speaks. */
#include "mapping_win32.h"

#include <errno.h>

static const struct {
  DWORD error;
  int code;
} error_numbers[] = {
    {ERROR_FILE_NOT_FOUND, ENOENT},
    {ERROR_PATH_NOT_FOUND, ENOENT},
    {ERROR_INVALID_DRIVE, ENOENT},
    {ERROR_INVALID_NAME, ENOENT},
    {ERROR_BAD_PATHNAME, ENOENT},
    {ERROR_DIRECTORY, ENOENT},
    {ERROR_BAD_NETPATH, ENOENT},
    {ERROR_BAD_NET_NAME, ENOENT},
    {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
    {ERROR_NO_UNICODE_TRANSLATION, EILSEQ},
    {ERROR_CANT_RESOLVE_FILENAME, ELOOP},
    {ERROR_ACCESS_DENIED, EACCES},
    {ERROR_NOACCESS, EACCES},
    {ERROR_PRIVILEGE_NOT_HELD, EPERM},
    {ERROR_WRITE_PROTECT, EROFS},
    {ERROR_SHARING_VIOLATION, EBUSY},
    {ERROR_LOCK_VIOLATION, EBUSY},
    {ERROR_PIPE_BUSY, EBUSY},
    {ERROR_USER_MAPPED_FILE, EBUSY},
    {ERROR_INVALID_HANDLE, EBADF},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
    {ERROR_OUTOFMEMORY, ENOMEM},
    {ERROR_NO_SYSTEM_RESOURCES, ENOMEM},
    {ERROR_WORKING_SET_QUOTA, ENOMEM}, /* more is to be locked than the process may */
    {ERROR_NOT_SUPPORTED, ENOTSUP},
    {ERROR_COMMITMENT_LIMIT, ENOMEM},
    {ERROR_INVALID_PARAMETER, EINVAL},
    {ERROR_MAPPED_ALIGNMENT, EINVAL},
    {ERROR_FILE_INVALID, EINVAL}, /* an empty file is to be mapped */
    {ERROR_INVALID_ADDRESS, EFAULT},
    {ERROR_DISK_FULL, ENOSPC},
    {ERROR_HANDLE_DISK_FULL, ENOSPC},
};

static int error_number(DWORD error) {
  for (size_t i = 0; i < sizeof error_numbers / sizeof *error_numbers; i++) {
    if (error_numbers[i].error == error) return error_numbers[i].code;
  }
  return EIO;
}

void smmap_win32_failed(smmap_failure *failure, DWORD error, const char *syscall) {
  failure->code = error_number(error);
  failure->syscall = syscall;
}
