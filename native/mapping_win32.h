/* What the files of the Windows part share. */
#ifndef SMMAP_MAPPING_WIN32_H
#define SMMAP_MAPPING_WIN32_H

#include "mapping.h"

#include <windows.h>

/* Tells what went wrong; the call is named as on POSIX systems, as Node does here too. */
void smmap_win32_failed(smmap_failure *failure, DWORD error, const char *syscall);

#endif
