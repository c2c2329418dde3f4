#include "ctl/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "ctl/process.h"

enum { SECOND = 1000000 };

struct cluster {
	char data[PATH_MAX], run[PATH_MAX];
	char programs[PATH_MAX]; /* PostgreSQL's, "/usr/lib/postgresql/15/bin" */
	char postgres[PATH_MAX + 16];
	char conninfo[PATH_MAX + 64];
	const char *argv[4];
	ctl_user user;
};

/* The newest version installed, or the one that made the data, as another cannot read them. */
static hub_status find_programs(cluster *k, hub_fault *fault)
{
	char path[PATH_MAX + 16], version[16] = "";
	snprintf(path, sizeof path, "%s/PG_VERSION", k->data);
	FILE *f = fopen(path, "r");
	if (f) {
		if (!fgets(version, sizeof version, f))
			version[0] = 0;
		version[strcspn(version, "\n")] = 0;
		fclose(f);
	}
	snprintf(path, sizeof path, "/usr/lib/postgresql/%s/bin/postgres", version[0] ? version : "*");
	glob_t g;
	int best = 0;
	if (!glob(path, 0, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			int v = atoi(g.gl_pathv[i] + strlen("/usr/lib/postgresql/"));
			if (v > best)
				best = v;
		}
		globfree(&g);
	}
	if (!best) {
		hub_fault_set(fault, "postgres.missing", "", "PostgreSQL %s is not installed (%s); apt-get install "
			"postgresql%s%s", version, path, version[0] ? "-" : "", version);
		return HUB_MISSING;
	}
	snprintf(k->programs, sizeof k->programs, "/usr/lib/postgresql/%d/bin", best);
	snprintf(k->postgres, sizeof k->postgres, "%s/postgres", k->programs);
	return HUB_OK;
}

hub_status cluster_new(const char *data, const char *run, const ctl_user *user, cluster **ret, hub_fault *fault)
{
	if (strlen(run) + sizeof "/.s.PGSQL.5432.lock" > sizeof ((struct sockaddr_un *)0)->sun_path) {
		hub_fault_set(fault, "data.path", "data", "'%s' is too long for a unix socket (%zu bytes, at most 88); "
			"choose a shorter data directory", run, strlen(run));
		return HUB_REJECT;
	}
	cluster *k = fail_calloc(1, sizeof *k);
	if (!k)
		return HUB_NOMEM;
	k->user = *user;
	snprintf(k->data, sizeof k->data, "%s", data);
	snprintf(k->run, sizeof k->run, "%s", run);
	snprintf(k->conninfo, sizeof k->conninfo, "host='%s' user=uhub dbname=uhub connect_timeout=3", k->run);
	k->argv[0] = k->postgres;
	k->argv[1] = "-D";
	k->argv[2] = k->data;
	hub_status st = find_programs(k, fault);
	if (st != HUB_OK) {
		cluster_free(k);
		return st;
	}
	*ret = k;
	return HUB_OK;
}

void cluster_free(cluster *k)
{
	free(k);
}

const char *const *cluster_argv(const cluster *k)
{
	return k->argv;
}

const char *cluster_conninfo(const cluster *k)
{
	return k->conninfo;
}

static hub_status run_as_owner(const cluster *k, const char *const *argv, const char *what, hub_fault *fault)
{
	char log[] = "/tmp/hub-initdb-XXXXXX";
	int fd = mkostemp(log, O_CLOEXEC);
	if (fd >= 0)
		unlink(log);
	process_spec s = { .argv = argv, .user = &k->user, .death_signal = SIGKILL, .output = fd };
	hub_fault why = { 0 };
	int rc = process_run(&s, &why);
	char said[160] = "";
	if (rc > 0 && fd >= 0) {
		off_t end = lseek(fd, 0, SEEK_END), from = end > 150 ? end - 150 : 0;
		ssize_t n = pread(fd, said, sizeof said - 1, from);
		said[n > 0 ? n : 0] = 0;
	}
	if (fd >= 0)
		close(fd);
	if (rc == 0)
		return HUB_OK;
	hub_fault_set(fault, "postgres.init", "", "%s failed (%d): %s", what, rc, rc < 0 ? why.message : said);
	return HUB_FAILED;
}

