/*
 * Benches: a row in benches.def and a function in bench_NAME.c. Each reports one or more figures
 * as lines of JSON (or text for people) and starts what it needs by itself.
 */
#ifndef CTL_BENCH_H
#define CTL_BENCH_H

#include "ctl/ctl.h"

typedef struct bench bench;

/* A figure. baseline: what it is held against, NULL if nothing; the ratio is value / baseline_value. */
void bench_report(bench *b, const char *name, double value, const char *unit, const char *baseline,
		  double baseline_value);
/*
 * A private, empty, migrated database (fsync on), made at the first call and thrown away at the
 * end. *ret_conninfo lives until then. As root the process becomes user `uhub`, since PostgreSQL
 * refuses root.
 */
hub_status bench_database(bench *b, const char **ret_conninfo, hub_fault *fault);
/* An empty directory for the bench's files, removed at the end. */
hub_status bench_directory(bench *b, const char **ret_path, hub_fault *fault);

/* A TCP port of the loopback that nobody listens at just now; 0: there is none. */
int bench_port(void);

/* The command's own, for where the programs are. */
const ctl *bench_ctl(const bench *b);
/* How many things to measure with: --households N, or the bench's own number. */
size_t bench_scale(const bench *b, size_t fallback);

typedef hub_status (*bench_run)(bench *b, hub_fault *fault);

#define ROW(name, function, summary) hub_status function(bench *b, hub_fault *fault);
#include "ctl/benches.def"
#undef ROW

#endif
