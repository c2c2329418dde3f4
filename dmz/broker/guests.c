#include "guests.h"

#include "base/fail.h"

#include <stdio.h>
#include <stdlib.h>

void guests_fini(guests *g)
{
	free(g->list);
	*g = (guests) { 0 };
}

void guests_forget(guests *g, const struct mosquitto *client)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->list[i].client == client)
			g->list[i--] = g->list[--g->count];
}

bool guests_add(guests *g, const struct mosquitto *client, hub_time expires, const char *serial)
{
	guests_forget(g, client);
	if (g->count == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 64;
		guest *more = cap > GUESTS_MAX ? NULL : fail_realloc(g->list, cap * sizeof *more);
		if (!more)
			return false;
		g->list = more;
		g->cap = cap;
	}
	guest *one = &g->list[g->count++];
	*one = (guest) { .client = client, .expires = expires };
	snprintf(one->serial, sizeof one->serial, "%s", serial);
	return true;
}
