#include "ctl/bench.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/cluster.h"
#include "ctl/process.h"
#include "store/migrate.h"

struct bench {
	ctl *c;
	bool json;
	size_t scale; /* 0: as each bench has it */
	char directory[64]; /* "" until asked for */
	cluster *cluster;   /* NULL until asked for */
	pid_t postgres;
};

static const struct {
	const char *name;
	bench_run run;
	const char *summary;
} benches[] = {
#define ROW(name, function, summary) { name, function, summary },
#include "ctl/benches.def"
#undef ROW
	{ NULL },
};

void bench_report(bench *b, const char *name, double value, const char *unit, const char *baseline,
		  double baseline_value)
{
	if (b->json)
		printf("{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"", name, value, unit);
	else
		printf("%-24s %14.6g %s", name, value, unit);
	if (baseline)
		printf(b->json ? ",\"baseline\":\"%s\",\"baseline_value\":%.6g,\"ratio\":%.4g" : "  (%s: %.6g, ratio %.4g)",
		       baseline, baseline_value, value / baseline_value);
	puts(b->json ? "}" : "");
	fflush(stdout);
}

int bench_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		at.sin_port = 0;
	if (fd >= 0)
		close(fd);
	return ntohs(at.sin_port);
}

const ctl *bench_ctl(const bench *b)
{
	return b->c;
}

size_t bench_scale(const bench *b, size_t fallback)
{
	return b->scale ? b->scale : fallback;
}

hub_status bench_directory(bench *b, const char **ret_path, hub_fault *fault)
{
	if (!b->directory[0]) {
		const char *tmp = getenv("TMPDIR");
		snprintf(b->directory, sizeof b->directory, "%.40s/hub-bench-XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(b->directory)) {
			hub_fault_set(fault, "bench.directory", "", "cannot make %s: %m", b->directory);
			b->directory[0] = 0;
			return HUB_FAILED;
		}
	}
	*ret_path = b->directory;
	return HUB_OK;
}

/* Open for business, or HUB_AGAIN at the deadline. */
static hub_status migrate_when_ready(const char *conninfo, hub_fault *fault)
{
	store *db = NULL;
	int64_t until = clock_monotonic() + 30 * (int64_t)1000000;
	hub_status st;
	while ((st = store_open(conninfo, &db, fault)) == HUB_AGAIN && clock_monotonic() < until)
		usleep(20000);
	if (st == HUB_OK)
		st = store_migrate(db, NULL, fault);
	store_close(db);
	return st;
}

hub_status bench_database(bench *b, const char **ret_conninfo, hub_fault *fault)
{
	const char *directory;
	char data[PATH_MAX], run[PATH_MAX];
	ctl_user user;
	if (b->cluster) {
		*ret_conninfo = cluster_conninfo(b->cluster);
		return HUB_OK;
	}
	hub_status st = ctl_zone_user(CTL_ZONE_CORE, &user, fault);
	if (st == HUB_OK && !b->directory[0])
		st = ctl_become(&user, fault);
	if (st == HUB_OK)
		st = bench_directory(b, &directory, fault);
	if (st != HUB_OK)
		return st;
	/* A bench before this one has made it while we were still root. */
	if (!geteuid() && (chown(directory, user.uid, user.gid) || ctl_become(&user, fault) != HUB_OK)) {
		hub_fault_set(fault, "bench.directory", "", "%s cannot be given to '%s'", directory, user.name);
		return HUB_FAILED;
	}
	snprintf(data, sizeof data, "%s/pg", directory);
	snprintf(run, sizeof run, "%s/run", directory);
	mkdir(run, 0700);
	st = cluster_new(data, run, &user, &b->cluster, fault);
	if (st == HUB_OK)
		st = cluster_prepare(b->cluster, 0, fault);
	snprintf(run, sizeof run, "%s/postgres.log", directory);
	int log = open(run, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (st == HUB_OK) {
		const process_spec spec = { .argv = cluster_argv(b->cluster), .death_signal = SIGQUIT, .output = log };
		st = process_start(&spec, &b->postgres, fault);
	}
	close(log);
	if (st == HUB_OK)
		st = migrate_when_ready(cluster_conninfo(b->cluster), fault);
	if (st == HUB_OK)
		*ret_conninfo = cluster_conninfo(b->cluster);
	return st;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void clean_up(bench *b)
{
	int status;
	if (b->postgres) {
		kill(b->postgres, SIGINT);
		if (!process_wait(b->postgres, 30 * (int64_t)1000000, &status)) {
			process_signal(b->postgres, SIGKILL);
			process_wait(b->postgres, 1000000, &status);
		}
	}
	cluster_free(b->cluster);
	if (b->directory[0])
		nftw(b->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool asked_for(const char *bench_name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t len = strlen(argv[i]);
		if (!strncmp(bench_name, argv[i], len) && (!bench_name[len] || bench_name[len] == '-'))
			return true;
	}
	return argc < 2;
}

int ctl_bench(ctl *c, int argc, char **argv)
{
	int bad = 0, rc = CTL_OK, ran = 0;
	bench b = { .c = c, .json = ctl_take(&argc, argv, "json", 0, &bad) };
	const char *households = ctl_take(&argc, argv, "households", 1, &bad);
	b.scale = households ? (size_t)strtoul(households, NULL, 10) : 0;
	if (bad || (households && (!b.scale || b.scale > 10000000)) || ctl_leftover("bench", argc, argv))
		return ctl_usage("bench");
	for (size_t i = 0; benches[i].name; i++) {
		if (!asked_for(benches[i].name, argc, argv))
			continue;
		hub_fault fault = { 0 };
		hub_status st = benches[i].run(&b, &fault);
		if (st != HUB_OK)
			rc = ctl_fail(benches[i].name, st, &fault);
		ran++;
	}
	clean_up(&b);
	if (!ran) {
		fprintf(stderr, "hubctl bench: none has such a name; there are:\n");
		for (size_t i = 0; benches[i].name; i++)
			fprintf(stderr, "  %-20s %s\n", benches[i].name, benches[i].summary);
		return CTL_USAGE;
	}
	return rc;
}
