#include "api/reading.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/quantity.h"

void reading_write(buf *out, const series_item *item, const char *meter, const char *point_code, bool stepped)
{
	const quantity *q = quantity_by_number(item->row.quantity);
	char known[CLOCK_TEXT];
	const hub_reading r = { meter, item->row.channel, q ? q->name : "", q ? q->unit : "", (hub_kind)item->row.kind,
				item->row.flags, item->row.value, item->row.start, item->row.time };
	reading_json(out, &r);
	if (out->bad)
		return;
	out->len--; /* its brace: more members follow */
	buf_text(out, ",\"point\":");
	json_write_text(out, point_code);
	reasons_json(out, item->reasons, item->reason_count);
	if (stepped) {
		buf_printf(out, ",\"present\":%u,\"expected\":%u}", item->present, item->expected);
		return;
	}
	buf_printf(out, ",\"version\":%u,\"receipt\":%llu,\"known_at\":\"%s\"}", item->version,
		   (unsigned long long)item->receipt, clock_text(item->known_at, known));
}
