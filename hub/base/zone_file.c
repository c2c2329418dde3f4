#include "base/zone_file.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

/* Up to here the rule's events are listed too, so that a lookup is one binary search. */
enum { LISTED_UNTIL = 2100, LISTED_MAX = 2 * (LISTED_UNTIL - 1900) + 16 };

typedef struct header {
	uint8_t version; /* 0, or '2' and above */
	uint32_t utc_flags, standard_flags, leaps, times, types, chars;
} header;

static bool header_read(hub_reader *in, header *h)
{
	const uint8_t *magic = hub_reader_bytes(in, 4);
	h->version = hub_reader_u8(in);
	hub_reader_bytes(in, 15);
	h->utc_flags = hub_reader_u32be(in);
	h->standard_flags = hub_reader_u32be(in);
	h->leaps = hub_reader_u32be(in);
	h->times = hub_reader_u32be(in);
	h->types = hub_reader_u32be(in);
	h->chars = hub_reader_u32be(in);
	/* Leap seconds ("right" zones) would shift every time. */
	return !in->bad && memcmp(magic, "TZif", 4) == 0 && h->types && h->types <= 256 && !h->leaps;
}

static int64_t time_read(const uint8_t *p, unsigned width)
{
	hub_reader in = hub_reader_of(p, width);
	return width == 8 ? (int64_t)hub_reader_be(&in, 8) : (int32_t)hub_reader_be(&in, 4);
}

static bool offset_read(const uint8_t *types, size_t index, int32_t *ret)
{
	*ret = (int32_t)time_read(types + index * 6, 4);
	return *ret >= -ZONE_OFFSET_MAX && *ret <= ZONE_OFFSET_MAX;
}

static void event_add(struct zone *z, zone_event e)
{
	int32_t before = z->count ? z->events[z->count - 1].offset : z->first;
	if (e.offset != before)
		z->events[z->count++] = e;
}

/* One data block; `keep` false only skips it. */
static hub_status block_read(hub_reader *in, const header *h, unsigned width, bool keep, struct zone *z)
{
	const uint8_t *times = hub_reader_bytes(in, (size_t)h->times * width);
	const uint8_t *indexes = hub_reader_bytes(in, h->times);
	const uint8_t *types = hub_reader_bytes(in, (size_t)h->types * 6);
	hub_reader_bytes(in, (size_t)h->chars + h->standard_flags + h->utc_flags);
	if (in->bad)
		return HUB_REJECT;
	if (!keep)
		return HUB_OK;
	if (!offset_read(types, 0, &z->first))
		return HUB_REJECT;
	z->events = fail_calloc((size_t)h->times + LISTED_MAX, sizeof *z->events);
	if (!z->events)
		return HUB_NOMEM;
	z->rule_from = INT64_MIN;
	for (size_t i = 0; i < h->times; i++) {
		zone_event e = { time_read(times + i * width, width), 0 };
		if (indexes[i] >= h->types || !offset_read(types, indexes[i], &e.offset) || (i && e.at <= z->rule_from))
			return HUB_REJECT;
		z->rule_from = e.at;
		event_add(z, e);
	}
	return HUB_OK;
}

static bool footer_read(hub_reader *in, struct zone *z)
{
	if (hub_reader_u8(in) != '\n')
		return false;
	const uint8_t *newline = memchr(in->p, '\n', hub_reader_left(in));
	if (!newline)
		return false;
	if (newline == in->p)
		return true;
	z->has_rule = true;
	return zone_rule_parse((const char *)in->p, (size_t)(newline - in->p), &z->rule);
}

static void rule_list(struct zone *z, bool without_times)
{
	int64_t until = clock_days(LISTED_UNTIL + 1, 1, 1) * 86400;
	zone_event e;
	if (without_times) {
		z->first = z->rule.standard;
		return; /* the rule alone, for all times */
	}
	if (z->rule_from < clock_days(1900, 1, 1) * 86400)
		return;
	while (z->rule_from < until && zone_rule_next(&z->rule, z->rule_from, &e)) {
		event_add(z, e);
		z->rule_from = e.at;
	}
}

hub_status zone_file_read(const uint8_t *bytes, size_t len, struct zone *z)
{
	hub_reader in = hub_reader_of(bytes, len);
	header h;
	if (!header_read(&in, &h))
		return HUB_REJECT;
	bool second = h.version >= '2';
	hub_status st = block_read(&in, &h, 4, !second, z);
	if (st != HUB_OK || !second)
		return st;
	if (!header_read(&in, &h))
		return HUB_REJECT;
	st = block_read(&in, &h, 8, true, z);
	if (st != HUB_OK)
		return st;
	if (!footer_read(&in, z))
		return HUB_REJECT;
	if (z->has_rule)
		rule_list(z, !h.times);
	return HUB_OK;
}
