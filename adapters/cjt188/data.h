/* What the data of an answer say: CJ/T 188-2004 annexes A and B, 2018 clause 7. */
#ifndef CJT188_DATA_H
#define CJT188_DATA_H

#include "frame.h"

/* Identifiers, whichever byte goes first on the wire. */
enum { CJT_CURRENT = 0x901f, CJT_PURCHASE = 0x8105, CJT_VALVE = 0xa017, CJT_HISTORY = 0xd120, CJT_ADDRESS_ID = 0x810a };

typedef enum cjt_valve { CJT_VALVE_UNKNOWN = -1, CJT_VALVE_OPEN, CJT_VALVE_CLOSED, CJT_VALVE_ABNORMAL } cjt_valve;

typedef struct cjt_sink {
	void *context;
	hub_status (*reading)(void *context, const hub_reading *r);
	hub_status (*refuse)(void *context, const hub_fault *fault);
	/* What is no reading: kept with its identifier; settings are borrowed. */
	hub_status (*keep)(void *context, const char *kind, const hub_setting *details, size_t count);
	int64_t utc_offset; /* µs, of the meters' clocks */
	bool cold_first;    /* a heat meter's first energy is cold, not that of the settlement day */
} cjt_sink;

uint16_t cjt_identifier(const uint8_t *data);
/* The frame is a good answer (81H, 84H, a maker's) with at least its identifier and sequence number. */
hub_status cjt_data_take(const cjt_sink *sink, const cjt_frame *f);
/* What an answer says of the valve. */
cjt_valve cjt_data_valve(const cjt_frame *f);

#endif
