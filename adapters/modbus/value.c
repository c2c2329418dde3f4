#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct type_row {
	const char *name;
	uint8_t words;
	bool is_signed, is_magnitude, is_float, is_bcd;
} type_row;

static const type_row types[] = {
	[MB_BIT] = { "bit", 1 },
	[MB_U16] = { "u16", 1 },
	[MB_S16] = { "s16", 1, .is_signed = true },
	[MB_M16] = { "m16", 1, .is_magnitude = true },
	[MB_U32] = { "u32", 2 },
	[MB_S32] = { "s32", 2, .is_signed = true },
	[MB_M32] = { "m32", 2, .is_magnitude = true },
	[MB_U64] = { "u64", 4 },
	[MB_S64] = { "s64", 4, .is_signed = true },
	[MB_FLOAT32] = { "float32", 2, .is_float = true },
	[MB_FLOAT64] = { "float64", 4, .is_float = true },
	[MB_BCD16] = { "bcd16", 1, .is_bcd = true },
	[MB_BCD32] = { "bcd32", 2, .is_bcd = true },
	[MB_BCD64] = { "bcd64", 4, .is_bcd = true },
};

bool mb_type_parse(const char *text, mb_type *ret)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].name, text)) {
			*ret = (mb_type)i;
			return true;
		}
	return false;
}

unsigned mb_type_words(mb_type type)
{
	return types[type].words;
}

/* Where byte i of the value, highest first, stands on the wire. */
static unsigned place(const mb_layout *l, unsigned i)
{
	unsigned words = types[l->type].words, word = i / 2, byte = i % 2;
	return (l->low_word_first ? words - 1 - word : word) * 2 + (l->low_byte_first ? 1 - byte : byte);
}

uint64_t mb_raw(const mb_layout *l, const uint8_t *bytes)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < types[l->type].words * 2u; i++)
		v = v << 8 | bytes[place(l, i)];
	return v;
}

static hub_status no_fit(hub_fault *fault)
{
	return hub_fault_set(fault, "modbus.range", "value",
			     "a value has at most 18 digits with its multiplier; check type and word order in the map");
}

/* The shortest decimal that is this number again: 0.1f is 0.1. */
static hub_status from_float(const mb_layout *l, uint64_t raw, decimal *ret, hub_fault *fault)
{
	char text[40];
	double v;
	int most = 17, precision;
	if (l->type == MB_FLOAT32) {
		float f;
		uint32_t bits = (uint32_t)raw;
		memcpy(&f, &bits, sizeof f);
		v = f;
		most = 9;
	} else {
		memcpy(&v, &raw, sizeof v);
	}
	if (!isfinite(v))
		return HUB_MISSING;
	for (precision = 0; precision < most; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, v);
		if (l->type == MB_FLOAT32 ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v)
			break;
	}
	char *e = strchr(text, 'e'), *point = strchr(text, '.');
	int exponent = atoi(e + 1) - (point ? (int)(e - point) - 1 : 0);
	__int128 digits = 0;
	for (const char *p = text; p < e; p++)
		if (*p >= '0' && *p <= '9')
			digits = digits * 10 + (*p - '0');
	for (; exponent > 0 && digits && digits < (__int128)1 << 100; exponent--)
		digits *= 10;
	/* What a float cannot resolve anyway is nothing to keep. */
	for (; exponent < -18 && digits; exponent++)
		digits /= 10;
	if (digits && exponent > 0)
		return no_fit(fault);
	*ret = (decimal) { text[0] == '-' ? -digits : digits, digits ? (uint8_t)-exponent : 0 };
	return HUB_OK;
}

static hub_status from_bcd(uint64_t raw, unsigned nibbles, decimal *ret, hub_fault *fault)
{
	int64_t v = 0;
	for (unsigned i = nibbles; i-- > 0;) {
		unsigned d = raw >> (4 * i) & 15;
		if (d > 9)
			return hub_fault_set(fault, "modbus.bcd", "value",
					     "BCD has half bytes of 0 to 9: got %XH; check the type", d);
		v = v * 10 + d;
	}
	*ret = decimal_of(v, 0);
	return HUB_OK;
}

