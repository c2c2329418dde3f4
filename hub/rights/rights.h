/*
 * What a party may do with points, and what it may get of what was measured there. A decision is made once for all
 * points with equal attributes and a kind of message, with and without the party's consents, never for a single
 * row; it is kept as long as the rights, which serve one answer: a withdrawn consent or another policy counts from
 * the next one on. Whoever sends over a longer time compares the epochs "policy", "consent", "point", "premise"
 * and "party" (store/epoch.h) and begins anew.
 */
#ifndef RIGHTS_RIGHTS_H
#define RIGHTS_RIGHTS_H

#include "rules/inforce.h"
#include "store/consent.h"
#include "store/party.h"
#include "store/person.h"
#include "store/point.h"

/* Borrowed for the life of the rights; everything made lives in the arena. */
typedef struct rights_case {
	store *db;
	const ruleset *rules; /* NULL: nothing is permitted */
	const party *caller;
	const person *who;   /* acts for the caller, and is the principal; NULL: the caller itself */
	const char *action;  /* "read", "command", … of points; "receive", "send": rows as messages */
	const char *purpose; /* what for; only consents to it count. NULL: of any purpose */
	hub_time now;	     /* at which the parties of points and the consents count */
	arena *arena;
} rights_case;

typedef struct rights rights;

/* A point as the answer sees it. */
typedef struct rights_point {
	point point;
	const int64_t *path; /* its premise's, from the root */
	size_t path_count;
	const consent_line *lines; /* the caller's, of the asked purpose */
	size_t line_count;
	struct rights_group *group;
} rights_point;

/* What messages of rows are called in the policies. */
enum { RIGHTS_KINDS = 10 };
extern const char *const rights_kinds[RIGHTS_KINDS];
/* The index of its kind there; 0, "": it has none. quantity 0: no reading; computed: the hub's own finding. */
unsigned rights_kind(hub_record_type type, uint16_t quantity, bool computed);

/* A row that may go out. */
typedef struct rights_row {
	hub_record_type type;
	uint16_t quantity; /* 0: no reading */
	int64_t sender;	   /* the receipt's party; 0: not looked at */
	bool attached;	   /* came from a device at one of our own adapters */
	bool computed;	   /* the hub's own finding; of events: an alarm */
	consent_grain grain;
	hub_time start, time; /* start 0: as time */
} rights_row;

typedef struct rights_ruling {
	bool allowed;
	uint64_t consent;   /* the line that it rests on; 0: none is needed */
	const char *reason; /* the policies that determined it, "id file:line, …"; "": none permits */
} rights_ruling;

hub_status rights_new(const rights_case *c, rights **ret);
/* Loads those that are not known yet, with the caller's consents. */
hub_status rights_load(rights *r, const int64_t *points, size_t count);
/* The same for one that the caller has just read, whose texts live as long as the rights. */
hub_status rights_load_point(rights *r, const point *p);
/* NULL: no such point, or not loaded. */
const rights_point *rights_of(const rights *r, int64_t point);

/* May the caller do it with the point itself? by_consent: in as far as a consent covers it. Not for "receive". */
hub_status rights_on(rights *r, const rights_point *p, bool by_consent, rights_ruling *ret);
/* Whether the caller lives or once lived there: then rows of its own time are for it, whatever rights_on says today. */
bool rights_lived(const rights *r, const rights_point *p);
/*
 * May the caller get this row, or for "send" give it? For these two as a message, else as a part of the point. What is
 * sent is its sender's own: row->sender is the caller. Who lives at a point gets rows of its own time there alone; see
 * rights_lived.
 */
hub_status rights_ask(rights *r, const rights_point *p, const rights_row *row, rights_ruling *ret);

/* How fine a stored value is: an interval by its length, else by the point's raster. */
consent_grain rights_grain(const point *p, hub_kind kind, hub_time start, hub_time time);

#endif
