/* The small tables the core replicates, and the files of the state folder. */
#ifndef ADAPTERD_REPLICA_H
#define ADAPTERD_REPLICA_H

#include "keeper.h"

/* Whole files, replaced by rename. NULL: there is none that is JSON. */
json_t *state_load(const char *dir, const char *folder, const char *name);
bool state_save(const char *dir, const char *folder, const char *name, const json_t *value);

/* Loads what tables/ keeps. NULL: no memory. */
replica *replica_open(const char *state_dir);
void replica_close(replica *r);
/*
 * A table's new rows, JSON object key → value (other values than texts as their JSON). Each
 * changed row is told to the instances. HUB_REJECT with *fault.
 */
hub_status replica_replace(replica *r, const char *table, const uint8_t *bytes, size_t len, keeper **instances,
			   size_t count, hub_fault *fault);
/* All rows to one instance, whose child is new. */
void replica_tell(const replica *r, keeper *in);

#endif
