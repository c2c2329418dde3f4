/* Whole files for commands. */
#ifndef CTL_FILE_H
#define CTL_FILE_H

#include <hub/status.h>

#include "base/buf.h"

/* Appends the file's bytes; "-" is standard input. HUB_REJECT: it cannot be opened or read. */
hub_status ctl_read(const char *path, buf *out, hub_fault *fault);

#endif