/*
 * The role of the second wall (schemas/sql/0021_wall.sql): uhub may take it on, and may not make it. Clusters from
 * before it, or restored from then, get it at their next start.
 */
#define WALL_ROLE "create role hub_api nologin;\\n\\ngrant hub_api to uhub;\\n\\n"
#define WALL_MARK "hub_api.made"

static hub_status add_wall_role(cluster *k, hub_fault *fault)
{
	char path[PATH_MAX + 32], script[3 * PATH_MAX];
	snprintf(path, sizeof path, "%s/" WALL_MARK, k->data);
	if (!access(path, F_OK))
		return HUB_OK;
	snprintf(script, sizeof script, "printf '" WALL_ROLE "' | '%s' --single -j -D \"$0\" postgres && touch \"$0\"/" WALL_MARK,
		 k->postgres);
	const char *roles[] = { "/bin/sh", "-c", script, k->data, NULL };
	return run_as_owner(k, roles, "making the role hub_api", fault);
}

/* Into a directory of another name that is renamed last: a power cut leaves no half cluster. */
static hub_status make(cluster *k, hub_fault *fault)
{
	char fresh[PATH_MAX + 8], initdb[PATH_MAX + 16], script[3 * PATH_MAX];
	snprintf(fresh, sizeof fresh, "%s.new", k->data);
	snprintf(initdb, sizeof initdb, "%s/initdb", k->programs);
	const char *remove_old[] = { "/bin/rm", "-rf", "--one-file-system", "--", fresh, NULL };
	const char *init[] = { initdb, "-D", fresh, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=peer",
			 "--no-instructions", "--data-checksums", NULL };
	snprintf(script, sizeof script, "printf 'create role uhub login;\\n\\ncreate database uhub owner uhub;\\n\\n" WALL_ROLE "' | "
		"'%s' --single -j -D \"$0\" postgres && touch \"$0\"/" WALL_MARK, k->postgres);
	const char *roles[] = { "/bin/sh", "-c", script, fresh, NULL };
	hub_status st = run_as_owner(k, remove_old, "removing a half-made cluster", fault);
	if (st == HUB_OK)
		st = run_as_owner(k, init, "initdb", fault);
	if (st == HUB_OK)
		st = run_as_owner(k, roles, "making the role and the database", fault);
	if (st != HUB_OK)
		return st;
	if (!rename(fresh, k->data))
		return HUB_OK;
	hub_fault_set(fault, "postgres.init", "", "%s cannot be renamed: %s", fresh, strerror(errno));
	return HUB_FAILED;
}

static hub_status write_file(const cluster *k, const char *name, const char *text, hub_fault *fault)
{
	char path[PATH_MAX + 64], next[PATH_MAX + 72];
	snprintf(path, sizeof path, "%s/%s", k->data, name);
	snprintf(next, sizeof next, "%s.new", path);
	int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t len = strlen(text);
	bool good = fd >= 0 && write(fd, text, len) == (ssize_t)len && !fsync(fd) &&
		    (geteuid() || !fchown(fd, k->user.uid, k->user.gid));
	if (fd >= 0)
		close(fd);
	if (good && !rename(next, path))
		return HUB_OK;
	hub_fault_set(fault, "postgres.settings", "", "%s cannot be written: %s", path, strerror(errno));
	return HUB_FAILED;
}

