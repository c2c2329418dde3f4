/*
 * The intake's watcher: every stored reading against the rules of its point, every event of a charger against the
 * rules of its party. What is raised or cleared goes out with the batch, in its transaction.
 */
#ifndef ALARM_WATCH_H
#define ALARM_WATCH_H

#include "store/sighting.h"

typedef struct alarm_watch alarm_watch;
hub_status alarm_watch_new(alarm_watch **ret);
void alarm_watch_free(alarm_watch *w);

/* A sighting_watch; user: the alarm_watch. Any number of threads. */
hub_status alarm_watch_see(void *user, const sighting *s, uint32_t *ret_types);

/*
 * Sources that fell silent and deliveries that died, and those that are well again: one look at all such rules. In
 * transactions of its own; any number of processes.
 */
/* Tells what quiet hours held back, and again what nobody acknowledged for long. Own transaction. */
hub_status alarm_remind(store *db, arena *a, hub_time now);
hub_status alarm_look_around(store *db, arena *a, hub_time now);

#endif
