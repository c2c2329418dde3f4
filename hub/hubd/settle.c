/* What became of a parcel, as the store shall know it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "deliver/bundle.h"
#include "hubd/parcel.h"
#include "wire/order.h"

enum { SAID = 400 };

typedef struct verdict {
	const wire_outcome *outcomes;
	size_t count, good; /* good: from the first on */
	outbox_result result;
	int status;
	const char *code;
	int64_t retry_after; /* µs */
	char message[SAID];
} verdict;

static bool is_good(const wire_outcome *o)
{
	return o->status >= 200 && o->status < 300;
}

/* The recipient's own words, on one line. */
static void quote(const wire_outcome *o, char *out, size_t size)
{
	char body[SAID], clean[SAID];
	size_t n = o->body_len < sizeof body - 1 ? o->body_len : sizeof body - 1;
	if (n)
		memcpy(body, o->body, n);
	body[n] = 0;
	utf8_clean(body, clean, sizeof clean);
	for (char *c = clean; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	snprintf(out, size, "%.*s", (int)size - 1, clean);
}

static void judge_failure(verdict *v, const wire_outcome *o)
{
	char said[SAID - 60];
	v->result = OUTBOX_FAILED;
	v->status = o->status;
	v->retry_after = o->retry_after;
	v->code = o->status == 0 ? o->code : o->status / 100 == 3 ? "webhook.redirect" : "webhook.status";
	quote(o, said, sizeof said);
	if (!o->status)
		utf8_clean(o->message, v->message, sizeof v->message);
	else
		snprintf(v->message, sizeof v->message, "the recipient answers %d%s: %s", o->status,
			 o->status / 100 == 3 ? ", and redirects are not followed" : "", said);
}

/* The target's answer is the challenge, or JSON with a member of that name. */
static bool echoes(const char *expected, const wire_outcome *o)
{
	size_t n = strlen(expected), from = 0, to = o->body_len;
	while (to > from && strchr(" \r\n\t\"", o->body[to - 1]))
		to--;
	while (from < to && strchr(" \r\n\t\"", o->body[from]))
		from++;
	if (to - from == n && !memcmp(o->body + from, expected, n))
		return true;
	json_t *j = json_loadb((const char *)o->body, o->body_len, 0, NULL);
	const char *text = json_string_value(json_object_get(j, "challenge"));
	bool same = text && !strcmp(text, expected);
	json_decref(j);
	return same;
}

static void judge(parcel *p, verdict *v)
{
	wire_report report = { 0 };
	wire_outcome *list;
	hub_fault fault = { 0 };
	*v = (verdict) { .result = p->count || p->late ? OUTBOX_LATE : OUTBOX_GOOD, .code = "" };
	if (!p->count || p->sent != HUB_OK)
		return;
	hub_status st = wire_report_unpack(p->answer.bytes, p->answer.len, &p->memory, &report, &fault);
	if (st == HUB_OK && report.status == HUB_OK)
		st = wire_outcome_unpack(report.body, report.body_len, &p->memory, &list, &v->count, &fault);
	if (st != HUB_OK || report.status != HUB_OK) {
		if (report.status != HUB_CONFLICT)
			log_warn("egress refuses subscription %lld: %s (%s)", (long long)p->head.subscription,
				 report.message ? report.message : fault.message, report.code ? report.code : "");
		v->count = 0;
		return;
	}
	v->outcomes = list;
	v->count = v->count < p->count ? v->count : p->count;
	while (v->good < v->count && is_good(&list[v->good]))
		v->good++;
	if (v->good) {
		v->result = OUTBOX_GOOD;
		v->status = list[v->good - 1].status;
		quote(&list[v->good - 1], v->message, sizeof v->message);
	}
	if (v->good < v->count) {
		judge_failure(v, &list[v->good]);
	} else if (v->good && p->expected && !echoes(p->expected, list)) {
		v->result = OUTBOX_FAILED;
		v->code = "webhook.challenge";
		snprintf(v->message, sizeof v->message, "the target did not echo the challenge");
	}
}

static int64_t delay_of(const parcel *p, const verdict *v)
{
	int64_t delay = backoff_delay(v->good && p->kind == PARCEL_BATCH ? 1 : p->head.attempts + 1, arc4random());
	bool busy = v->status == 429 || v->status == 503;
	return busy ? backoff_asked(delay, v->retry_after, p->head.give_up, arc4random()) : delay;
}

static hub_status settle_batch(parcel *p, const verdict *v, store *db)
{
	bool mqtt = !strcmp(p->head.door, "mqtt");
	const outbox_mark reached = v->good ? p->after[v->good - 1] : p->silent;
	outbox_outcome o = { .party = p->head.party,
			     .subscription = p->head.subscription,
			     .lease = p->head.lease,
			     .sent = reached,
			     .acknowledged = mqtt ? p->head.acknowledged : reached,
			     .result = v->result,
			     .progress = v->good > 0 && !mqtt,
			     .delay = delay_of(p, v),
			     .status = v->status,
			     .code = v->code,
			     .message = v->message };
	/* Silent entries need nobody's acknowledgement, if nothing before them does. */
	if (mqtt && !v->good && p->from.position == p->head.acknowledged.position)
		o.acknowledged = (outbox_mark) { reached.position, 0 };
	hub_status st = outbox_settle(db, &o);
	/* Gone: nobody listens there any more, by its own word. */
	if (st == HUB_OK && v->status == 410)
		st = outbox_pause(db, o.party, o.subscription, "the recipient answers 410 Gone");
	if (st != HUB_OK || !v->good)
		return st;
	const delivery d = { .party = o.party,
			     .subscription = o.subscription,
			     .kind = "batch",
			     .state = mqtt ? "sent" : "acknowledged",
			     .lease = o.lease,
			     .first = p->from.position + 1,
			     .last = reached.item ? reached.position + 1 : reached.position,
			     .status = mqtt ? 0 : 200,
			     .code = "",
			     .message = "" };
	st = delivery_put(db, &d, NULL);
	return st == HUB_OK && mqtt ? outbox_hear(db, o.party, o.subscription) : st;
}

static hub_status settle_challenge(parcel *p, const verdict *v, store *db)
{
	const outbox_outcome o = { .party = p->head.party,
				   .subscription = p->head.subscription,
				   .lease = p->head.lease,
				   .sent = p->head.sent,
				   .acknowledged = p->head.acknowledged,
				   .result = v->result,
				   .delay = delay_of(p, v),
				   .status = v->status,
				   .code = v->code,
				   .message = v->message };
	const delivery d = { .party = o.party,
			     .subscription = o.subscription,
			     .kind = "challenge",
			     .state = "acknowledged",
			     .lease = o.lease,
			     .status = v->status,
			     .code = "",
			     .message = "" };
	if (v->result != OUTBOX_GOOD)
		return outbox_settle(db, &o);
	hub_status st = outbox_verified(db, o.party, o.subscription, o.lease);
	return st == HUB_OK ? delivery_put(db, &d, NULL) : st;
}

static hub_status settle_test(parcel *p, const verdict *v, store *db)
{
	delivery d = { .id = p->test,
		       .party = p->head.party,
		       .state = v->result == OUTBOX_GOOD ? "acknowledged" : "failed",
		       .status = v->status,
		       .code = v->code,
		       .message = v->message };
	if (v->result == OUTBOX_LATE) {
		d.code = "egress.late";
		d.message = "egress did not take it in time; try again";
	}
	return delivery_done(db, &d);
}

hub_status parcel_settle(parcel *p, store *db)
{
	static hub_status (*const by_kind[])(parcel *, const verdict *, store *) = {
		[PARCEL_BATCH] = settle_batch, [PARCEL_CHALLENGE] = settle_challenge, [PARCEL_TEST] = settle_test
	};
	verdict v;
	judge(p, &v);
	p->went = v.good;
	hub_status st = store_begin(db);
	if (st == HUB_OK)
		st = by_kind[p->kind](p, &v, db);
	if (st == HUB_OK)
		return store_commit(db);
	store_rollback(db);
	return st;
}
