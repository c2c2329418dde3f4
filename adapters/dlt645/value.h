/* One value's layout in the data and how a run of them is read. */
#ifndef DLT645_VALUE_H
#define DLT645_VALUE_H

#include "item.h"

typedef struct dlt_layout {
	uint8_t bytes, scale;
	bool has_sign;        /* the top bit is a sign: reverse flow, below zero */
	bool has_time;        /* YYMMDDhhmm follows: when a demand occurred */
	hub_kind kind;
	const char *unit;
} dlt_layout;

/*
 * One value from the front of the bytes into *v, whose quantity and channel are set. HUB_MISSING: the
 * meter has none (all FFH). HUB_REJECT with *fault: no BCD.
 */
hub_status dlt_value_read(const dlt_layout *layout, const uint8_t *bytes, int64_t utc_offset, dlt_value *v,
			  hub_fault *fault);
size_t dlt_layout_size(const dlt_layout *layout);

/* Names the i-th value of a run: fills quantity and channel. False: the run has no such value. */
typedef bool (*dlt_namer)(const void *row, size_t i, dlt_value *v);

/* Reads count values (0: as many whole ones as there are), named from index `first` on. */
hub_status dlt_run(const dlt_sink *sink, uint32_t identifier, const dlt_layout *layout, dlt_namer namer,
		   const void *row, size_t first, size_t count, const uint8_t *bytes, size_t len);

hub_status dlt_unknown(const dlt_sink *sink, uint32_t identifier, int width);

#endif
