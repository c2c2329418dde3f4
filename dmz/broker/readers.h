/*
 * The parties whose messages somebody reads from this broker's journal, as adapterd keeps them beside the told
 * policies: {PATH: {PARTY: true}}. To nobody else is anything promised.
 */
#ifndef BROKER_READERS_H
#define BROKER_READERS_H

#include <hub/status.h>
#include <stdbool.h>

typedef struct readers readers;

/* The file need not exist yet: then nobody reads. journal: this broker's folder, however the file names it. */
hub_status readers_open(const char *path, const char *journal, readers **ret);
void readers_close(readers *r);
/*
 * Reads the file again if it was replaced. One that is damaged or gone leaves nobody.
 * HUB_REJECT: damaged, said once per replacement.
 */
hub_status readers_refresh(readers *r, hub_fault *fault);
bool readers_has(const readers *r, const char *party);

#endif