static decimal from_integer(const type_row *t, uint64_t raw)
{
	unsigned bits = t->words * 16u;
	uint64_t top = UINT64_C(1) << (bits - 1);
	if (t->is_magnitude)
		return (decimal) { raw & top ? -(__int128)(raw & ~top) : (__int128)raw, 0 };
	if (t->is_signed && raw & top)
		return (decimal) { (__int128)raw - ((__int128)1 << bits), 0 };
	return (decimal) { raw, 0 };
}

static uint64_t masked(uint64_t raw, uint64_t mask)
{
	return mask ? (raw & mask) >> __builtin_ctzll(mask) : raw;
}

hub_status mb_value_read(const mb_layout *l, uint64_t raw, hub_value *ret, hub_fault *fault)
{
	const type_row *t = &types[l->type];
	decimal d, product;
	hub_status st = HUB_OK;
	if (l->has_absent && raw == l->absent)
		return HUB_MISSING;
	raw = masked(raw, l->mask);
	if (t->is_float)
		st = from_float(l, raw, &d, fault);
	else if (t->is_bcd)
		st = from_bcd(raw, t->words * 4u, &d, fault);
	else
		d = from_integer(t, raw);
	if (st != HUB_OK)
		return st;
	if (decimal_mul(d, l->multiplier, &product) != HUB_OK || decimal_to_value(product, ret) != HUB_OK)
		return no_fit(fault);
	return HUB_OK;
}

static hub_status to_raw(const mb_layout *l, int64_t v, uint64_t *ret)
{
	const type_row *t = &types[l->type];
	unsigned bits = t->words * 16u;
	uint64_t top = UINT64_C(1) << (bits - 1), magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;
	if (l->type == MB_BIT && magnitude > 1)
		return HUB_RANGE;
	if (t->is_bcd) {
		uint64_t raw = 0;
		for (unsigned i = 0; i < t->words * 4u; i++, magnitude /= 10)
			raw |= magnitude % 10 << (4 * i);
		*ret = raw;
		return v < 0 || magnitude ? HUB_RANGE : HUB_OK;
	}
	if (t->is_signed || t->is_magnitude) {
		if (magnitude > top - (v >= 0 || t->is_magnitude))
			return HUB_RANGE;
		*ret = t->is_magnitude ? (v < 0 ? magnitude | top : magnitude) : (uint64_t)v & (top | (top - 1));
		return HUB_OK;
	}
	*ret = magnitude;
	return v < 0 || (bits < 64 && magnitude >> bits) ? HUB_RANGE : HUB_OK;
}

static uint64_t float_raw(mb_type type, const char *text)
{
	uint64_t raw = 0;
	if (type == MB_FLOAT32) {
		float f = strtof(text, NULL);
		uint32_t bits;
		memcpy(&bits, &f, sizeof bits);
		return bits;
	}
	double d = strtod(text, NULL);
	memcpy(&raw, &d, sizeof raw);
	return raw;
}

hub_status mb_value_write(const mb_layout *l, decimal value, uint8_t *out)
{
	const type_row *t = &types[l->type];
	decimal quotient, back;
	char text[DECIMAL_TEXT];
	uint64_t raw = 0;
	int64_t whole;
	hub_status st = decimal_div(value, l->multiplier, t->is_float ? 9 : 0, DECIMAL_HALF_EVEN, &quotient);
	if (st == HUB_OK)
		st = decimal_mul(quotient, l->multiplier, &back);
	if (st != HUB_OK || decimal_cmp(back, value) != 0)
		return HUB_RANGE;
	if (t->is_float)
		raw = float_raw(l->type, decimal_text(quotient, text));
	else if (decimal_to_int64(quotient, 0, DECIMAL_DOWN, &whole) != HUB_OK || to_raw(l, whole, &raw) != HUB_OK)
		return HUB_RANGE;
	for (unsigned i = 0; i < t->words * 2u; i++)
		out[place(l, i)] = (uint8_t)(raw >> 8 * (t->words * 2u - 1 - i));
	return HUB_OK;
}
