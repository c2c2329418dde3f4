/*
 * A child process that cannot outlive us: it asks the kernel for a signal at our death, runs in
 * a process group of its own, and is given no descriptor but the standard three.
 */
#ifndef CTL_PROCESS_H
#define CTL_PROCESS_H

#include <sys/types.h>

#include "ctl/ctl.h"

typedef struct process_spec {
	const char *const *argv; /* argv[0] is the program's path */
	const ctl_user *user; /* whom it becomes when we are root; NULL: stays */
	const char *directory; /* where it runs; NULL: "/" */
	int death_signal;     /* sent by the kernel when we die */
	int output;           /* its standard output and error; -1: ours */
} process_spec;

/* HUB_MISSING: no such program; HUB_FAILED: it could not be started. The thread that calls must live on. */
hub_status process_start(const process_spec *spec, pid_t *ret_pid, hub_fault *fault);
/* Signals the whole group, also what is left of it after its leader's end. */
void process_signal(pid_t pid, int sig);
/* Waits at most `timeout` µs for our child's end; false if it still runs. */
bool process_wait(pid_t pid, int64_t timeout, int *ret_status);
/* Starts, waits, and gives the exit code as a shell would (128 + signal), -1 if it could not run. */
int process_run(const process_spec *spec, hub_fault *fault);
/* "exit 1", "signal 9 (Killed)", into out. */
const char *process_status_text(int status, char out[48]);

#endif
