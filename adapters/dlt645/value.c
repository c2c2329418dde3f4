#include "value.h"

/* Low byte first, two digits a byte. False when a half byte is above nine. */
static bool bcd(const uint8_t *bytes, size_t n, uint8_t top_mask, int64_t *ret)
{
	int64_t v = 0;
	for (size_t i = n; i-- > 0;) {
		uint8_t b = i == n - 1 ? bytes[i] & top_mask : bytes[i];
		if (b >> 4 > 9 || (b & 15) > 9)
			return false;
		v = v * 100 + (b >> 4) * 10 + (b & 15);
	}
	*ret = v;
	return true;
}

static bool all(const uint8_t *bytes, size_t n, uint8_t what)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != what)
			return false;
	return true;
}

/* Days since 1970-01-01 of a day in 2000–2099 (proleptic Gregorian; every fourth year is a leap year). */
static int64_t days_of(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t days = 10957 + 365 * year + (year + 3) / 4 + before[month - 1] + day - 1;
	return days + (month > 2 && year % 4 == 0);
}

/* YYMMDDhhmm, low byte (minutes) first. A demand that has not occurred has zeros: time 0. */
static bool occurrence(const uint8_t *bytes, int64_t utc_offset, hub_time *ret)
{
	static const int days_in[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t f[5];
	*ret = 0;
	if (all(bytes, 5, 0) || all(bytes, 5, 0xff))
		return true;
	for (int i = 0; i < 5; i++)
		if (!bcd(bytes + i, 1, 0xff, &f[i]))
			return false;
	if (f[3] < 1 || f[3] > 12 || f[2] < 1 || f[2] > days_in[f[3] - 1] || f[1] > 24 || f[0] > 59)
		return false;
	int64_t minutes = (days_of((int)f[4], (int)f[3], (int)f[2]) * 24 + f[1]) * 60 + f[0];
	*ret = minutes * 60 * 1000000 - utc_offset;
	return true;
}

size_t dlt_layout_size(const dlt_layout *layout)
{
	return layout->bytes + (layout->has_time ? 5u : 0u);
}

hub_status dlt_value_read(const dlt_layout *layout, const uint8_t *bytes, int64_t utc_offset, dlt_value *v,
			  hub_fault *fault)
{
	int64_t digits;
	hub_time time = 0;
	if (all(bytes, layout->bytes, 0xff))
		return HUB_MISSING;
	if (!bcd(bytes, layout->bytes, layout->has_sign ? 0x7f : 0xff, &digits))
		return hub_fault_set(fault, "dlt645.bcd", v->quantity,
				     "a value is BCD, two digits a byte: its top byte is %02XH; check the meter",
				     bytes[layout->bytes - 1]);
	if (layout->has_time && !occurrence(bytes + layout->bytes, utc_offset, &time))
		return hub_fault_set(fault, "dlt645.time", v->quantity,
				     "a demand's time is YYMMDDhhmm in BCD: got %02X%02X%02X%02X%02X; set the meter's clock",
				     bytes[layout->bytes + 4], bytes[layout->bytes + 3], bytes[layout->bytes + 2],
				     bytes[layout->bytes + 1], bytes[layout->bytes]);
	bool negative = layout->has_sign && bytes[layout->bytes - 1] & 0x80;
	v->value = (hub_value){ negative ? -digits : digits, layout->scale };
	v->unit = layout->unit;
	v->kind = layout->kind;
	v->time = time;
	return HUB_OK;
}

hub_status dlt_run(const dlt_sink *sink, uint32_t identifier, const dlt_layout *layout, dlt_namer namer,
		   const void *row, size_t first, size_t count, const uint8_t *bytes, size_t len)
{
	size_t size = dlt_layout_size(layout), whole = len / size;
	hub_status st = HUB_OK;
	hub_fault fault;
	if (whole < (count ? count : 1)) {
		hub_fault_set(&fault, "dlt645.length", "L",
			      "%08X takes %zu bytes for each of its values: got %zu bytes; check the meter's version",
			      (unsigned)identifier, size, len);
		return sink->refuse(sink->context, &fault);
	}
	bool block = !count;
	for (size_t i = 0; i < (block ? whole : count) && st == HUB_OK; i++) {
		dlt_value v = { 0 };
		if (!namer(row, first + i, &v))
			break;
		st = dlt_value_read(layout, bytes + i * size, sink->utc_offset, &v, &fault);
		if (st == HUB_OK)
			st = sink->value(sink->context, &v);
		else if (st == HUB_REJECT)
			st = sink->refuse(sink->context, &fault);
		else if (block)
			st = HUB_OK;
		else {
			hub_fault_set(&fault, "dlt645.bcd", "data",
				      "a value is BCD: FFH in all bytes of %08X says that the meter has none; do not poll it",
				      (unsigned)identifier);
			st = sink->refuse(sink->context, &fault);
		}
	}
	return st;
}

hub_status dlt_unknown(const dlt_sink *sink, uint32_t identifier, int width)
{
	hub_fault fault;
	hub_fault_set(&fault, "dlt645.unknown_identifier", "DI",
		      "data identifiers come from annex A of DL/T 645: %0*X is not in the table; take it out of the "
		      "poll list or report the meter's manual",
		      width, (unsigned)identifier);
	return sink->refuse(sink->context, &fault);
}
