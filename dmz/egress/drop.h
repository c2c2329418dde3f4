/*
 * Drop directories: a folder per party, a file per message, written beside, made durable and then
 * named, so that a reader sees whole files only and never one that a crash could take back.
 */
#ifndef EGRESS_DROP_H
#define EGRESS_DROP_H

#include <hub/status.h>

#include <stddef.h>

/*
 * path: PARTY/NAME, plain names without a leading dot. The same again replaces the file. HUB_REJECT:
 * no such path; HUB_FAILED: the disk refuses.
 */
hub_status drop_put(const char *root, const char *path, const void *bytes, size_t len, hub_fault *fault);

#endif
