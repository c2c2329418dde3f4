#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "charger_parts.h"

/* µs for which the core's word stands: a fleet that comes back at once does not ask for each station again. */
static const int64_t MINUTE = 60000000;

static bool shown_digest(const station *st, const uint8_t *cert, size_t cert_len, uint8_t ret[32])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned len = 0;
	bool good = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) && EVP_DigestUpdate(c, st->s.ssl ? "t" : "p", 1) &&
		    EVP_DigestUpdate(c, st->u->station, strlen(st->u->station) + 1) &&
		    EVP_DigestUpdate(c, st->u->authorization, strlen(st->u->authorization) + 1) &&
		    EVP_DigestUpdate(c, cert, cert_len) && EVP_DigestFinal_ex(c, ret, &len);
	EVP_MD_CTX_free(c);
	return good;
}

static admitted *place(charger_port *p, const uint8_t shown[32])
{
	return &p->admitted[(shown[0] << 8 | shown[1]) % ADMITTED];
}

static void away(station *st)
{
	static const hub_fault fault = { "gateway.core_away", "", "the core cannot be reached; try again later" };
	station_refuse(st, 503, &fault);
}

void station_admit(station *st)
{
	char path[UPGRADE_STATION + 8];
	uint8_t shown[32];
	const uint8_t *cert = NULL;
	size_t cert_len = 0;
	arena a;
	arena_init(&a, 0);
	if (st->s.ssl && stream_peer(&st->s, &a, &cert, &cert_len) == HUB_NOMEM) {
		arena_fini(&a);
		away(st);
		return;
	}
	int64_t now = clock_monotonic();
	const admitted *known = shown_digest(st, cert, cert_len, shown) ? place(st->port, shown) : NULL;
	if (known && known->until > now && !memcmp(known->shown, shown, sizeof shown)) {
		arena_fini(&a);
		station_admitted(st, known->instance);
		return;
	}
	snprintf(path, sizeof path, "/ocpp/%s", st->u->station);
	wire_call call = { .door = "charger",
			   .method = "GET",
			   .path = path,
			   .authorization = st->u->authorization,
			   .cert = cert,
			   .cert_len = cert_len,
			   .address = "",
			   .continuation = "" };
	wire_field secure = { "x-secure", st->s.ssl ? "1" : "0" };
	call.headers = &secure;
	call.header_count = 1;
	call.head.trace = trace_new();
	st->state = STATION_ASKED;
	hub_status status = forward_start(st->port->forwarder, &call, &st->owner, &st->asked);
	arena_fini(&a);
	if (status != HUB_OK) {
		st->asked = NULL;
		away(st);
	}
}

static void remember(station *st, const char *instance)
{
	uint8_t shown[32];
	const uint8_t *cert = NULL;
	size_t cert_len = 0;
	arena a;
	arena_init(&a, 0);
	if (st->s.ssl)
		stream_peer(&st->s, &a, &cert, &cert_len);
	if (shown_digest(st, cert, cert_len, shown)) {
		admitted *to = place(st->port, shown);
		memcpy(to->shown, shown, sizeof shown);
		snprintf(to->instance, sizeof to->instance, "%s", instance);
		to->until = clock_monotonic() + MINUTE;
	}
	arena_fini(&a);
}

void station_answered(forward_owner *owner, forward *w)
{
	station *st = (station *)((char *)owner - offsetof(station, owner));
	const wire_reply *reply;
	hub_fault fault = { "charger.refused", "", "the core refuses this station" };
	st->asked = NULL;
	if (forward_reply(w, &reply) != HUB_OK) {
		away(st);
		forward_free(w);
		return;
	}
	json_t *o = json_loadb((const char *)reply->body, reply->body_len, 0, NULL);
	const char *instance = json_string_value(json_object_get(o, "instance"));
	const char *detail = json_string_value(json_object_get(o, "detail"));
	if (reply->status == 200 && instance) {
		remember(st, instance);
		station_admitted(st, instance);
	} else {
		if (detail)
			snprintf(fault.message, sizeof fault.message, "%s", detail);
		st->port->refused++;
		station_refuse(st, reply->status, &fault);
	}
	json_decref(o);
	forward_free(w);
}
