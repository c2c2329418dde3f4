/*
 * Devices and their installations: which channel of which meter measures which point, and when.
 * A meter exchange ends one installation and begins the next, with the registers of both, so that
 * consumption is the sum of the segments.
 */
#ifndef STORE_DEVICE_H
#define STORE_DEVICE_H

#include "store/point.h"

typedef struct device {
	int64_t id;
	int64_t party;        /* who reads it; with `meter` the identity */
	const char *meter;    /* as printed, 1–64 bytes */
	const char *maker, *model;
	hub_value multiplier; /* transformer ratio, > 0: register differences are multiplied by it */
	hub_value modulus;    /* the register shows values below this (100000.00); digits 0: unknown */
} device;

/* Adds by (party, meter), or makes the rest as given. Bumps epoch "point". */
hub_status device_put(store *db, const device *d, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
hub_status device_by_meter(store *db, int64_t party, const char *meter, arena *a, device *ret);
hub_status device_list(store *db, int64_t after, size_t limit, arena *a, device **ret, size_t *ret_count);

/* A register's standing when the device came and when it went. */
typedef struct installation_register {
	uint16_t quantity;
	bool has_start, has_end;
	hub_value start, end; /* as the device shows it, before the multiplier */
} installation_register;

typedef struct installation {
	int64_t id, device;
	const char *channel; /* of the device; "" covers every channel that is not bound by itself */
	int64_t point;
	hub_time valid_from, valid_to; /* [from, to); to 0: open */
	const installation_register *registers;
	size_t register_count;
} installation;

/*
 * Binds. The same again is fine (*ret_changed false). HUB_CONFLICT: the device's channel is bound
 * elsewhere, or the point has another device, in an overlapping time. HUB_MISSING: device or point.
 */
hub_status device_install(store *db, const installation *i, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
/* Ends the installation of this channel that is open at `at`, with the registers' ends. HUB_MISSING. */
hub_status device_remove(store *db, int64_t id, const char *channel, hub_time at,
			 const installation_register *ends, size_t end_count, hub_fault *fault);
/*
 * In one step: what is installed at the point and channel at next->valid_from ends there with
 * `ends`, and `next` begins. Call within a transaction.
 */
hub_status device_exchange(store *db, const installation *next, const installation_register *ends, size_t end_count,
			   int64_t *ret_id, hub_fault *fault);
/* All of a point, by valid_from. */
hub_status device_history(store *db, int64_t point_id, arena *a, installation **ret, size_t *ret_count);

/*
 * What the intake needs to resolve a meter's readings, made to be cached under epoch "point".
 */
typedef struct point_binding {
	const char *meter, *channel;   /* of the installation */
	hub_time from, to;             /* of the installation; to 0: open */
	int64_t device, installation;
	hub_value multiplier, modulus; /* as device */
	point point;                   /* without its parties */
	const point_limit *limits;     /* by quantity */
	size_t limit_count;
} point_binding;

/* All bindings, past and present, of these meters of the party; sorted by meter, channel, from. */
hub_status point_bindings(store *db, int64_t party, const char *const *meters, size_t count, arena *a,
			  point_binding **ret, size_t *ret_count);
/*
 * Pure: the binding of (meter, channel, time) in such a list, or NULL. An own binding of the
 * channel wins over that of "". An interval belongs to the device installed just before its end:
 * pass its start.
 */
const point_binding *point_binding_find(const point_binding *list, size_t count, const char *meter,
					const char *channel, hub_time time);
/* Pure: whether the list has the meter at all, to tell "unknown meter" from "not installed then". */
bool point_binding_known(const point_binding *list, size_t count, const char *meter);
hub_status point_epoch(store *db, int64_t *ret);

/* Which meter showed a point's readings when: for doors, where meters go by what is printed on them. */
typedef struct point_meter {
	int64_t point;
	const char *channel, *meter; /* channel of the installation */
	hub_time from, to;           /* to 0: open */
} point_meter;
/* All of these points, by point, channel, from. */
hub_status point_meters(store *db, const int64_t *points, size_t count, arena *a, point_meter **ret,
			size_t *ret_count);
/* Those of the meters that another party has, rising: to tell a foreign meter from an unknown one. */
hub_status meters_of_others(store *db, int64_t party, const char *const *meters, size_t count, arena *a,
			    const char ***ret, size_t *ret_count);

#endif
