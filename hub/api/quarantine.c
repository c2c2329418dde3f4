#include "api/quarantine.h"

#include <openssl/evp.h>
#include <string.h>

#include "api/body.h"
#include "api/parties.h"
#include "api/permit.h"
#include "api/readings.h"
#include "api/receipt.h"
#include "base/json.h"
#include "intake/replay.h"
#include "model/record.h"
#include "store/quarantine.h"

static const char *const states[] = { "open", "replayed", "dropped" };

static void write(buf *out, const quarantine *q)
{
	buf_printf(out, "{\"id\":%llu,\"receipt\":%llu,\"state\":\"%s\",\"source\":", (unsigned long long)q->id,
		   (unsigned long long)q->receipt, states[q->state]);
	json_write_text(out, q->source);
	buf_text(out, ",\"code\":");
	json_write_text(out, q->code);
	buf_text(out, ",\"field\":");
	json_write_text(out, q->field);
	buf_text(out, ",\"message\":");
	json_write_text(out, q->message);
	time_write(out, "made", q->made);
	if (q->replay)
		buf_printf(out, ",\"replay\":%llu", (unsigned long long)q->replay);
}

static hub_status read_filter(request *r, quarantine_filter *ret)
{
	const char *of_receipt = request_query(r, "receipt");
	*ret = (quarantine_filter) { .source = request_query(r, "source"), .code = request_query(r, "code") };
	hub_status st = request_truth(r, "all", &ret->all);
	if (st == HUB_OK && of_receipt)
		st = request_number(r, "receipt", 0, 1, INT64_MAX, &ret->receipt);
	return st == HUB_OK ? permit_list(r, "quarantine", &ret->party) : st;
}

hub_status quarantine_entries_get(request *r)
{
	request_page page;
	quarantine_filter f;
	quarantine *list;
	size_t count;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = read_filter(r, &f);
	if (st == HUB_OK)
		st = quarantine_list(r->db, &f, page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	size_t i = 0;
	buf_text(&r->body, "{\"entries\":[");
	for (; i < count && r->body.len < REQUEST_PART; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		write(&r->body, &list[i]);
		buf_u8(&r->body, '}');
	}
	return request_finish_page(r, i < count || count == page.limit ? list[i - 1].id : 0);
}

static hub_status missing(request *r)
{
	return request_refuse(r, 404, "quarantine.unknown", "id", "there is no entry '%.32s' that you may see",
			      r->values[0]);
}

static hub_status find(request *r, const char *action, quarantine *ret)
{
	uint64_t id;
	bool allowed = false;
	if (!request_id(r->values[0], &id))
		return missing(r);
	hub_status st = quarantine_get(r->db, id, false, r->arena, ret);
	if (st == HUB_OK)
		st = permit_item(r, action, "quarantine", ret->party, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return missing(r);
	return st;
}

static hub_status write_original(request *r, const quarantine *q)
{
	record rec;
	buf *out = &r->body;
	char *base64 = arena_alloc(r->arena, 4 * ((q->raw_len + 2) / 3) + 1);
	if (!base64)
		return HUB_NOMEM;
	EVP_EncodeBlock((unsigned char *)base64, q->raw, (int)q->raw_len);
	hub_status st = record_unpack(q->record, q->record_len, r->arena, &rec);
	if (st == HUB_NOMEM)
		return st;
	if (st == HUB_OK) {
		time_write(out, "received", rec.received);
		buf_text(out, ",\"peer\":");
		json_write_text(out, rec.peer);
	}
	if (st == HUB_OK && rec.body.type == HUB_RECORD_READING) {
		buf_text(out, ",\"reading\":");
		reading_json(out, &rec.body.reading);
	}
	buf_printf(out, ",\"original\":\"%s\"", base64);
	return HUB_OK;
}

hub_status quarantine_entry_get(request *r)
{
	quarantine q;
	hub_status st = find(r, "view", &q);
	if (st != HUB_OK)
		return st;
	write(&r->body, &q);
	st = write_original(r, &q);
	buf_text(&r->body, "}\n");
	return st == HUB_OK ? request_finish_tagged(r, 200) : st;
}

/* {"reading": {…}}, or nothing. */
static hub_status read_mended(request *r, record *rec, bool *ret_given)
{
	static const char *const members[] = { "reading", NULL };
	body b;
	hub_fault fault = { 0 };
	body_open(&b, r, members);
	const json_t *given = body_object(&b, "reading");
	hub_status st = b.status;
	*rec = (record) { .peer = r->call->address, .received = r->now, .body = { .type = HUB_RECORD_READING } };
	if (st == HUB_OK && given)
		st = reading_parse(given, r->arena, &rec->body.reading, &fault);
	body_close(&b);
	*ret_given = given != NULL;
	return st == HUB_REJECT && fault.code ? request_problem(r, 400, &fault) : st;
}

static hub_status closed(request *r, const quarantine *q)
{
	return request_refuse(r, 409, "quarantine.closed", "id", "entry %llu is not open: it was replayed or dropped",
			      (unsigned long long)q->id);
}

hub_status quarantine_replay_post(request *r)
{
	quarantine q;
	record mended;
	bool given;
	batch_answer done;
	hub_fault fault = { 0 };
	hub_status st = find(r, "change", &q);
	if (st == HUB_OK)
		st = read_mended(r, &mended, &given);
	if (st != HUB_OK)
		return st;
	const replay_decoder decoder = { .mended = given ? &mended : NULL };
	st = intake_replay(r->worker->intake, r->db, q.id, &decoder, r->arena, &done, &fault);
	if (st == HUB_CONFLICT)
		return closed(r, &q);
	if (st == HUB_REJECT)
		return request_problem(r, 422, &fault);
	if (st != HUB_OK)
		return st;
	buf_printf(&r->body, "{\"id\":%llu,\"state\":\"replayed\",\"receipt\":%llu,\"stored\":%u,\"duplicates\":%u}\n",
		   (unsigned long long)q.id, (unsigned long long)done.receipt, done.stored, done.duplicates);
	return request_finish(r, 200, "");
}

hub_status quarantine_drop_post(request *r)
{
	quarantine q;
	hub_status st = find(r, "change", &q);
	if (st != HUB_OK)
		return st;
	st = quarantine_close(r->db, q.id, QUARANTINE_DROPPED, 0);
	if (st == HUB_CONFLICT || st == HUB_MISSING)
		return closed(r, &q);
	buf_printf(&r->body, "{\"id\":%llu,\"state\":\"dropped\"}\n", (unsigned long long)q.id);
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
