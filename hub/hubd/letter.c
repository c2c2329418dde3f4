#include "hubd/letter.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

static const char *const types[] = {
	[LETTER_DELIVERY] = "hub-delivery", [LETTER_TEST] = "hub-test", [LETTER_CHALLENGE] = "hub-challenge"
};

/* The body's own id: its first member. */
static const char *id_of(const letter_case *c, const uint8_t *body, size_t len)
{
	static const char begin[] = "{\"id\":\"";
	const size_t skip = sizeof begin - 1;
	const uint8_t *end = len > skip ? memchr(body + skip, '"', len - skip) : NULL;
	return end ? arena_strndup(c->arena, (const char *)body + skip, (size_t)(end - body) - skip) : NULL;
}

static hub_status post(const letter_case *c, const char *id, wire_outgoing *o)
{
	wire_field *headers = arena_array(c->arena, 4, sizeof *headers);
	const char *signature;
	if (!c->signer)
		return HUB_REJECT;
	if (!headers)
		return HUB_NOMEM;
	const jws_head head = { types[c->kind], id, c->head->target, c->now };
	hub_status st = jws_sign(c->signer, &head, o->body, o->body_len, c->arena, &signature);
	if (st != HUB_OK)
		return st;
	headers[0] = (wire_field) { "content-type", "application/json" };
	headers[1] = (wire_field) { "user-agent", "utility-hub" };
	headers[2] = (wire_field) { "hub-id", id };
	headers[3] = (wire_field) { "hub-signature", signature };
	o->method = "POST";
	o->url = c->head->target;
	o->headers = headers;
	o->header_count = 4;
	return HUB_OK;
}

static hub_status publish(const letter_case *c, wire_outgoing *o)
{
	wire_field *headers = arena_array(c->arena, 1, sizeof *headers);
	if (!c->token)
		return HUB_REJECT;
	o->method = "PUBLISH";
	o->url = arena_printf(c->arena, "hub/v1/%s/out/%lld", c->party, (long long)c->head->subscription);
	if (!headers || !o->url)
		return HUB_NOMEM;
	headers[0] = (wire_field) { "authorization", c->token };
	o->headers = headers;
	o->header_count = 1;
	return HUB_OK;
}

/* SUBSCRIPTION-POSITION[.ITEM], with noughts so that names rise as positions do. */
static hub_status drop(const letter_case *c, const char *id, wire_outgoing *o)
{
	long long subscription = (long long)c->head->subscription, in;
	unsigned long long position, item = 0;
	o->method = "DROP";
	if (c->kind != LETTER_DELIVERY)
		o->url = arena_printf(c->arena, "%s/%lld-%s.json", c->party, subscription, id);
	else if (sscanf(id, "%lld-%llu.%llu", &in, &position, &item) >= 2 && item)
		o->url = arena_printf(c->arena, "%s/%lld-%015llu.%08llu.json", c->party, subscription, position, item);
	else
		o->url = arena_printf(c->arena, "%s/%lld-%015llu.json", c->party, subscription, position);
	return o->url ? HUB_OK : HUB_NOMEM;
}

hub_status letter_write(const letter_case *c, const uint8_t *body, size_t len, wire_outgoing *ret)
{
	wire_outgoing o = { .body = arena_memdup(c->arena, body, len), .body_len = len, .timeout = c->timeout };
	const char *id = id_of(c, body, len);
	if (!o.body || !id)
		return HUB_NOMEM;
	hub_status st = !strcmp(c->head->door, "webhook") ? post(c, id, &o)
			: !strcmp(c->head->door, "mqtt")  ? publish(c, &o)
							  : drop(c, id, &o);
	if (st == HUB_OK)
		*ret = o;
	return st;
}

void letter_challenge(const letter_case *c, const char *challenge, buf *out)
{
	buf_printf(out,
		   "{\"id\":\"challenge-%lld\",\"subscription\":%lld,\"challenge\":", (long long)c->head->subscription,
		   (long long)c->head->subscription);
	json_write_text(out, challenge);
	buf_text(out, "}\n");
}

void letter_sample(const letter_case *c, buf *out)
{
	char at[CLOCK_TEXT];
	buf_printf(
	    out,
	    "{\"id\":\"test-%llu\",\"subscription\":%lld,\"test\":true,\"first\":0,\"last\":0,\"entries\":[\n"
	    "{\"id\":\"test-%llu\",\"position\":0,\"at\":\"%s\",\"source\":\"test\",\"items\":[\n"
	    "{\"meter\":\"000000000000\",\"channel\":\"\",\"quantity\":\"active_energy_import\",\"kind\":\"register\","
	    "\"value\":\"1.23\",\"unit\":\"kWh\",\"time\":\"2026-01-01T00:00:00Z\",\"flags\":[],\"point\":\"TEST\"}]}"
	    "\n]}\n",
	    (unsigned long long)c->number, (long long)c->head->subscription, (unsigned long long)c->number,
	    clock_text(c->now, at));
}
