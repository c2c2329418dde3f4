#include "hubd/inbox.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fail.h"

struct inbox {
	pthread_mutex_t lock;
	parcel *first, **end;
	int bell;
};

hub_status inbox_new(inbox **ret)
{
	inbox *b = fail_calloc(1, sizeof *b);
	if (!b)
		return HUB_NOMEM;
	b->end = &b->first;
	b->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->bell < 0) {
		free(b);
		return HUB_FAILED;
	}
	pthread_mutex_init(&b->lock, NULL);
	*ret = b;
	return HUB_OK;
}

void inbox_free(inbox *b)
{
	if (!b)
		return;
	close(b->bell);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void inbox_put(inbox *b, parcel *p)
{
	p->next = NULL;
	pthread_mutex_lock(&b->lock);
	*b->end = p;
	b->end = &p->next;
	eventfd_write(b->bell, 1);
	pthread_mutex_unlock(&b->lock);
}

parcel *inbox_take(inbox *b)
{
	eventfd_t rung;
	pthread_mutex_lock(&b->lock);
	parcel *list = b->first;
	b->first = NULL;
	b->end = &b->first;
	eventfd_read(b->bell, &rung);
	pthread_mutex_unlock(&b->lock);
	return list;
}

void inbox_wait(inbox *b, int descriptor, int64_t timeout)
{
	struct pollfd fds[2] = { { .fd = b->bell, .events = POLLIN }, { .fd = descriptor, .events = POLLIN } };
	poll(fds, 2, (int)((timeout + 999) / 1000));
}
