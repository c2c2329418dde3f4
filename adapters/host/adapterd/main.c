#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapterd.h"
#include "base/clock.h"
#include "base/log.h"
#include "child.h"
#include "replica.h"

typedef struct settings {
	const char *data, *zone, *name, *modules;
	wire_tls tls;
	log_level level;
} settings;

static bool stopping, reload;

static const char usage[] = "usage: adapterd --data=DIR [--zone=URL] [--name=NAME] [--modules=DIR]\n"
			    "                [--tls-ca=FILE --tls-cert=FILE --tls-key=FILE] [--log=LEVEL]\n";

static bool settings_read(int argc, char **argv, settings *s)
{
	static const struct option options[] = {
		{ "data", required_argument, NULL, 'd' },     { "zone", required_argument, NULL, 'z' },
		{ "name", required_argument, NULL, 'n' },     { "modules", required_argument, NULL, 'm' },
		{ "tls-ca", required_argument, NULL, 'a' },   { "tls-cert", required_argument, NULL, 'c' },
		{ "tls-key", required_argument, NULL, 'k' },  { "log", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	*s = (settings){ .name = "adapterd", .level = LOG_INFO };
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		const char **text = o == 'd' ? &s->data : o == 'z' ? &s->zone : o == 'n' ? &s->name : o == 'm' ? &s->modules
				    : o == 'a' ? &s->tls.ca : o == 'c' ? &s->tls.cert : o == 'k' ? &s->tls.key : NULL;
		if (text) {
			*text = optarg;
			continue;
		}
		int level = 0;
		while (o == 'l' && level < 4 && strcmp(levels[level], optarg) != 0)
			level++;
		if (o != 'l' || level == 4)
			return false;
		s->level = (log_level)level;
	}
	return s->data && optind == argc;
}

static void on_signal(watch *w, uint32_t events)
{
	(void)events;
	struct signalfd_siginfo got;
	while (read(w->fd, &got, sizeof got) == (ssize_t)sizeof got) {
		stopping |= got.ssi_signo == SIGTERM || got.ssi_signo == SIGINT;
		reload |= got.ssi_signo == SIGHUP;
	}
}

static void on_event(watch *w, uint32_t events)
{
	(void)events;
	uint64_t count;
	ssize_t n = read(w->fd, &count, sizeof count);
	(void)n; /* every turn looks at everything anyway */
}

/* A hint says that the core is there and well: whoever waits to try again does so now. */
static void on_hint(void *user, const uint8_t *msg, size_t len)
{
	(void)msg;
	(void)len;
	uint64_t one = 1;
	ssize_t n = write(*(int *)user, &one, sizeof one);
	(void)n;
}

static void reap(adapterd *d)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		for (size_t i = 0; i < d->count && !keeper_reaped(d->instances[i], pid, status); i++)
			;
}

static bool directories_make(const settings *s, char *state, size_t size)
{
	char run[4096];
	mkdir(s->data, 0750);
	snprintf(state, size, "%s/%s", s->data, s->name);
	snprintf(run, sizeof run, "%s/run", s->data);
	if (!s->zone)
		mkdir(run, 0750);
	return (mkdir(state, 0750) == 0 || errno == EEXIST) && access(state, W_OK) == 0;
}

static hub_status wires_open(adapterd *d, const settings *s, hub_fault *fault)
{
	buf base = { 0 }, url = { 0 };
	if (s->zone)
		buf_text(&base, s->zone);
	else
		buf_printf(&base, "ipc://%s/run", s->data);
	hub_status st = wire_url(buf_cstr(&base), s->name, WIRE_INTAKE, &url);
	if (st == HUB_OK)
		st = wire_ask_listen(buf_cstr(&url), &s->tls, &d->host.intake, fault);
	buf_clear(&url);
	if (st == HUB_OK && (st = wire_url(buf_cstr(&base), s->name, WIRE_ORDER, &url)) == HUB_OK)
		st = wire_answer_listen(buf_cstr(&url), &s->tls, 4, desk_handle, d->desk, &d->orders, fault);
	buf_clear(&url);
	if (st == HUB_OK && (st = wire_url(buf_cstr(&base), s->name, WIRE_HINT, &url)) == HUB_OK)
		st = wire_hear_listen(buf_cstr(&url), &s->tls, on_hint, &d->host.event, &d->hints, fault);
	buf_fini(&base);
	buf_fini(&url);
	return st;
}

static void drained_close(adapterd *d)
{
	for (size_t i = 0; i < d->count; i++) {
		if (!keeper_drained(d->instances[i]))
			continue;
		log_info("instance '%s': its journal is empty", d->instances[i]->name);
		keeper_close(d->instances[i]);
		d->instances[i--] = d->instances[--d->count];
	}
}

static void run(adapterd *d)
{
	while (!stopping) {
		reap(d);
		adapterd_obey(d);
		int64_t now = clock_monotonic(), due = 0;
		for (size_t i = 0; i < d->count; i++) {
			int64_t next = keeper_settle(d->instances[i], now);
			due = !due || (next && next < due) ? next : due;
		}
		drained_close(d);
		if (reload) {
			/* Its settings come by order; what a reload can do is to try again what waits. */
			for (size_t i = 0; i < d->count; i++) {
				d->instances[i]->due = 0;
				sender_kick(d->instances[i]->sender);
			}
			reload = false;
			due = now;
		}
		loop_turn(&d->host.loop, due);
	}
}

static void daemon_close(adapterd *d)
{
	desk_shut(d->desk);
	wire_answerer_close(d->orders);
	wire_hearer_close(d->hints);
	for (size_t i = 0; i < d->count; i++)
		keeper_close(d->instances[i]);
	wire_asker_close(d->host.intake);
	while (waitpid(-1, NULL, 0) > 0)
		;
	free(d->instances);
	replica_close(d->host.tables);
	desk_close(d->desk);
	loop_close(&d->host.loop);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--child") == 0)
		return child_main();
	settings s;
	if (!settings_read(argc, argv, &s)) {
		fputs(usage, stderr);
		return 2;
	}
	log_setup("adapterd", s.level);
	sigset_t signals;
	sigemptyset(&signals);
	const int heard[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++)
		sigaddset(&signals, heard[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files.rlim_max, files.rlim_max });

	static adapterd d;
	char state[4096];
	hub_fault fault = { "", "", "the state folder cannot be written: check --data" };
	watch told = { .fd = -1, .on = on_event }, signalled = { .fd = -1, .on = on_signal };
	d.host = (zone_host){ .state_dir = state, .modules = s.modules, .event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			      .commanded = adapterd_commanded };
	int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	d.desk = desk_open(d.host.event);
	bool good = d.desk && directories_make(&s, state, sizeof state) && loop_open(&d.host.loop) &&
		    loop_watch(&d.host.loop, &told, d.host.event, EPOLLIN) &&
		    loop_watch(&d.host.loop, &signalled, signal_fd, EPOLLIN) &&
		    (d.host.tables = replica_open(state)) != NULL && wires_open(&d, &s, &fault) == HUB_OK;
	if (!good) {
		log_error("%s", fault.message);
		return 1;
	}
	adapterd_restore(&d);
	log_info("listening, %zu instances", d.count);
	run(&d);
	log_info("stopping");
	daemon_close(&d);
	return 0;
}
