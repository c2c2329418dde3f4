#include "ctl/bench_psql.h"

#include <signal.h>
#include <stdint.h>

#include "ctl/process.h"

hub_status bench_psql_start(const char *conninfo, const char *const *commands, pid_t *ret_pid, hub_fault *fault)
{
	const char *argv[18] = { "/usr/bin/psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", conninfo };
	for (int i = 0; commands[i] && i < 5; i++) {
		argv[6 + 2 * i] = "-c";
		argv[7 + 2 * i] = commands[i];
	}
	const process_spec spec = { .argv = argv, .death_signal = SIGKILL, .output = -1 };
	return process_start(&spec, ret_pid, fault);
}

hub_status bench_psql_finish(pid_t pid)
{
	int status = 0;
	bool ended = process_wait(pid, 600 * INT64_C(1000000), &status);
	return ended && !status ? HUB_OK : HUB_FAILED;
}

hub_status bench_psql(const char *conninfo, const char *const *commands, hub_fault *fault)
{
	pid_t pid;
	hub_status st = bench_psql_start(conninfo, commands, &pid, fault);
	if (st == HUB_OK && bench_psql_finish(pid) != HUB_OK)
		st = hub_fault_set(fault, "bench.psql", "", "psql failed: %.150s", commands[0]);
	return st;
}
