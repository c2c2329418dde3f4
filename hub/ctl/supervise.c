#include "ctl/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

typedef struct supervisor {
	unit *units;
	size_t count;
	const supervisor_events *events;
	bool stopping, told;
	hub_status result;
} supervisor;

int64_t backoff_next(int64_t before, int64_t ran)
{
	if (!before || ran >= BACKOFF_RESET)
		return BACKOFF_FIRST;
	return before * 2 > BACKOFF_MAX ? BACKOFF_MAX : before * 2;
}

const char *unit_state_name(unit_state s)
{
	static const char *const names[] = { "waiting", "running", "backoff", "stopping", "stopped", "done", "failed" };
	return names[s];
}

static void unit_move(supervisor *s, unit *u, unit_state to)
{
	u->state = to;
	u->since = clock_now();
	if (to != UNIT_RUNNING && to != UNIT_STOPPING)
		u->pid = 0;
	if (s->events->changed)
		s->events->changed(s->events->user, s->units, s->count);
}

static void tell(supervisor *s, hub_status st, const unit *which)
{
	if (!s->told && s->events->ready)
		s->events->ready(s->events->user, st, which);
	s->told = true;
}

static void begin_stop(supervisor *s, hub_status result)
{
	if (!s->stopping)
		s->result = result;
	s->stopping = true;
}

static void unit_start(supervisor *s, unit *u)
{
	hub_fault fault = { 0 };
	u->started = clock_monotonic();
	if (process_start(&u->process, &u->pid, &fault) == HUB_OK) {
		unit_move(s, u, UNIT_RUNNING);
		return;
	}
	snprintf(u->last, sizeof u->last, "not started");
	log_error("%s: %s", u->name, fault.message);
	u->delay = backoff_next(u->delay, 0);
	u->next = u->started + u->delay;
	unit_move(s, u, u->kind == UNIT_SERVICE ? UNIT_BACKOFF : UNIT_FAILED);
	if (u->kind != UNIT_SERVICE)
		tell(s, HUB_FAILED, u);
	if (u->kind == UNIT_STEP)
		begin_stop(s, HUB_FAILED);
}

static void unit_ended(supervisor *s, unit *u, int status)
{
	int64_t now = clock_monotonic();
	bool good = WIFEXITED(status) && !WEXITSTATUS(status);
	process_status_text(status, u->last);
	/* What it started and left behind. */
	process_signal(u->pid, SIGKILL);
	if (s->stopping) {
		unit_move(s, u, UNIT_STOPPED);
	} else if (u->kind == UNIT_SERVICE) {
		u->delay = backoff_next(u->delay, now - u->started);
		u->next = now + u->delay;
		u->restarts++;
		log_warn("%s: ended with %s after %.1f s, starts again in %.1f s", u->name, u->last,
			 (double)(now - u->started) / 1e6, (double)u->delay / 1e6);
		unit_move(s, u, UNIT_BACKOFF);
	} else {
		unit_move(s, u, good ? UNIT_DONE : UNIT_FAILED);
		if (!good || u->kind == UNIT_CHECK)
			tell(s, good ? HUB_OK : HUB_FAILED, u);
		if (!good && u->kind == UNIT_STEP) {
			log_error("%s: failed with %s", u->name, u->last);
			begin_stop(s, HUB_FAILED);
		}
	}
}

static void reap(supervisor *s)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < s->count; i++)
			if (s->units[i].pid == pid) {
				unit_ended(s, &s->units[i], status);
				break;
			}
}

/* Starts what may start; a step that has not ended well holds back all behind it. */
static void advance(supervisor *s)
{
	int64_t now = clock_monotonic();
	for (size_t i = 0; i < s->count && !s->stopping; i++) {
		unit *u = &s->units[i];
		if (u->state == UNIT_WAITING || (u->state == UNIT_BACKOFF && u->next <= now))
			unit_start(s, u);
		if (u->kind == UNIT_STEP && u->state != UNIT_DONE)
			return;
	}
}

/* The last unit still there is told to end; when it is gone, the one before it. True when none is left. */
static bool retreat(supervisor *s)
{
	int64_t now = clock_monotonic();
	for (size_t i = s->count; i-- > 0;) {
		unit *u = &s->units[i];
		if (u->state == UNIT_WAITING || u->state == UNIT_BACKOFF) {
			unit_move(s, u, UNIT_STOPPED);
		} else if (u->state == UNIT_RUNNING) {
			u->next = now + u->stop_timeout;
			kill(u->pid, u->stop_signal);
			unit_move(s, u, UNIT_STOPPING);
			return false;
		} else if (u->state == UNIT_STOPPING) {
			if (u->next <= now) {
				log_error("%s: does not end, killed", u->name);
				process_signal(u->pid, SIGKILL);
				u->next = now + u->stop_timeout;
			}
			return false;
		}
	}
	return true;
}

/* Orphans that fell to us: they left the group they were started in. */
static void end_orphans(void)
{
	for (int tries = 0; tries < 50; tries++) {
		char path[64];
		int pid;
		snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
		FILE *f = fopen(path, "re");
		if (!f)
			return;
		while (fscanf(f, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		fclose(f);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		usleep(20000);
	}
}

static int wait_time(const supervisor *s)
{
	int64_t now = clock_monotonic(), next = now + 60000000;
	for (size_t i = 0; i < s->count; i++) {
		unit_state st = s->units[i].state;
		if ((st == UNIT_BACKOFF || st == UNIT_STOPPING) && s->units[i].next < next)
			next = s->units[i].next;
	}
	return next <= now ? 0 : (int)((next - now) / 1000 + 1);
}

static void take_signals(supervisor *s, int fd)
{
	struct signalfd_siginfo info;
	while (read(fd, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			begin_stop(s, HUB_OK);
		else if (info.ssi_signo == SIGHUP)
			for (size_t i = 0; i < s->count; i++)
				if (s->units[i].kind == UNIT_SERVICE && s->units[i].state == UNIT_RUNNING)
					kill(s->units[i].pid, SIGHUP);
	}
}

hub_status supervise(unit *units, size_t count, const supervisor_events *events)
{
	supervisor s = { .units = units, .count = count, .events = events, .result = HUB_OK };
	sigset_t set, old;
	sigemptyset(&set);
	static const int taken[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	for (size_t i = 0; i < count; i++)
		units[i].since = clock_now();
	for (;;) {
		take_signals(&s, fd);
		reap(&s);
		if (!s.stopping)
			advance(&s);
		/* Not in one breath with advance: a step that could not start ends everything. */
		if (s.stopping && retreat(&s))
			break;
		struct pollfd p = { fd, POLLIN, 0 };
		poll(&p, 1, wait_time(&s));
	}
	end_orphans();
	close(fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return s.result;
}

void units_json(buf *out, const unit *units, size_t count)
{
	static const char *const kinds[] = { "service", "step", "check" };
	char when[CLOCK_TEXT];
	buf_text(out, "[");
	for (size_t i = 0; i < count; i++) {
		const unit *u = &units[i];
		buf_printf(out, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"state\":\"%s\",\"pid\":%d,\"since\":\"%s\","
			   "\"restarts\":%u,\"user\":\"%s\",\"last\":\"%s\"}", i ? "," : "", u->name, kinds[u->kind],
			   unit_state_name(u->state), (int)u->pid, clock_text(u->since, when), u->restarts,
			   u->process.user ? u->process.user->name : "", u->last);
	}
	buf_text(out, "]");
}
