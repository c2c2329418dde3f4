/*
 * What the data identifiers of DL/T 645-2007 (annex A) and -1997 (annex A) mean, as tables. Pure:
 * bytes in, values out, in the order they stand in the frame.
 */
#ifndef DLT645_ITEM_H
#define DLT645_ITEM_H

#include <hub/adapter.h>

typedef struct dlt_value {
	char quantity[48];
	char channel[16]; /* "" | "s1"… settlement day | "t9"… tariff above 8 | "h3" harmonic | "fd1" frozen */
	const char *unit;
	hub_kind kind;
	hub_value value;
	hub_time time; /* of a demand; else 0 */
} dlt_value;

/* Where values go. Anything but HUB_OK stops the decoding and is given back. */
typedef struct dlt_sink {
	void *context;
	hub_status (*value)(void *context, const dlt_value *v);
	hub_status (*refuse)(void *context, const hub_fault *fault);
	/* An item that is no reading: a parameter, a date, an event's record. */
	hub_status (*keep)(void *context, const char *kind, uint32_t identifier, const uint8_t *bytes, size_t len);
	int64_t utc_offset; /* µs, of the meters' own clock */
} dlt_sink;

/* identifier: DI3 DI2 DI1 DI0 as one number; bytes: the data behind it, 33H taken off. */
hub_status dlt_item_2007(const dlt_sink *sink, uint32_t identifier, const uint8_t *bytes, size_t len);
/* identifier: DI1 DI0. */
hub_status dlt_item_1997(const dlt_sink *sink, uint32_t identifier, const uint8_t *bytes, size_t len);

#endif
