#include "api/receipt.h"

#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/quarantine.h"
#include "store/receipt.h"

enum { REFUSED = 1000 };

static void write_refused(buf *out, const quarantine *q, uint64_t first, bool comma)
{
	static const char *const states[] = { "open", "replayed", "dropped" };
	buf_printf(out, "%s\n{\"index\":%llu,\"code\":", comma ? "," : "", (unsigned long long)(q->sequence - first));
	json_write_text(out, q->code);
	buf_text(out, ",\"field\":");
	json_write_text(out, q->field);
	buf_text(out, ",\"message\":");
	json_write_text(out, q->message);
	buf_printf(out, ",\"quarantine\":%llu,\"state\":\"%s\"}", (unsigned long long)q->id, states[q->state]);
}

static void write_counts(buf *out, const receipt *rec)
{
	char trace[TRACE_TEXT], received[CLOCK_TEXT], committed[CLOCK_TEXT];
	buf_printf(out, "\"receipt\":%llu,\"trace\":\"%s\",\"source\":", (unsigned long long)rec->id,
		   trace_text(&rec->trace, trace));
	json_write_text(out, rec->source);
	buf_printf(out, ",\"count\":%u,\"stored\":%u,\"duplicates\":%u,\"quarantined\":%u,\"received\":\"%s\","
		   "\"committed\":\"%s\"", rec->count, rec->stored, rec->duplicates, rec->quarantined,
		   clock_text(rec->received, received), clock_text(rec->committed, committed));
}

static hub_status write(request *r, const receipt *rec)
{
	quarantine_filter filter = { .party = rec->party, .receipt = rec->id, .all = true };
	quarantine *list;
	size_t count;
	hub_status st = quarantine_list(r->db, &filter, 0, REFUSED, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	write_counts(&r->body, rec);
	buf_text(&r->body, ",\"errors\":[");
	for (size_t i = 0; i < count; i++)
		write_refused(&r->body, &list[i], rec->first, i > 0);
	buf_u8(&r->body, ']');
	return HUB_OK;
}

hub_status receipts_get(request *r)
{
	request_page page;
	receipt *list;
	size_t count;
	int64_t owner;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = permit_list(r, "receipt", &owner);
	if (st == HUB_OK)
		st = receipt_of_party(r->db, owner, request_query(r, "source"), page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"receipts\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n{" : "\n{");
		write_counts(&r->body, &list[i]);
		buf_u8(&r->body, '}');
	}
	return request_finish_page(r, count == page.limit ? list[count - 1].id : 0);
}

hub_status receipt_write(request *r, uint64_t id)
{
	receipt rec;
	bool allowed = false;
	hub_status st = receipt_by_id(r->db, id, r->arena, &rec);
	if (st == HUB_OK)
		st = permit_item(r, "view", "receipt", rec.party, &allowed);
	/* Another party's is as if it were not there. */
	if (st == HUB_OK && !allowed)
		st = HUB_MISSING;
	return st == HUB_OK ? write(r, &rec) : st;
}

hub_status receipt_get(request *r)
{
	uint64_t id = 0;
	buf_u8(&r->body, '{');
	hub_status st = request_id(r->values[0], &id) ? receipt_write(r, id) : HUB_MISSING;
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "receipt.unknown", "id", "this party has no receipt '%.32s'", r->values[0]);
	buf_text(&r->body, "}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
