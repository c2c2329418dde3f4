/* Signing requests of charging stations: kept with the event that told them, answered once under the row's lock. */
#ifndef STORE_STATION_REQUEST_H
#define STORE_STATION_REQUEST_H

#include "store/store.h"

typedef struct station_request {
	int64_t party, id;
	const char *station, *csr; /* PEM */
} station_request;

/* In the caller's transaction. HUB_REJECT: too long. */
hub_status station_request_put(store *db, int64_t party, const char *station, const char *csr);
/* One that waits, locked until the end of the caller's transaction; HUB_MISSING: none. */
hub_status station_request_take(store *db, arena *a, station_request *ret);

/* What the hub itself knows of the station that asks. */
typedef struct station_facts {
	int64_t operated_by;		       /* party; 0: no such station */
	int64_t point;			       /* at which it stands now; 0: none */
	bool just_signed;		       /* within a minute */
	const char *point_serial, *box_serial; /* of its last BootNotification; "" */
} station_facts;
hub_status station_request_facts(store *db, const station_request *r, arena *a, station_facts *ret);

/* state: "signed" with the certificate's serial, or "refused" with a cause. */
hub_status station_request_end(store *db, const station_request *r, const char *state, const char *cause,
			       const char *serial);

#endif
