#include "store/computed.h"

#include <openssl/sha.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/announcement.h"
#include "store/message.h"
#include "store/receipt.h"

/* A receipt's own number is its epoch, so two that speak at once never wait for each other. */
static hub_status send_one(store *db, const char *source, const computed *c)
{
	receipt r = { .party = c->party, .source = source, .first = 1, .count = 1, .stored = 1, .received = clock_now() };
	bool fresh = false;
	hub_status st = receipt_number(db, &r.id);
	if (st != HUB_OK)
		return st;
	r.epoch = r.id;
	r.trace = trace_new();
	SHA256((const unsigned char *)c->body, strlen(c->body), r.digest);
	const message m = { .party = c->party, .receipt = r.id, .type = c->type, .point = c->point, .channel = "",
			    .time = c->time, .key = c->key, .body = c->body, .item = c->found ? MESSAGE_COMPUTED : 0 };
	st = message_put(db, &m, 1, &fresh);
	if (st != HUB_OK || !fresh)
		return st;
	const announcement a = { .party = c->party, .source = source, .receipt = r.id, .types = 1u << c->type,
				 .points = &c->point, .point_count = c->point != 0,
				 .event = c->type == HUB_RECORD_EVENT ? c->body : NULL };
	st = receipt_insert(db, &r);
	return st == HUB_OK ? announcement_insert(db, &a) : st;
}

hub_status computed_send(store *db, const char *source, const computed *list, size_t count)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = send_one(db, source, &list[i]);
	return st;
}
