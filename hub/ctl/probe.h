/* Whether the next reading would be stored: one really is, by the intake's own path, and taken back. */
#ifndef CTL_PROBE_H
#define CTL_PROBE_H

#include "store/store.h"

/* HUB_OK: a point, a meter and its reading were written in a transaction that was rolled back. */
hub_status probe_store(store *db, hub_fault *fault);

#endif
