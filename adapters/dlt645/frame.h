/*
 * DL/T 645 frames (2007 clause 5.2, 1997 clause 5.2): 68H, address A0–A5 (low byte first), 68H,
 * control, length, data (each byte + 33H), checksum over all before it, 16H. Preambles are FEH.
 */
#ifndef DLT645_FRAME_H
#define DLT645_FRAME_H

#include <hub/adapter.h>

enum {
	DLT_DATA_MAX = 200, /* L of a read; writes are shorter */
	DLT_FRAME_MAX = 12 + DLT_DATA_MAX,
	DLT_ADDRESS_TEXT = 13,
};

typedef struct dlt_frame {
	char meter[DLT_ADDRESS_TEXT]; /* as printed: high byte first */
	uint8_t control;
	uint8_t len;
	uint8_t data[DLT_DATA_MAX]; /* 33H taken off */
	const uint8_t *raw;         /* from 68H to 16H, borrowed */
	size_t raw_len;
} dlt_frame;

typedef enum dlt_scan {
	DLT_MORE,     /* what is there may become a frame */
	DLT_PREAMBLE, /* FEH */
	DLT_NOISE,    /* bytes that begin no frame */
	DLT_FRAME,
	DLT_BROKEN, /* meant as a frame and not one: *fault */
} dlt_scan;

/*
 * Looks at the front of the bytes (len > 0). *ret_used: how many the answer is about (0 for MORE);
 * after BROKEN they may hold the start of another frame and end before it. end: no more will come.
 */
dlt_scan dlt_frame_scan(const uint8_t *bytes, size_t len, bool end, dlt_frame *ret, size_t *ret_used,
			hub_fault *fault);

/* Writes a frame behind `preamble` FEH; data without 33H. Gives its length; out holds preamble + 12 + len. */
size_t dlt_frame_write(uint8_t *out, unsigned preamble, const uint8_t address[6], uint8_t control,
		       const uint8_t *data, size_t len);
/* Up to 12 digits as printed to A0–A5; shorter ones are filled with zeros in front. False: not an address. */
bool dlt_address_parse(const char *text, uint8_t ret[6]);

#endif
