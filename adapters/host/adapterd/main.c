#include <errno.h>
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
#include "base/option.h"
#include "child.h"
#include "ledger.h"
#include "replica.h"

static const option table[] = {
	{ "data", OPTION_PATH, NULL, 0, 0, false, "the outer zone's folder; state is kept in DATA/NAME" },
	{ "zone", OPTION_TEXT, "", 0, 0, false,
	  "where to listen for the core: ipc://DIR or tls+tcp://HOST:PORT; \"\": ipc://DATA/run" },
	{ "name", OPTION_TEXT, "adapterd", 0, 0, false, "this daemon's name, as the core dials it" },
	{ "modules", OPTION_PATH, "", 0, 0, false, "folder of the adapters; \"\": the usual places" },
	{ "ca", OPTION_PATH, "", 0, 0, false, "PEM of the private authority, for tls+tcp" },
	{ "cert", OPTION_PATH, "", 0, 0, false, "PEM of this daemon's certificate" },
	{ "key", OPTION_PATH, "", 0, 0, false, "PEM of its key" },
	{ "child_patience", OPTION_DURATION, "20s", 1000000, 0, false, "an adapter's process that gives no sign of life for so long is ended" },
	{ "log_level", OPTION_INT, "2", 0, 3, true, "0 errors, 1 warnings, 2 information, 3 all" },
	{ NULL },
};

enum { CLOSE_PATIENCE = 3 /* s */ };

static bool stopping, reload;

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

static bool directories_make(const options *o, char *state, size_t size)
{
	const char *data = option_text(o, "data");
	char run[4096];
	mkdir(data, 0750);
	snprintf(state, size, "%s/%s", data, option_text(o, "name"));
	snprintf(run, sizeof run, "%s/run", data);
	if (!option_text(o, "zone")[0])
		mkdir(run, 0750);
	return (mkdir(state, 0750) == 0 || errno == EEXIST) && access(state, W_OK) == 0;
}

static hub_status wires_open(adapterd *d, const options *o, hub_fault *fault)
{
	buf base = { 0 }, url = { 0 };
	const char *name = option_text(o, "name"), *ca = option_text(o, "ca");
	wire_tls tls = { ca[0] ? ca : NULL, option_text(o, "cert"), option_text(o, "key") };
	if (option_text(o, "zone")[0])
		buf_text(&base, option_text(o, "zone"));
	else
		buf_printf(&base, "ipc://%s/run", option_text(o, "data"));
	hub_status st = wire_url(buf_cstr(&base), name, WIRE_INTAKE, &url);
	if (st == HUB_OK)
		st = wire_ask_listen(buf_cstr(&url), &tls, &d->host.intake, fault);
	buf_clear(&url);
	if (st == HUB_OK && (st = wire_url(buf_cstr(&base), name, WIRE_ORDER, &url)) == HUB_OK)
		st = wire_answer_listen(buf_cstr(&url), &tls, 4, desk_handle, d->desk, &d->orders, fault);
	buf_clear(&url);
	if (st == HUB_OK && (st = wire_url(buf_cstr(&base), name, WIRE_HINT, &url)) == HUB_OK)
		st = wire_hear_listen(buf_cstr(&url), &tls, on_hint, &d->host.event, &d->hints, fault);
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

static void settings_reload(options **o)
{
	hub_fault fault;
	options *next = NULL;
	hub_status st = options_reload(*o, &next, &fault);
	if (st != HUB_OK)
		log_warn("reload: %s", fault.message);
	if (!next)
		return;
	options_free(*o);
	*o = next;
	log_level_set((log_level)option_int(next, "log_level"));
}

static void run(adapterd *d, options **o)
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
		adapterd_readers(d);
		if (reload) {
			settings_reload(o);
			/* Instances come by order; what a reload does for them is to try again at once. */
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

static void give_up(int signal)
{
	(void)signal;
	_exit(0);
}

static void daemon_close(adapterd *d)
{
	desk_shut(d->desk);
	for (size_t i = 0; i < d->count; i++)
		keeper_close(d->instances[i]);
	/* Everything is on disk now; a wire that cannot close (decision 0003) must not keep us. */
	signal(SIGALRM, give_up);
	alarm(CLOSE_PATIENCE);
	wire_answerer_close(d->orders);
	wire_hearer_close(d->hints);
	wire_asker_close(d->host.intake);
	while (waitpid(-1, NULL, 0) > 0)
		;
	free(d->instances);
	json_decref(d->readers);
	replica_close(d->host.tables);
	ledger_close(d->host.ledger);
	desk_close(d->desk);
	loop_close(&d->host.loop);
}

/* Signals come as events, and children leave their status behind. */
static int signals_take(void)
{
	static const int heard[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t signals;
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++)
		sigaddset(&signals, heard[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	wire_watch();
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files.rlim_max, files.rlim_max });
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int serve(options **o)
{
	static adapterd d;
	char state[4096];
	const char *modules = option_text(*o, "modules");
	hub_fault fault = { "", "", "the state folder cannot be written: check --data" };
	watch told = { .fd = -1, .on = on_event }, signalled = { .fd = -1, .on = on_signal };
	d.host = (zone_host){ .state_dir = state, .modules = modules[0] ? modules : NULL,
			      .event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .commanded = adapterd_commanded,
			      .patience = option_int(*o, "child_patience") };
	int signals = signals_take();
	d.untold = true;
	d.since = clock_now();
	d.desk = desk_open(d.host.event);
	bool good = d.desk && directories_make(*o, state, sizeof state) && loop_open(&d.host.loop) &&
		    loop_watch(&d.host.loop, &told, d.host.event, EPOLLIN) &&
		    loop_watch(&d.host.loop, &signalled, signals, EPOLLIN) &&
		    (d.host.tables = replica_open(state)) != NULL &&
		    ledger_open(state, clock_now(), &d.host.ledger, &fault) == HUB_OK && wires_open(&d, *o, &fault) == HUB_OK;
	if (!good) {
		log_error("%s", fault.message);
		return 1;
	}
	adapterd_restore(&d);
	log_info("listening, %zu instances", d.count);
	run(&d, o);
	log_info("stopping");
	daemon_close(&d);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--child") == 0)
		return child_main();
	int code;
	if (options_asked(table, "protocol adapters of the outer zone: transports, journals, confined children", argc,
			  argv, &code))
		return code;
	log_setup("adapterd", LOG_INFO);
	options *o;
	hub_fault fault;
	int rest;
	hub_status st = options_parse(table, NULL, argc, argv, &rest, &o, &fault);
	if (st == HUB_OK && rest < argc)
		st = hub_fault_set(&fault, "option.extra", "", "'%.80s' is not an option", argv[rest]);
	if (st != HUB_OK) {
		log_error("%s", fault.message);
		return 2;
	}
	log_level_set((log_level)option_int(o, "log_level"));
	code = serve(&o);
	options_free(o);
	return code;
}
