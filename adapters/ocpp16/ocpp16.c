/* OCPP 1.6J as a central system: the adapter's table, its instance and sessions. */
#include "ocpp16.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "model/record.h"

static const hub_option options[] = {
	{ "interval", "300", "seconds between a station's heartbeats, 1 to 86400" },
	{ "call_timeout", "30", "seconds a station may take to answer a call, 1 to 3600" },
	{ "sample_interval", "900", "seconds of an interval value whose predecessor is unknown, 1 to 86400" },
	{ "unknown_tags", "refuse", "refuse or accept who is not in the table charge_tags" },
	{ "unknown_station", "accepted",
	  "what a station that is not in the table chargers is told: accepted, pending or rejected" },
	{ "quirks", "", "makers' peculiarities: VENDOR=QUIRK+QUIRK,…; lenient, wh_is_kwh, zero_stop" },
	{ "station", "", "who speaks in a file without a name; empty: the name of the link" },
	{ "signed", "keep", "keep or drop signed meter values, as archives" },
	{ "read_back", "1",
	  "seconds after a station's yes until profiles, settings and local lists are read back, 0 to 60; off: its yes is "
	  "enough" },
	{ NULL, NULL, NULL },
};

hub_status session_emit(session *s, hub_record *r)
{
	hub_fault fault;
	/* What breaks the record's own rules is the station's mistake here, not ours. */
	if (record_check(r, &fault) != HUB_OK)
		return session_refuse(s, &fault);
	if (s->index++ < s->taken)
		return HUB_OK;
	r->raw = s->raw;
	r->raw_len = s->raw_len;
	hub_status st = s->in->api->emit(s->link, r);
	s->taken += st == HUB_OK;
	return st;
}

hub_status session_refuse(session *s, const hub_fault *fault)
{
	if (s->index++ < s->taken)
		return HUB_OK;
	hub_status st = s->in->api->reject(s->link, fault, s->raw, s->raw_len);
	s->taken += st == HUB_OK;
	return st;
}

bool session_lenient(const session *s)
{
	return s->st->quirks & QUIRK_LENIENT;
}

const char *channel_of(int64_t connector_id, char out[12])
{
	out[0] = 0;
	if (connector_id > 0 && connector_id <= INT32_MAX)
		snprintf(out, 12, "%d", (int)connector_id);
	return out;
}

int64_t member_int(const json_t *o, const char *name, int64_t fallback)
{
	const json_t *v = json_object_get(o, name);
	return json_is_integer(v) ? json_integer_value(v) : json_is_real(v) ? (int64_t)json_real_value(v) : fallback;
}

const char *member_text(const json_t *o, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(o, name));
	return text ? text : fallback;
}

hub_time member_time(const session *s, const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));
	int64_t time = 0;
	return text && schema_time(text, session_lenient(s), &time) ? time : 0;
}

static void adapter_close(void *self)
{
	instance *in = self;
	if (in)
		stations_fini(&in->all);
	free(in);
}

static hub_status adapter_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			       hub_fault *fault)
{
	/* Jansson takes its seed from the system, which the confined process may no longer ask. */
	json_object_seed(0);
	instance *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	in->api = in->all.api = api;
	in->host = in->all.host = host;
	hub_status st = options_read(in, settings, fault);
	if (st != HUB_OK) {
		adapter_close(in);
		return st;
	}
	*ret_self = in;
	return HUB_OK;
}

/* The last connection of a station counts: the one before is half open, or somebody else's. */
static void take_over(session *s)
{
	session *before = s->st->speaker;
	if (before) {
		s->in->api->log(s->in->host, 1, "station '%s': a new connection takes over", s->st->name);
		s->in->api->hang_up(before->link, "the station connected anew");
	}
	s->st->speaker = s;
}

static hub_status session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
{
	session *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->in = self;
	s->link = link;
	s->live = peer->transport == HUB_WEBSOCKET;
	s->opened = s->in->api->now(s->in->host);
	s->st = station_of(&s->in->all, s->in->station[0]   ? s->in->station
					: peer->identity[0] ? peer->identity
							    : peer->address);
	if (!s->st) {
		free(s);
		return HUB_NOMEM;
	}
	if (!s->st->last_answer && !s->st->connector_count)
		s->st->quirks = s->in->quirks;
	if (s->live)
		take_over(s);
	*ret_session = s;
	return HUB_OK;
}

static void session_close(void *p)
{
	session *s = p;
	if (!s)
		return;
	if (s->st->speaker == s)
		s->st->speaker = NULL;
	orders_free(s);
	free(s);
}

static hub_status input(void *p, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	session *s = p;
	*ret_used = 0;
	if (!end)
		return HUB_OK;
	s->index = 0;
	s->raw = bytes;
	s->raw_len = len;
	hub_status st = len ? frame_take(s) : HUB_OK;
	if (st != HUB_OK)
		return st;
	s->taken = 0;
	*ret_used = len;
	return s->live ? orders_timer(s, s->in->api->now(s->in->host)) : HUB_OK;
}

static hub_status timer(void *p, hub_time now)
{
	return orders_timer(p, now);
}

static hub_status command(void *p, const hub_command *c)
{
	return orders_take(p, c);
}

__attribute__((visibility("default"))) const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "ocpp16",
	.version = "1",
	.summary = "OCPP 1.6J with its security extensions, as a central system for charging stations",
	.options = options,
	.transports = HUB_WEBSOCKET | HUB_MESSAGE | HUB_DIRECTORY,
	.frame_max = 256 * 1024,
	.open = adapter_open,
	.close = adapter_close,
	.session_open = session_open,
	.input = input,
	.timer = timer,
	.command = command,
	.session_close = session_close,
};
