/* The entities of one decision: the caller with its roles, a point or a message about it, the premises above. */
#ifndef RIGHTS_SCENE_H
#define RIGHTS_SCENE_H

#include "rights/rights.h"
#include "store/premise.h"

/* Looked up once and kept with the rights. */
typedef struct known_party {
	struct known_party *next;
	party party;
} known_party;

typedef struct known_premise {
	struct known_premise *next;
	premise premise;
} known_premise;

enum { KNOWN_SLOTS = 256 };

typedef struct known {
	const rights_case *of;
	known_party *parties[KNOWN_SLOTS];
	known_premise *premises[KNOWN_SLOTS];
} known;

/* Looks up what the decisions on these points will ask for, all at once. */
hub_status known_fetch(known *k, const rights_point *points, size_t count);
hub_status known_premise_of(known *k, int64_t id, const premise **ret);
hub_status known_party_of(known *k, int64_t id, const party **ret);

/* Whether the caller's own living at the point counts: as it is now, or of a row, as it was at the row's time. */
typedef enum scene_living { LIVING_NOW, LIVED_THERE, LIVED_ELSEWHERE } scene_living;

/* What is asked about: the point itself, or a message of this kind about it. */
typedef struct scene_thing {
	const rights_point *point;
	const char *kind; /* NULL: the point itself */
	int64_t sender;
	bool attached;
	bool consented; /* a consent of the caller's covers it */
	scene_living living;
} scene_thing;

typedef struct scene {
	policy_entity *list; /* [0] the caller, [1] the thing, and at the end who acts for the caller */
	size_t count;
	policy_uid principal;
} scene;

hub_status scene_make(known *k, const scene_thing *t, scene *ret);
/* The party's role there counts at this time. */
bool scene_counts(const point_party *p, hub_time now);

#endif
