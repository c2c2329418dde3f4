/* Who may publish and subscribe what: Cedar policies, loaded from files, changed as a whole. */
#ifndef BROKER_RIGHTS_H
#define BROKER_RIGHTS_H

#include <hub/status.h>

#include "topic.h"

typedef struct rights rights;

/* The folder of policies for a topology, as rules_load takes it; on a fault the old ones stay in force. */
hub_status rights_load(const char *folder, const char *topology, rights **ret, hub_fault *fault);
/* What the core has told (rules_bundle), from a file; the same on a fault. HUB_MISSING: there is none yet. */
hub_status rights_load_told(const char *path, rights **ret, hub_fault *fault);
void rights_free(rights *r);

/* May this party do "publish" or "subscribe" with a topic? An error of ours is a no. Not for two threads at once. */
bool rights_permit(rights *r, const char *party, const char *action, const char *text, const topic *t);

#endif
