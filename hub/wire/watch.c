#include "wire/watch.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* LONELY: so long alone before the other end is felt for; STRIKES: findings in a row that mean stuck. */
enum { LOOK_EVERY = 1000000, LONELY = 10000000, STRIKES = 3, PATIENCE_MS = 2000, EXIT_STUCK = 70 };

struct watched {
	watched *prev, *next;
	char *url;
	socket_side side;
	sp_protocol as; /* what the listener, ours or the other's, expects */
	const atomic_int *peers;
	int64_t alone; /* monotonic µs; 0: not alone */
	int strikes;
};

/* The process's wires, as it is the process that is stuck. */
static struct {
	pthread_mutex_t lock;
	watched *list;
	wire_stuck stuck;
	int64_t look_every, lonely; /* µs */
	bool running;
} watch = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* True: stuck. A dialer is when the listener is alive, a listener when it does not even hear its own process. */
static bool is_stuck(watched *w, int64_t now)
{
	if (atomic_load(w->peers) > 0) {
		w->alone = 0;
		w->strikes = 0;
		return false;
	}
	if (!w->alone)
		w->alone = now;
	if (now - w->alone < watch.lonely)
		return false;
	bool alive = pulse_feel(w->url, w->as, PATIENCE_MS) == PULSE_ALIVE;
	w->strikes = alive == (w->side == SOCKET_DIAL) ? w->strikes + 1 : 0;
	return w->strikes >= STRIKES;
}

static void *watch_run(void *user)
{
	useconds_t look_every = (useconds_t)watch.look_every;
	(void)user;
	for (;;) {
		usleep(look_every);
		pthread_mutex_lock(&watch.lock);
		watched *w = watch.list;
		while (w && !is_stuck(w, clock_monotonic()))
			w = w->next;
		if (w)
			watch.stuck(w->url);
		pthread_mutex_unlock(&watch.lock);
	}
	return NULL;
}

void watch_start(wire_stuck stuck, int64_t look_every, int64_t lonely)
{
	pthread_mutex_lock(&watch.lock);
	watch.stuck = stuck;
	watch.look_every = look_every;
	watch.lonely = lonely;
	pthread_t thread;
	sigset_t all, before;
	sigfillset(&all); /* they are for the daemon's own threads */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!watch.running && pthread_create(&thread, NULL, watch_run, NULL) == 0) {
		pthread_detach(thread);
		watch.running = true;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_mutex_unlock(&watch.lock);
}

static void end_process(const char *url)
{
	log_error("%s: stuck, this process is ended to be started again", url);
	_exit(EXIT_STUCK);
}

void wire_watch(void)
{
	watch_start(end_process, LOOK_EVERY, LONELY);
}

watched *watch_begin(const char *url, socket_side side, sp_protocol speaks, const atomic_int *peers)
{
	watched *w = NULL;
	pthread_mutex_lock(&watch.lock);
	if (watch.running && peers && !strncmp(url, "ipc://", 6))
		w = fail_calloc(1, sizeof *w);
	if (w && (w->url = fail_strdup(url))) {
		w->side = side;
		w->as = (side == SOCKET_DIAL) == (speaks == SP_REQ) ? SP_REQ : SP_REP;
		w->peers = peers;
		w->next = watch.list;
		if (w->next)
			w->next->prev = w;
		watch.list = w;
	} else {
		free(w);
		w = NULL;
	}
	pthread_mutex_unlock(&watch.lock);
	return w;
}

void watch_end(watched *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&watch.lock);
	*(w->prev ? &w->prev->next : &watch.list) = w->next;
	if (w->next)
		w->next->prev = w->prev;
	pthread_mutex_unlock(&watch.lock);
	free(w->url);
	free(w);
}
