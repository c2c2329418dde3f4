/*
 * The city's own map: a GeoJSON FeatureCollection (RFC 7946) whose features are the outlines of places that the registry
 * knows. properties.code names the place; the geometry is a Polygon or MultiPolygon, longitude first, closed rings.
 */
#ifndef REGISTRY_AREA_H
#define REGISTRY_AREA_H

#include "registry/load.h"

enum { AREA_FEATURES_MAX = 5000, AREA_POSITIONS_MAX = 10000 };

typedef struct area_feature {
	const char *code;
	const char *geometry; /* anew, without what we do not keep: foreign members, heights */
	hub_fault fault;      /* code not NULL: this feature is wrong, and why */
} area_feature;

/* Pure. HUB_REJECT: no FeatureCollection. A wrong feature does not make its neighbours wrong. */
hub_status area_parse(const void *bytes, size_t len, arena *a, area_feature **ret, size_t *ret_count, hub_fault *fault);

/* Own transaction, as registry_load; an outline that is there is replaced. Lines are the features' numbers, from 1. */
hub_status area_load(store *db, const void *bytes, size_t len, arena *a, load_result *ret, hub_fault *fault);

#endif
