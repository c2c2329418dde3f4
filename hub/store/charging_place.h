/*
 * Charging stations as anybody may find them: those whose point is no home's. Nothing here tells of who charges there.
 */
#ifndef STORE_CHARGING_PLACE_H
#define STORE_CHARGING_PLACE_H

#include "store/charger.h"

/* A station that was accepted, at one point that it measures. */
typedef struct charging_place {
	int64_t charger, party;
	const char *name, *operator_code, *operator_zh, *operator_en;
	charger_place at;	       /* its point and connector */
	hub_value power;	       /* the point's highest, kW; digits 0: unknown */
	const char *zh, *en;	       /* its premise's name; "": none */
	const char *area_zh, *area_en; /* the district above it; "": none */
	bool placed; /* lon and lat are known: degrees × 10^7, of the nearest place above that has them */
	int32_t lon, lat;
	const char *tariff; /* code; "": none */
} charging_place;

/* All points of at most `limit` stations by number above `after`; by station, then connector. */
hub_status charging_place_list(store *db, uint64_t after, size_t limit, hub_time at, arena *a, charging_place **ret,
			       size_t *ret_count);
/* The points of one station. None if it is not in public. */
hub_status charging_place_of(store *db, const char *name, hub_time at, arena *a, charging_place **ret,
			     size_t *ret_count);

/* An outline of a district in which there is such a station. */
typedef struct charging_area {
	const char *code, *zh, *en, *geometry;
} charging_area;
hub_status charging_areas(store *db, hub_time at, arena *a, charging_area **ret, size_t *ret_count);

/* The accepted cards of the accounts that a party holds. */
typedef struct charging_card {
	const char *tag, *account, *issuer, *tariff; /* tariff "": the station's counts */
	int64_t party;				     /* the issuer */
} charging_card;
hub_status charging_cards(store *db, int64_t holder, hub_time at, arena *a, charging_card **ret, size_t *ret_count);

#endif
