#include "lane.h"

#include "base/fail.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct lane {
	struct lane *next;
	uint64_t newest;
	bool busy;
	char name[];
} lane;

enum { BUCKETS = 1024 };

struct lanes {
	pthread_mutex_t lock;
	pthread_cond_t left;
	lane *buckets[BUCKETS];
};

hub_status lanes_new(lanes **ret)
{
	lanes *l = fail_calloc(1, sizeof *l);
	if (!l)
		return HUB_NOMEM;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->left, NULL);
	*ret = l;
	return HUB_OK;
}

void lanes_free(lanes *l)
{
	for (size_t i = 0; l && i < BUCKETS; i++)
		for (lane *p = l->buckets[i], *next; p; p = next) {
			next = p->next;
			free(p);
		}
	if (l) {
		pthread_cond_destroy(&l->left);
		pthread_mutex_destroy(&l->lock);
	}
	free(l);
}

/* Made if it is not there; NULL when memory ran out. Under the lock. */
static lane *find(lanes *l, const char *name)
{
	unsigned hash = 5381;
	for (const char *p = name; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	lane **at = &l->buckets[hash % BUCKETS];
	for (lane *p = *at; p; p = p->next)
		if (!strcmp(p->name, name))
			return p;
	lane *fresh = fail_calloc(1, sizeof *fresh + strlen(name) + 1);
	if (!fresh)
		return NULL;
	strcpy(fresh->name, name);
	fresh->next = *at;
	return *at = fresh;
}

hub_status lane_enter(lanes *l, const char *name, uint64_t lease)
{
	pthread_mutex_lock(&l->lock);
	lane *p = find(l, name);
	hub_status st = p ? HUB_OK : HUB_NOMEM;
	if (p && p->newest < lease)
		p->newest = lease;
	while (p && p->busy && p->newest == lease)
		pthread_cond_wait(&l->left, &l->lock);
	if (p && p->newest != lease)
		st = HUB_CONFLICT;
	if (st == HUB_OK)
		p->busy = true;
	pthread_mutex_unlock(&l->lock);
	return st;
}

bool lane_current(lanes *l, const char *name, uint64_t lease)
{
	pthread_mutex_lock(&l->lock);
	lane *p = find(l, name);
	bool current = p && p->newest == lease;
	pthread_mutex_unlock(&l->lock);
	return current;
}

void lane_leave(lanes *l, const char *name)
{
	pthread_mutex_lock(&l->lock);
	lane *p = find(l, name);
	if (p)
		p->busy = false;
	pthread_cond_broadcast(&l->left);
	pthread_mutex_unlock(&l->lock);
}
