/* Starts the child process of an instance. */
#ifndef ADAPTERD_SPAWN_H
#define ADAPTERD_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * This program again with --child: it inherits standard error and one end of a socketpair, and is
 * killed when this thread's process dies. *ret_fd is the other end, non-blocking.
 */
bool spawn_child(const char *instance, pid_t *ret_pid, int *ret_fd);

#endif
