#include "intake/job.h"

#include <string.h>

#include "intake/body.h"
#include "store/charging.h"
#include "store/command.h"
#include "store/message.h"
#include "store/quarantine.h"
#include "store/station_request.h"

/* The hub's own findings about what was stored. */
static uint32_t found(const job_item *item)
{
	return item->fresh ? item->flags & ~item->record->body.reading.flags : 0;
}

static hub_status keep_reasons(job *j, job_item *const *of, size_t count)
{
	size_t n = 0, made = 0;
	for (size_t i = 0; i < count; i++)
		n += (size_t)__builtin_popcount(found(of[i]));
	if (!n)
		return HUB_OK;
	series_reason *rows = arena_array(j->arena, n, sizeof *rows);
	if (!rows)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		judge_case c = job_case(j, of[i]);
		for (uint32_t left = found(of[i]); left; left &= left - 1) {
			hub_fault note = { 0 };
			uint32_t flag = left & -left;
			judge_note(&c, flag, &note);
			const char *text = arena_strdup(j->arena, note.message);
			if (!text)
				return HUB_NOMEM;
			rows[made++] = (series_reason){ of[i]->binding->binding->point.id, (uint16_t)i, flag, text };
		}
	}
	return series_explain(j->db, rows, made, j->receipt);
}

series_row job_row(const job_item *item)
{
	const hub_reading *r = &item->record->body.reading;
	return (series_row){ item->binding->binding->point.id, item->checked.quantity->number, (uint8_t)r->kind,
			     r->channel, r->start, r->time, item->checked.value, item->flags };
}

static hub_status keep_readings(job *j)
{
	series_row *rows = arena_array(j->arena, j->count, sizeof *rows);
	job_item **of = arena_array(j->arena, j->count, sizeof *of);
	series_outcome *outcomes = arena_array(j->arena, j->count, sizeof *outcomes);
	size_t n = 0;
	if (!rows || !of || !outcomes)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++) {
		job_item *item = &j->items[i];
		if (!job_is_reading(item))
			continue;
		rows[n] = job_row(item);
		of[n++] = item;
	}
	hub_status st = n ? series_write(j->db, rows, n, j->receipt, outcomes) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		of[i]->fresh = outcomes[i] != SERIES_DUPLICATE;
	return st == HUB_OK ? keep_reasons(j, of, n) : st;
}

/* Sessions that began or ended become rows of their own, which the cashier looks at. */
static hub_status keep_sessions(job *j, job_item *const *of, const message *rows, size_t count)
{
	size_t n = 0;
	charging_word *words = arena_array(j->arena, count, sizeof *words);
	if (!words)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const hub_transaction *t = &of[i]->record->body.transaction;
		if (rows[i].type == HUB_RECORD_TRANSACTION && of[i]->fresh && strcmp(t->phase, "update") != 0)
			words[n++] = (charging_word){ t->meter, t->id, t->channel, t->tag, rows[i].point };
	}
	return charging_touch(j->db, j->source->party, words, n);
}

static const char *detail(const hub_event *e, const char *key)
{
	for (size_t i = 0; i < e->detail_count; i++)
		if (!strcmp(e->details[i].key, key))
			return e->details[i].value;
	return "";
}

/* What a station wants signed waits for the registrar. */
static hub_status keep_requests(job *j, job_item *const *of, const message *rows, size_t count)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const hub_event *e = &of[i]->record->body.event;
		if (rows[i].type != HUB_RECORD_EVENT || !of[i]->fresh || strcmp(e->code, "certificate_requested") != 0)
			continue;
		const char *csr = arena_printf(j->arena, "%s%s", detail(e, "csr"), detail(e, "csr_2"));
		st = csr ? station_request_put(j->db, j->source->party, e->meter, csr) : HUB_NOMEM;
	}
	return st;
}

static hub_status keep_messages(job *j)
{
	size_t n = 0, made = 0;
	for (size_t i = 0; i < j->count; i++)
		n += !j->items[i].fault && !job_is_reading(&j->items[i]);
	if (n == 0)
		return HUB_OK;
	message *rows = arena_array(j->arena, n, sizeof *rows);
	job_item **of = arena_array(j->arena, n, sizeof *of);
	bool *fresh = arena_array(j->arena, n, sizeof *fresh);
	if (!rows || !of || !fresh)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++) {
		job_item *item = &j->items[i];
		if (item->fault || job_is_reading(item))
			continue;
		hub_status st = message_of_record(&item->record->body, j->arena, &rows[made]);
		if (st != HUB_OK)
			return st;
		rows[made].party = j->source->party;
		rows[made].receipt = j->receipt;
		rows[made].item = item->index;
		rows[made].point = item->binding ? item->binding->binding->point.id : 0;
		/* A result is about the point of its command, which it may end. */
		if (rows[made].type == HUB_RECORD_RESULT)
			st = command_told(j->db, j->source->party, &item->record->body.result, rows[made].body, &item->ordered);
		if (st != HUB_OK)
			return st;
		rows[made].point = rows[made].point ? rows[made].point : item->ordered;
		of[made++] = item;
	}
	hub_status st = message_put(j->db, rows, n, fresh);
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		of[i]->fresh = fresh[i];
	if (st == HUB_OK)
		st = keep_sessions(j, of, rows, n);
	if (st == HUB_OK)
		st = keep_requests(j, of, rows, n);
	/* Those who watch see the fresh ones. */
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		if (fresh[i])
			rows[j->message_count++] = rows[i];
	j->messages = rows;
	return st;
}

static hub_status keep_refused(job *j)
{
	size_t n = 0, made = 0;
	for (size_t i = 0; i < j->count; i++)
		n += j->items[i].fault != NULL;
	if (n == 0)
		return HUB_OK;
	quarantine *rows = arena_array(j->arena, n, sizeof *rows);
	if (!rows)
		return HUB_NOMEM;
	buf packed = { 0 };
	for (size_t i = 0; i < j->count; i++) {
		const job_item *item = &j->items[i];
		if (!item->fault)
			continue;
		buf_clear(&packed);
		record_pack(&packed, item->record);
		uint8_t *kept = packed.bad ? NULL : arena_memdup(j->arena, packed.bytes, packed.len);
		if (!kept) {
			buf_fini(&packed);
			return HUB_NOMEM;
		}
		rows[made++] = (quarantine){ .party = j->source->party, .receipt = j->receipt,
					     .source = j->batch->id.source, .sequence = j->first + i,
					     .code = item->fault->code, .field = item->fault->field,
					     .message = item->fault->message, .record = kept, .record_len = packed.len,
					     .raw = item->record->body.raw, .raw_len = item->record->body.raw_len };
	}
	buf_fini(&packed);
	return quarantine_put(j->db, rows, n);
}

hub_status job_keep(job *j)
{
	hub_status st = keep_readings(j);
	if (st == HUB_OK)
		st = keep_messages(j);
	return st == HUB_OK && !j->source->trial ? keep_refused(j) : st;
}
