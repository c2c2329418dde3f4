#include "guests.h"

#include "base/grow.h"

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
	guest *more = g->count < GUESTS_MAX ? grow(g->list, g->count, &g->cap, sizeof *more, 64) : NULL;
	if (!more)
		return false;
	g->list = more;
	guest *one = &g->list[g->count++];
	*one = (guest) { .client = client, .expires = expires };
	snprintf(one->serial, sizeof one->serial, "%s", serial);
	return true;
}
