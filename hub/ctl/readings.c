#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "ctl/words.h"
#include "model/quantity.h"
#include "model/record.h"
#include "store/series.h"

static const char *const steps[] = { "raw", "hour", "day", "month" };

static void show(const series_item *item, const char *code, bool as_json)
{
	const quantity *q = quantity_by_number(item->row.quantity);
	const hub_reading r = { code, item->row.channel, q->name, q->unit, (hub_kind)item->row.kind, item->row.flags,
				item->row.value, item->row.start, item->row.time };
	char time[CLOCK_TEXT], value[DECIMAL_TEXT];
	buf b = { 0 };
	if (as_json) {
		reading_json(&b, &r);
		b.len--;
		reasons_json(&b, item->reasons, item->reason_count);
		buf_printf(&b, ",\"version\":%u,\"receipt\":%llu}", item->version, (unsigned long long)item->receipt);
	} else {
		buf_printf(&b, "%s %-10s %16s %s", clock_text(r.time, time), hub_kind_name(r.kind), hub_value_text(r.value, value),
			   r.unit);
		for (unsigned bit = 0; hub_flag_names[bit]; bit++)
			if (r.flags & 1u << bit)
				buf_printf(&b, " %s", hub_flag_names[bit]);
		for (size_t i = 0; i < item->reason_count; i++)
			buf_printf(&b, "\n    %s", item->reasons[i]);
	}
	puts(buf_cstr(&b));
	buf_fini(&b);
}

static hub_status take(ctl *c, const char *code, int *argc, char **argv, arena *a, series_query *q, int64_t *point_id,
		       hub_fault *fault)
{
	int bad = 0;
	const char *name = ctl_take(argc, argv, "quantity", 1, &bad);
	const char *from = ctl_take(argc, argv, "from", 1, &bad), *to = ctl_take(argc, argv, "to", 1, &bad);
	const char *step = ctl_take(argc, argv, "step", 1, &bad), *known = ctl_take(argc, argv, "known-at", 1, &bad);
	q->channel = ctl_take(argc, argv, "channel", 1, &bad);
	if (bad || !code || !name || *argc != 1)
		return hub_fault_set(fault, "readings.arguments", "", "--point and --quantity are needed; see hubctl help readings");
	while (step && q->step < SERIES_MONTH && strcmp(step, steps[q->step]))
		q->step++;
	if (step && strcmp(step, steps[q->step]))
		return hub_fault_set(fault, "readings.step", "step", "--step is raw, hour, day or month");
	hub_status st = word_point(c->db, code, a, point_id, fault);
	if (st == HUB_OK)
		st = word_quantity(name, &q->quantity, fault);
	if (st == HUB_OK)
		st = word_time(from, 0, &q->from, fault);
	if (st == HUB_OK)
		st = word_time(to, clock_now() + INT64_C(86400000000), &q->to, fault);
	if (st == HUB_OK)
		st = word_time(known, 0, &q->known_at, fault);
	q->points = point_id;
	q->point_count = 1;
	q->limit = 1000;
	return st;
}

int ctl_readings(ctl *c, int argc, char **argv)
{
	arena a, page;
	int bad = 0;
	int64_t point_id;
	zone *z = NULL;
	series_query q = { 0 };
	series_cursor cursor = { "" };
	series_item *items;
	size_t count;
	hub_fault fault = { 0 };
	bool as_json = ctl_take(&argc, argv, "json", 0, &bad);
	const char *code = ctl_take(&argc, argv, "point", 1, &bad);
	arena_init(&a, 0);
	arena_init(&page, 0);
	hub_status st = take(c, code, &argc, argv, &a, &q, &point_id, &fault);
	if (st == HUB_OK)
		st = zone_load("Asia/Shanghai", &z);
	q.zone = z;
	do {
		arena_reset(&page);
		if (st == HUB_OK)
			st = series_read(c->db, &q, &cursor, &page, &items, &count, &fault);
		for (size_t i = 0; st == HUB_OK && i < count; i++)
			show(&items[i], code, as_json);
	} while (st == HUB_OK && cursor.text[0]);
	zone_free(z);
	arena_fini(&page);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("readings", st, &fault);
}
