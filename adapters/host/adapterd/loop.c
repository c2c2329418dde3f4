#include "loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"

enum { EVENTS = 64 };

bool loop_open(loop *l)
{
	*l = (loop){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return l->epoll >= 0;
}

static void garbage_free(loop *l)
{
	for (int i = 0; i < l->garbage_count; i++)
		free(l->garbage[i]);
	l->garbage_count = 0;
}

void loop_close(loop *l)
{
	garbage_free(l);
	free(l->garbage);
	if (l->epoll >= 0)
		close(l->epoll);
}

bool loop_watch(loop *l, watch *w, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		return false;
	w->fd = fd;
	w->events = events;
	return true;
}

void loop_want(loop *l, watch *w, uint32_t events)
{
	if (w->fd < 0 || w->events == events)
		return;
	struct epoll_event e = { .events = events, .data.ptr = w };
	if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e) == 0)
		w->events = events;
}

void loop_unwatch(loop *l, watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	close(w->fd);
	w->fd = -1;
}

void loop_free(loop *l, void *memory)
{
	if (l->garbage_count == l->garbage_cap) {
		int cap = l->garbage_cap ? 2 * l->garbage_cap : 16;
		void **p = realloc(l->garbage, (size_t)cap * sizeof *p);
		if (!p)
			return; /* rather a leak than a dangling watch */
		l->garbage = p;
		l->garbage_cap = cap;
	}
	l->garbage[l->garbage_count++] = memory;
}

void loop_turn(loop *l, int64_t due)
{
	struct epoll_event events[EVENTS];
	int wait = -1;
	if (due) {
		int64_t left = due - clock_monotonic();
		wait = left <= 0 ? 0 : left > 3600000000 ? 3600000 : (int)((left + 999) / 1000);
	}
	int n = epoll_wait(l->epoll, events, EVENTS, wait);
	for (int i = 0; i < n; i++) {
		watch *w = events[i].data.ptr;
		if (w->fd >= 0)
			w->on(w, events[i].events);
	}
	garbage_free(l);
}
