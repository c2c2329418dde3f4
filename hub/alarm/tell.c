#include "alarm/tell.h"

#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "model/quantity.h"

#define MINUTE INT64_C(60000000)

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void write_values(buf *out, const alarm_row *al, const alarm_rule *r)
{
	char text[DECIMAL_TEXT];
	const quantity *q = r->quantity ? quantity_by_number(r->quantity) : NULL;
	if (!q)
		return;
	member(out, "quantity", q->name);
	if (!strcmp(r->kind, "meter_silent"))
		return;
	member(out, "value", hub_value_text(al->value, text));
	member(out, "limit", hub_value_text(r->raise, text));
	member(out, "unit", q->unit);
	member(out, "standing", r->standing);
}

bool alarm_quiet(const alarm_rule *r, hub_time now)
{
	const int minute = (int)(now / MINUTE % 1440);
	if (r->quiet_from == r->quiet_to || !strcmp(r->severity, "critical"))
		return false;
	return r->quiet_from < r->quiet_to ? minute >= r->quiet_from && minute < r->quiet_to
					   : minute >= r->quiet_from || minute < r->quiet_to;
}

hub_status alarm_message(const alarm_row *al, const alarm_rule *r, hub_time now, arena *a, message *ret)
{
	bool over = !strcmp(al->state, "cleared"), again = !strcmp(al->state, "escalated");
	char since[CLOCK_TEXT];
	buf out = { 0 };
	buf_printf(&out, "{\"code\":\"alarm.%s\",\"cleared\":%s", again ? al->state : r->kind, over ? "true" : "false");
	member(&out, "channel", al->channel);
	buf_printf(&out, ",\"details\":{\"alarm\":\"%lld\",\"severity\":\"%s\",\"since\":\"%s\"", (long long)al->id,
		   r->severity, clock_text(al->since, since));
	if (again)
		member(&out, "kind", r->kind);
	write_values(&out, al, r);
	if (al->subject[0])
		member(&out, "subject", al->subject);
	buf_text(&out, "}}");
	*ret = (message) { .party = al->party,
			   .type = HUB_RECORD_EVENT,
			   .point = al->point,
			   .channel = al->channel,
			   .time = now,
			   .key = arena_printf(a, "alarm|%lld|%s|%lld", (long long)al->id, al->state, (long long)now),
			   .body = out.bad ? NULL : arena_strndup(a, (const char *)out.bytes, out.len) };
	buf_fini(&out);
	return ret->key && ret->body ? HUB_OK : HUB_NOMEM;
}
