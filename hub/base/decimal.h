/*
 * Exact decimals for prices and rated amounts: a 128-bit integer of 10^-scale. Overflow is an
 * error (HUB_RANGE), never a wrap; nothing rounds except where a call says so. The range is
 * symmetric: |digits| < 2^127.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <hub/adapter.h>

enum { DECIMAL_SCALE_MAX = 30, DECIMAL_TEXT = 48 };

typedef struct decimal {
	__int128 digits;
	uint8_t scale; /* <= DECIMAL_SCALE_MAX */
} decimal;

typedef enum decimal_mode {
	DECIMAL_HALF_UP,   /* ties away from zero (四舍五入) */
	DECIMAL_HALF_EVEN, /* ties to the even neighbour */
	DECIMAL_DOWN,      /* towards zero */
	DECIMAL_UP,        /* away from zero */
	DECIMAL_FLOOR,
	DECIMAL_CEILING,
} decimal_mode;

static inline decimal decimal_of(int64_t digits, uint8_t scale) { return (decimal){ digits, scale }; }
static inline decimal decimal_of_value(hub_value v) { return (decimal){ v.digits, v.scale }; }

/* "-12.50" → {-1250, 2}: optional sign, digits, optional fraction, no exponent, no space.
   HUB_REJECT: not that; HUB_RANGE: past 2^127 or DECIMAL_SCALE_MAX. */
hub_status decimal_parse(const char *text, size_t len, decimal *ret);
/* All digits of the scale: {1250, 2} → "12.50". */
const char *decimal_text(decimal d, char out[DECIMAL_TEXT]);

/* HUB_REJECT: not a number; HUB_RANGE: more than 18 fraction digits or past int64. */
hub_status hub_value_parse(const char *text, size_t len, hub_value *ret);
const char *hub_value_text(hub_value v, char out[DECIMAL_TEXT]);
/* Exact only: HUB_RANGE when digits would be lost. */
hub_status decimal_to_value(decimal d, hub_value *ret);

/* Scale of the result: the larger for add and sub, the sum for mul (trailing zeros dropped first
   if the result would not fit otherwise). */
hub_status decimal_add(decimal a, decimal b, decimal *ret);
hub_status decimal_sub(decimal a, decimal b, decimal *ret);
hub_status decimal_mul(decimal a, decimal b, decimal *ret);
/* a / b at the given scale, rounded by mode. HUB_REJECT: b is zero. */
hub_status decimal_div(decimal a, decimal b, uint8_t scale, decimal_mode mode, decimal *ret);
/* To `scale` digits after the point; to a multiple of `unit` (> 0), such as 0.05. */
hub_status decimal_round(decimal d, uint8_t scale, decimal_mode mode, decimal *ret);
hub_status decimal_round_unit(decimal d, decimal unit, decimal_mode mode, decimal *ret);
/* Rescaled to `scale` as an integer, e.g. yuan → 分 with scale 2. HUB_RANGE past int64. */
hub_status decimal_to_int64(decimal d, uint8_t scale, decimal_mode mode, int64_t *ret);

int decimal_cmp(decimal a, decimal b); /* -1, 0, 1; exact for every pair */
int decimal_sign(decimal d);
decimal decimal_neg(decimal d);
decimal decimal_trim(decimal d); /* without trailing fraction zeros */

/* Names as tariffs write them: "half_up", "half_even", "down", "up", "floor", "ceiling". */
bool decimal_mode_parse(const char *text, decimal_mode *ret);

#endif
