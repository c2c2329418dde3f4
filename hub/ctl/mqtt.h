/*
 * What the supervisor prepares for the zone's MQTT broker (decision 0008): the core's signing key,
 * its public part for the zone, and mosquitto's configuration.
 */
#ifndef CTL_MQTT_H
#define CTL_MQTT_H

#include "ctl/hubconf.h"
#include "ctl/place.h"

#define MQTT_PROGRAM "/usr/sbin/mosquitto"

/* Whether hub.conf opens a listener: without one there is no broker. */
bool mqtt_wanted(const hubconf *conf);
/*
 * Makes core/keys/jwt.json if it is missing and writes zone/state/keys.json; with a listener
 * zone/state/mosquitto.conf too. HUB_REJECT with *fault: an option. HUB_FAILED: the disk.
 */
hub_status mqtt_prepare(const ctl *c, const place *p, const hubconf *conf, hub_fault *fault);
/* A token for the broker, signed by the core's key: PARTY may connect with it until `expires`. */
hub_status mqtt_token(const ctl *c, const char *party, hub_time now, hub_time expires, arena *a, const char **ret,
		      hub_fault *fault);

#endif
