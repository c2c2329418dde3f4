/* What a child gives up, step by step: files, sockets, programs, threads. */
#ifndef ADAPTERD_SANDBOX_H
#define ADAPTERD_SANDBOX_H

#include <stdbool.h>

/* Whether this build can confine: sanitizers need system calls of their own. */
bool sandbox_available(void);
/* Limits of memory, files and core dumps; before the adapter's code is loaded. */
void sandbox_limit(void);
/*
 * From here on only reading and writing `fd` and standard error, memory, clock and exit; anything
 * else ends the process with SIGSYS. False: the kernel refused.
 */
bool sandbox_enter(int fd);

#endif
