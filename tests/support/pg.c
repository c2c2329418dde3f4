#include "support/pg.h"

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#define USER "hub"

enum { PATH = 256, PORT = 5432 };

struct pg {
	char bin[PATH], dir[PATH], data[PATH + 8];
	char server[PATH + 64], conninfo[PATH + 96];
	uid_t uid; /* 0: our own */
	gid_t gid;
	pid_t pid; /* postmaster; 0: not running */
	int databases;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "tests/support/pg: %s: %s\n", what, why);
	exit(1);
}

/* The newest PostgreSQL installed, where Debian puts it. */
static bool find_programs(pg *p)
{
	glob_t g;
	bool found = !glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &g) && g.gl_pathc;
	if (found)
		snprintf(p->bin, sizeof p->bin, "%.*s", (int)strlen(g.gl_pathv[g.gl_pathc - 1]) - 7,
			 g.gl_pathv[g.gl_pathc - 1]);
	globfree(&g);
	return found;
}

static pid_t spawn(const pg *p, const char *argv[])
{
	char path[PATH + 32];
	snprintf(path, sizeof path, "%s/%s", p->bin, argv[0]);
	pid_t parent = getpid(), pid = fork();
	if (pid)
		return pid;
	int log = -1, none = open("/dev/null", O_RDONLY);
	bool fine = chdir(p->dir) == 0;
	if (p->uid)
		fine = fine && setgid(p->gid) == 0 && setuid(p->uid) == 0;
	if (fine && log < 0)
		log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	/* After setuid, which forgets it. SIGQUIT is PostgreSQL's immediate shutdown. */
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (!fine || log < 0 || none < 0 || getppid() != parent)
		_exit(126);
	dup2(none, 0);
	dup2(log, 1);
	dup2(log, 2);
	/* By its whole path: initdb looks for postgres beside where it was called from, and Debian has neither on the PATH. */
	argv[0] = path;
	execv(path, (char **)argv);
	_exit(127);
}

/* Runs a program to its end; its exit status. */
static int run(const pg *p, const char *argv[])
{
	int status = 0;
	pid_t pid = spawn(p, argv);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die(argv[0], strerror(errno));
	return status;
}

/* Ends the test with what the cluster's programs said. */
static void give_up(const pg *p, const char *what, const char *why)
{
	char path[PATH + 16], text[512];
	snprintf(path, sizeof path, "%s/log", p->dir);
	FILE *f = fopen(path, "r");
	while (f && fgets(text, sizeof text, f))
		fputs(text, stderr);
	die(what, why);
}

static void must(const pg *p, const char *argv[])
{
	if (run(p, argv))
		give_up(p, argv[0], "failed");
}

static void start_server(pg *p)
{
	const char *argv[] = { "postgres", "-D", p->data, "-k", p->dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
			 "full_page_writes=off", "-c", "shared_buffers=64MB", "-c",
			 "deadlock_timeout=100ms", NULL };
	p->pid = spawn(p, argv);
	if (p->pid < 0)
		die("fork", strerror(errno));
}

/* A killed server's children hold its shared memory until they notice, and as long PostgreSQL refuses to start: it is asked again. */
void pg_resume(pg *p)
{
	const char *ask[] = { "pg_isready", "-q", "-h", p->dir, "-U", USER, NULL };
	start_server(p);
	for (int i = 0; i < 600; i++) {
		if (!run(p, ask))
			return;
		nanosleep(&(struct timespec){ 0, 50 * 1000 * 1000 }, NULL);
		if (waitpid(p->pid, NULL, WNOHANG) == p->pid)
			start_server(p);
	}
	give_up(p, "postgres", "does not start");
}

void pg_halt(pg *p, int sig)
{
	if (!p->pid)
		return;
	kill(p->pid, sig);
	waitpid(p->pid, NULL, 0);
	p->pid = 0;
}

pg *pg_start(void)
{
	pg *p = calloc(1, sizeof *p);
	if (!p)
		die("memory", "none");
	if (!find_programs(p)) {
		free(p);
		return NULL;
	}
	snprintf(p->dir, sizeof p->dir, "%s/hub-pg-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(p->dir))
		die(p->dir, strerror(errno));
	if (geteuid() == 0) {
		struct passwd *pw = getpwnam("nobody");
		if (!pw || chown(p->dir, pw->pw_uid, pw->pw_gid))
			die("nobody", "cannot own the cluster");
		p->uid = pw->pw_uid;
		p->gid = pw->pw_gid;
	}
	snprintf(p->data, sizeof p->data, "%s/data", p->dir);
	snprintf(p->server, sizeof p->server, "host=%s port=%d user=%s dbname=postgres", p->dir, PORT, USER);
	const char *initdb[] = { "initdb", "-D", p->data, "-U", USER, "-A", "trust", "-E", "UTF8",
			   "--locale=C.UTF-8", "-N", NULL };
	must(p, initdb);
	pg_resume(p);
	return p;
}

const char *pg_database(pg *p)
{
	char name[32];
	snprintf(name, sizeof name, "test%d", ++p->databases);
	const char *create[] = { "createdb", "-h", p->dir, "-U", USER, name, NULL };
	must(p, create);
	snprintf(p->conninfo, sizeof p->conninfo, "host=%s port=%d user=%s dbname=%s", p->dir, PORT, USER, name);
	return p->conninfo;
}

const char *pg_conninfo(const pg *p)
{
	return p->server;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void pg_stop(pg *p)
{
	if (!p)
		return;
	pg_halt(p, SIGINT);
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
}
