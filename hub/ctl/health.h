/*
 * Whether the next reading would be stored: a table of checks, each of which asks, and none of
 * which is content with a process that merely exists.
 */
#ifndef CTL_HEALTH_H
#define CTL_HEALTH_H

#include "base/arena.h"
#include "ctl/book.h"

typedef enum health_grade { HEALTH_OK, HEALTH_NOTE, HEALTH_BAD, HEALTH_UNKNOWN } health_grade;

typedef struct health_item {
	const char *name;   /* a unit's, or what was checked */
	health_grade grade; /* UNKNOWN: could not be asked because of another */
	char text[300];
	const char *remedy; /* of a BAD one */
} health_item;

/* An adapter instance as adapterd tells it. */
typedef struct health_instance {
	const char *name, *phase, *error;
	int64_t sessions, records, rejected, waiting, stored, duplicates, quarantined, restarts;
} health_instance;

typedef struct health {
	book book;          /* supervisor 0: not read */
	health_item items[16];
	size_t count;
	bool healthy;       /* nothing is BAD */
	const char *adapterd; /* its own JSON, NULL if it did not answer */
	health_instance *instances;
	size_t instance_count;
} health;

const char *health_grade_name(health_grade g); /* "ok", "note", "bad", "unknown" */
/* Asks everything, each within seconds. Texts in the arena. HUB_NOMEM. */
hub_status health_check(const ctl *c, const place *p, arena *a, health *ret);
const health_item *health_find(const health *h, const char *name); /* NULL */

#endif
