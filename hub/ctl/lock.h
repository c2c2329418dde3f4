/* The one supervisor of a data directory: a lock that its death releases and that knows its pid. */
#ifndef CTL_LOCK_H
#define CTL_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include <hub/status.h>

/* HUB_CONFLICT: *ret_owner holds it. *ret_fd keeps it; it is not inherited by children. */
hub_status lock_take(const char *path, int *ret_fd, pid_t *ret_owner, hub_fault *fault);
/* Removes the file, then lets go. */
void lock_drop(const char *path, int fd);
/* Who holds it; 0: nobody. */
pid_t lock_owner(const char *path);

#endif
