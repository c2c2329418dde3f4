#include <string.h>

#include "alarm/rules.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "model/quantity.h"

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void time_member(buf *out, const char *name, hub_time t)
{
	char text[CLOCK_TEXT];
	if (t)
		buf_printf(out, ",\"%s\":\"%s\"", name, clock_text(t, text));
}

static void value_member(buf *out, const char *name, hub_value v)
{
	char text[DECIMAL_TEXT];
	member(out, name, hub_value_text(v, text));
}

void alarm_write(buf *out, const alarm_row *al)
{
	const quantity *q = al->quantity ? quantity_by_number(al->quantity) : NULL;
	buf_printf(out, "{\"id\":%lld,\"rule\":%lld", (long long)al->id, (long long)al->rule);
	member(out, "kind", al->kind);
	member(out, "state", al->state);
	member(out, "severity", al->severity);
	if (al->point)
		member(out, "point", al->code);
	member(out, "channel", al->channel);
	if (al->subject[0])
		member(out, "subject", al->subject);
	if (q && strcmp(al->kind, "meter_silent") != 0) {
		member(out, "standing", al->standing);
		member(out, "quantity", q->name);
		value_member(out, "value", al->value);
		value_member(out, "limit", al->limit);
		member(out, "unit", q->unit);
	}
	time_member(out, "since", al->since);
	time_member(out, "raised", al->raised);
	time_member(out, "cleared", al->cleared);
	if (al->acknowledged) {
		time_member(out, "acknowledged", al->acknowledged);
		member(out, "acknowledged_by", al->acknowledged_by);
	}
	if (al->note[0])
		member(out, "note", al->note);
	if (al->cut[0])
		member(out, "cut_off", al->cut);
	if (al->command)
		buf_printf(out, ",\"command\":%lld", (long long)al->command);
	if (al->cause[0])
		member(out, "cause", al->cause);
	buf_u8(out, '}');
}

void alarm_rule_write(buf *out, const alarm_rule *r, const char *point_code)
{
	const quantity *q = r->quantity ? quantity_by_number(r->quantity) : NULL;
	buf_printf(out, "{\"id\":%lld", (long long)r->id);
	member(out, "kind", r->kind);
	member(out, "standing", r->standing);
	member(out, "severity", r->severity);
	if (r->point)
		member(out, "point", point_code);
	member(out, "channel", r->channel);
	if (r->subject[0])
		member(out, "subject", r->subject);
	if (q)
		member(out, "quantity", q->name);
	if (q && strcmp(r->kind, "meter_silent") != 0) {
		value_member(out, "raise", r->raise);
		value_member(out, "clear", r->clear);
		member(out, "unit", q->unit);
	}
	if (r->quiet_from != r->quiet_to)
		buf_printf(out, ",\"quiet\":\"%02d:%02d-%02d:%02d+00:00\"", r->quiet_from / 60, r->quiet_from % 60, r->quiet_to / 60,
			   r->quiet_to % 60);
	if (r->escalate)
		buf_printf(out, ",\"escalate\":%lld", (long long)(r->escalate / 1000000));
	buf_printf(out, ",\"hold\":%lld,\"clear_hold\":%lld,\"cut_off\":%s", (long long)(r->hold / 1000000),
		   (long long)(r->clear_hold / 1000000), r->cut_off ? "true" : "false");
	member(out, "set_by", r->set_by);
	if (r->approved_by[0])
		member(out, "approved_by", r->approved_by);
	time_member(out, "made", r->made);
	time_member(out, "ended", r->ended);
	buf_u8(out, '}');
}