static hub_status write_settings(const cluster *k, int64_t memory, hub_fault *fault)
{
	int64_t machine = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	int64_t cache = memory ? memory : machine / 8;
	if (!memory && cache > (int64_t)8 << 30)
		cache = (int64_t)8 << 30;
	if (cache < 16 << 20)
		cache = 16 << 20;
	char text[PATH_MAX + 1600], path[PATH_MAX + 32];
	snprintf(text, sizeof text,
		 "# Written at every start. Your own settings: postgresql.local.conf beside this file.\n"
		 "listen_addresses = ''\nunix_socket_directories = '%s'\nunix_socket_permissions = 0700\n"
		 "max_connections = 100\nshared_buffers = %lldkB\neffective_cache_size = %lldkB\n"
		 "work_mem = 16MB\nmaintenance_work_mem = 128MB\n"
		 "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\nwal_compression = lz4\n"
		 "wal_level = replica\nmax_wal_size = 4GB\nmin_wal_size = 256MB\ncheckpoint_timeout = 10min\n"
		 "random_page_cost = 1.1\njit = off\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n"
		 "datestyle = 'iso, ymd'\nlc_messages = 'C'\ndefault_text_search_config = 'pg_catalog.simple'\n"
		 "logging_collector = off\nlog_checkpoints = off\nlog_min_messages = warning\n"
		 "log_line_prefix = '%%m postgres[%%p] '\n"
		 "idle_in_transaction_session_timeout = 5min\n"
		 "include_if_exists = 'postgresql.local.conf'\n",
		 k->run, (long long)(cache >> 10), (long long)(machine / 2 >> 10));
	hub_status st = write_file(k, "postgresql.conf", text, fault);
	if (st == HUB_OK)
		st = write_file(k, "pg_hba.conf", "local all all peer map=hub\n", fault);
	snprintf(path, sizeof path, "%s/postgresql.local.conf", k->data);
	if (st == HUB_OK && access(path, F_OK))
		st = write_file(k, "postgresql.local.conf", "# Your own settings; they win over postgresql.conf.\n", fault);
	snprintf(text, sizeof text, "hub \"%s\" uhub\nhub \"%s\" postgres\n", k->user.name, k->user.name);
	return st == HUB_OK ? write_file(k, "pg_ident.conf", text, fault) : st;
}

/* The pid in postmaster.pid if a server still works in our directory; 0 if none. */
static pid_t server_pid(const cluster *k)
{
	char path[PATH_MAX + 32], cwd[PATH_MAX];
	snprintf(path, sizeof path, "%s/postmaster.pid", k->data);
	FILE *f = fopen(path, "r");
	long pid = 0;
	if (!f)
		return 0;
	if (fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	fclose(f);
	snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
	ssize_t n = pid > 0 ? readlink(path, cwd, sizeof cwd - 1) : -1;
	cwd[n < 0 ? 0 : n] = 0;
	return strcmp(cwd, k->data) ? 0 : (pid_t)pid;
}

/*
 * The caller holds the hub's lock, so a server found here lost its supervisor and is dying, or
 * missed its death. Its number may since belong to another process, which would keep PostgreSQL
 * from starting; so the file goes once nobody works in the directory.
 */
static hub_status clear_stale(const cluster *k, hub_fault *fault)
{
	int64_t begun = clock_monotonic();
	pid_t pid;
	while ((pid = server_pid(k))) {
		int64_t waited = clock_monotonic() - begun;
		if (waited > 30 * SECOND) {
			hub_fault_set(fault, "postgres.running", "", "PostgreSQL (pid %d) still runs on %s; end it",
				(int)pid, k->data);
			return HUB_CONFLICT;
		}
		kill(pid, waited > 20 * SECOND ? SIGKILL : SIGQUIT);
		usleep(100000);
	}
	char path[PATH_MAX + 32];
	snprintf(path, sizeof path, "%s/postmaster.pid", k->data);
	unlink(path);
	snprintf(path, sizeof path, "%s/.s.PGSQL.5432", k->run);
	unlink(path);
	snprintf(path, sizeof path, "%s/.s.PGSQL.5432.lock", k->run);
	unlink(path);
	return HUB_OK;
}

hub_status cluster_prepare(cluster *k, int64_t memory, hub_fault *fault)
{
	char path[PATH_MAX + 16];
	snprintf(path, sizeof path, "%s/PG_VERSION", k->data);
	hub_status st = access(path, F_OK) ? make(k, fault) : clear_stale(k, fault);
	if (st == HUB_OK)
		st = write_settings(k, memory, fault);
	return st == HUB_OK ? add_wall_role(k, fault) : st;
}
