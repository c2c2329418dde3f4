#include "once.h"

#include "base/fail.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
	char source[72]; /* "" : free */
	uint64_t epoch, sequence;
	bool doing;
	buf answer;
} entry;

struct once {
	pthread_mutex_t lock;
	entry *ring;
	size_t size, next; /* next: the oldest, taken first */
};

hub_status once_new(size_t answers, once **ret)
{
	once *o = fail_calloc(1, sizeof *o);
	if (!o)
		return HUB_NOMEM;
	o->ring = fail_calloc(answers, sizeof *o->ring);
	o->size = answers;
	if (!o->ring) {
		free(o);
		return HUB_NOMEM;
	}
	pthread_mutex_init(&o->lock, NULL);
	*ret = o;
	return HUB_OK;
}

void once_free(once *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->size; i++)
		buf_fini(&o->ring[i].answer);
	pthread_mutex_destroy(&o->lock);
	free(o->ring);
	free(o);
}

static entry *find(once *o, const wire_head *head)
{
	for (size_t i = 0; i < o->size; i++) {
		entry *e = &o->ring[i];
		if (e->sequence == head->sequence && e->epoch == head->epoch && e->source[0] && !strcmp(e->source, head->source))
			return e;
	}
	return NULL;
}

/* The oldest that is not being done; NULL: all are. */
static entry *oldest(once *o)
{
	for (size_t i = 0; i < o->size; i++) {
		entry *e = &o->ring[o->next];
		o->next = (o->next + 1) % o->size;
		if (!e->doing)
			return e;
	}
	return NULL;
}

hub_status once_begin(once *o, const wire_head *head, buf *answer)
{
	hub_status st = HUB_AGAIN;
	if (strlen(head->source) >= sizeof o->ring->source || !*head->source)
		return HUB_REJECT;
	pthread_mutex_lock(&o->lock);
	entry *e = find(o, head);
	if (e && !e->doing) {
		buf_put(answer, e->answer.bytes, e->answer.len);
		st = HUB_CONFLICT;
	} else if (!e && (e = oldest(o))) {
		buf_clear(&e->answer);
		strcpy(e->source, head->source);
		e->epoch = head->epoch;
		e->sequence = head->sequence;
		e->doing = true;
		st = HUB_OK;
	}
	pthread_mutex_unlock(&o->lock);
	return st;
}

void once_done(once *o, const wire_head *head, const uint8_t *answer, size_t len)
{
	pthread_mutex_lock(&o->lock);
	entry *e = find(o, head);
	if (e) {
		e->doing = false;
		buf_put(&e->answer, answer, len);
		if (!len || e->answer.bad)
			e->source[0] = 0;
	}
	pthread_mutex_unlock(&o->lock);
}
