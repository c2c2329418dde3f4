/*
 * CJ/T 188 frames (2004 clause 5, 2018 clause 6): 68H, meter type T, address A0–A6 (low byte first),
 * control, length, data (identifier of two bytes, sequence number, value), checksum over all before
 * it, 16H. Preambles are FEH.
 */
#ifndef CJT188_FRAME_H
#define CJT188_FRAME_H

#include <hub/adapter.h>

enum {
	CJT_DATA_MAX = 200,
	CJT_HEAD = 11,
	CJT_FRAME_MAX = CJT_HEAD + CJT_DATA_MAX + 2,
	CJT_ADDRESS = 7,
	CJT_ADDRESS_TEXT = 2 * CJT_ADDRESS + 1,
};

typedef struct cjt_frame {
	char meter[CJT_ADDRESS_TEXT]; /* as printed: high byte first */
	uint8_t type, control, len;
	const uint8_t *data;          /* len bytes, borrowed */
	const uint8_t *raw;           /* from 68H to 16H, borrowed */
	size_t raw_len;
} cjt_frame;

typedef enum cjt_scan {
	CJT_MORE,     /* what is there may become a frame */
	CJT_PREAMBLE, /* FEH */
	CJT_NOISE,    /* bytes that begin no frame */
	CJT_FRAME,
	CJT_BROKEN, /* meant as a frame and not one: *fault */
} cjt_scan;

/*
 * Looks at the front of the bytes (len > 0). *ret_used: how many the answer is about (0 for MORE); after
 * BROKEN they may hold the start of another frame and end before it. end: no more will come.
 */
cjt_scan cjt_frame_scan(const uint8_t *bytes, size_t len, bool end, cjt_frame *ret, size_t *ret_used, hub_fault *fault);

/* Writes a frame behind `preamble` FEH. Gives its length; out holds preamble + CJT_HEAD + len + 2. */
size_t cjt_frame_write(uint8_t *out, unsigned preamble, uint8_t type, const uint8_t address[CJT_ADDRESS],
		       uint8_t control, const uint8_t *data, size_t len);
/* Up to 14 digits as printed to A0–A6; shorter ones are filled with zeros in front. False: not an address. */
bool cjt_address_parse(const char *text, size_t len, uint8_t ret[CJT_ADDRESS]);
void cjt_address_text(const uint8_t address[CJT_ADDRESS], char ret[CJT_ADDRESS_TEXT]);

#endif
