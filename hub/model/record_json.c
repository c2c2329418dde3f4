#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "model/quantity.h"
#include "model/record.h"

static void member(buf *out, const char *name, const char *text)
{
	buf_text(out, "\"");
	buf_text(out, name);
	buf_text(out, "\":");
	json_write_text(out, text);
	buf_text(out, ",");
}

static void flags_json(buf *out, uint32_t flags)
{
	const char *comma = "";
	buf_text(out, "[");
	for (unsigned bit = 0; hub_flag_names[bit]; bit++)
		if (flags & (uint32_t)1 << bit) {
			buf_printf(out, "%s\"%s\"", comma, hub_flag_names[bit]);
			comma = ",";
		}
	buf_text(out, "]");
}

void reading_json(buf *out, const hub_reading *r)
{
	char value[DECIMAL_TEXT], when[CLOCK_TEXT];
	buf_text(out, "{");
	member(out, "meter", r->meter);
	member(out, "channel", r->channel);
	member(out, "quantity", r->quantity);
	member(out, "kind", hub_kind_name(r->kind));
	member(out, "value", hub_value_text(r->value, value));
	member(out, "unit", r->unit);
	if (r->kind == HUB_INTERVAL)
		member(out, "start", clock_text(r->start, when));
	if (r->time)
		member(out, "time", clock_text(r->time, when));
	else
		buf_text(out, "\"time\":null,");
	buf_text(out, "\"flags\":");
	flags_json(out, r->flags);
	buf_text(out, "}");
}

void reasons_json(buf *out, const char *const *reasons, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? "," : ",\"reasons\":[");
		json_write_text(out, reasons[i]);
	}
	if (count)
		buf_text(out, "]");
}
