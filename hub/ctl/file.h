/* Whole files for commands. */
#ifndef CTL_FILE_H
#define CTL_FILE_H

#include <hub/status.h>
#include <sys/types.h>

#include "base/buf.h"

/* Appends the file's bytes; "-" is standard input. HUB_REJECT: it cannot be opened or read. */
hub_status ctl_read(const char *path, buf *out, hub_fault *fault);
/* The bytes become the file, or go to standard output (NULL, "-"). HUB_REJECT with *fault. */
hub_status ctl_write(const char *path, const buf *bytes, hub_fault *fault);
/*
 * The file `name` in an open directory becomes these bytes, at once and on disk: whoever reads
 * sees the old or the new. HUB_FAILED with *fault.
 */
hub_status ctl_replace(int dir, const char *name, const buf *bytes, mode_t mode, hub_fault *fault);

#endif
