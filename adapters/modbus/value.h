/* Registers to exact values and back. Pure; no rounding: what does not fit is refused. */
#ifndef MODBUS_VALUE_H
#define MODBUS_VALUE_H

#include "base/decimal.h"

typedef enum mb_type {
	MB_BIT, /* of a coil or discrete input, or, with a mask, of a register */
	MB_U16,
	MB_S16,
	MB_M16, /* M: sign and magnitude */
	MB_U32,
	MB_S32,
	MB_M32,
	MB_U64,
	MB_S64,
	MB_FLOAT32,
	MB_FLOAT64,
	MB_BCD16,
	MB_BCD32,
	MB_BCD64,
} mb_type;

typedef struct mb_layout {
	mb_type type;
	bool low_word_first, low_byte_first; /* of the value; within each register */
	uint64_t mask;			     /* of the raw number; 0: all of it. Its lowest set bit becomes bit 0 */
	decimal multiplier;		     /* value = raw × multiplier */
	bool has_absent;
	uint64_t absent; /* the raw number that means "no value" */
} mb_layout;

bool mb_type_parse(const char *text, mb_type *ret);
unsigned mb_type_words(mb_type type); /* registers; 1 for a bit */

/* The raw number of the bytes as they stand in an answer (two per register). */
uint64_t mb_raw(const mb_layout *l, const uint8_t *bytes);
/* HUB_MISSING: absent, or not a number. HUB_REJECT with *fault: no BCD, does not fit. */
hub_status mb_value_read(const mb_layout *l, uint64_t raw, hub_value *ret, hub_fault *fault);
/* The value as registers, in order, into out (8 bytes). HUB_RANGE: it has no exact raw number. */
hub_status mb_value_write(const mb_layout *l, decimal value, uint8_t *out);

#endif
