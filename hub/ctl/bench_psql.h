/* psql, for the plain tables that benches are held against. */
#ifndef CTL_BENCH_PSQL_H
#define CTL_BENCH_PSQL_H

#include "ctl/bench.h"

/* Commands (NULL-ended, at most 5), in a process of its own; ended by finish, or at our end. */
hub_status bench_psql_start(const char *conninfo, const char *const *commands, pid_t *ret_pid, hub_fault *fault);
hub_status bench_psql_finish(pid_t pid);
/* Both. HUB_REJECT with *fault: one of them failed; psql has said why. */
hub_status bench_psql(const char *conninfo, const char *const *commands, hub_fault *fault);

#endif
