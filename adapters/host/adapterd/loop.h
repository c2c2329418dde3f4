/* One epoll loop, one thread: whoever watches a file descriptor is told, then everybody settles. */
#ifndef ADAPTERD_LOOP_H
#define ADAPTERD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct watch watch;
struct watch {
	int fd; /* -1: not watched */
	uint32_t events;
	void (*on)(watch *w, uint32_t events);
	void *user;
};

typedef struct loop {
	int epoll;
	void **garbage; /* freed after the events at hand, some of which may name it */
	int garbage_count, garbage_cap;
} loop;

bool loop_open(loop *l);
void loop_close(loop *l);
/* Takes fd over (non-blocking) with w; false leaves it with the caller. */
bool loop_watch(loop *l, watch *w, int fd, uint32_t events);
void loop_want(loop *l, watch *w, uint32_t events);
/* Closes fd. The watch may be called no more, not even for events at hand. */
void loop_unwatch(loop *l, watch *w);
/* Memory that holds a watch: free it this way. */
void loop_free(loop *l, void *memory);
/* Waits until something happens or `due` (monotonic µs, 0: no bound) and tells the watchers. */
void loop_turn(loop *l, int64_t due);

#endif
