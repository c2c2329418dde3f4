/* What a zone's daemon is told about its instances and the registry, as JSON. */
#ifndef HUBD_CONFIGURE_H
#define HUBD_CONFIGURE_H

#include "base/buf.h"
#include "store/store.h"

/*
 * {"version":N,"instances":[{"name","adapter","options":{…},"transport":{…},"promise",
 * "journal":{…}}]}: the enabled instances of the daemon. Appends.
 */
hub_status configure_instances(store *db, const char *daemon_name, arena *a, buf *out);

/*
 * The table "meters" for the daemon: {"METER":"{\"maker\":…,\"model\":…}"}: the devices
 * of the parties that its instances speak for. Appends.
 */
hub_status configure_meters(store *db, const char *daemon_name, arena *a, buf *out);

/* The tables "charge_tags" and "chargers", as the adapters of charging stations read them. */
hub_status configure_tags(store *db, arena *a, buf *out);
hub_status configure_chargers(store *db, arena *a, buf *out);

#endif
