#include "mqtt_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "model/record.h"

/* Read by the core, which publishes commands itself (docs/decisions/0015-commands.md). */
static const hub_option options[] = {
	{ "commands", "", "meters that take commands on hub/v1/PARTY/out/command: names with * and ?, separated by commas" },
	{ NULL, NULL, NULL },
};

hub_status session_emit(session *s, hub_record *r)
{
	/* What breaks the record's own rules is the sender's mistake here, not ours. */
	hub_fault fault;
	if (record_check(r, &fault) != HUB_OK)
		return session_refuse(s, &fault);
	if (s->index++ < s->taken)
		return HUB_OK;
	r->raw = s->raw;
	r->raw_len = s->raw_len;
	hub_status st = s->api->emit(s->link, r);
	s->taken += st == HUB_OK;
	return st;
}

hub_status session_refuse(session *s, const hub_fault *fault)
{
	if (s->index++ < s->taken)
		return HUB_OK;
	hub_status st = s->api->reject(s->link, fault, s->raw, s->raw_len);
	s->taken += st == HUB_OK;
	return st;
}

static hub_status adapter_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			       hub_fault *fault)
{
	(void)host, (void)settings, (void)fault;
	/* Jansson takes its seed from the system, which the confined process may no longer ask. */
	json_object_seed(0);
	*ret_self = (void *)(uintptr_t)api;
	return HUB_OK;
}

static void adapter_close(void *self)
{
	(void)self;
}

static hub_status session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
{
	(void)peer;
	session *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->api = self;
	s->link = link;
	*ret_session = s;
	return HUB_OK;
}

static void session_close(void *p)
{
	free(p);
}

/* Each object of a list speaks for itself, with itself as its original. */
static hub_status list_emit(session *s, const json_t *list)
{
	const uint8_t *whole = s->raw;
	size_t whole_len = s->raw_len, i;
	json_t *one;
	hub_status st = HUB_OK;
	json_array_foreach (list, i, one) {
		char *text = json_dumps(one, JSON_COMPACT | JSON_ENCODE_ANY);
		if (!text)
			return HUB_NOMEM;
		s->raw = (const uint8_t *)text;
		s->raw_len = strlen(text);
		st = object_emit(s, one);
		free(text);
		if (st != HUB_OK)
			break;
	}
	s->raw = whole;
	s->raw_len = whole_len;
	return st;
}

/* An object, a list of them, or {"readings": […], "events": […]}. */
static hub_status document_emit(session *s, const json_t *document)
{
	const json_t *readings = json_object_get(document, "readings"), *events = json_object_get(document, "events");
	hub_fault fault;
	if (json_is_array(document))
		return list_emit(s, document);
	if (!readings && !events)
		return object_emit(s, document);
	if ((readings && !json_is_array(readings)) || (events && !json_is_array(events)) ||
	    json_object_size(document) != (size_t)!!readings + (size_t)!!events) {
		hub_fault_set(&fault, "mqtt_json.list", readings ? "readings" : "events",
			      "'readings' and 'events' are lists and stand alone in their object");
		return session_refuse(s, &fault);
	}
	hub_status st = readings ? list_emit(s, readings) : HUB_OK;
	return st == HUB_OK && events ? list_emit(s, events) : st;
}

static hub_status input(void *p, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	session *s = p;
	*ret_used = 0;
	if (!end)
		return HUB_OK;
	hub_fault fault;
	json_error_t error;
	s->index = 0;
	s->raw = bytes;
	s->raw_len = len;
	json_t *document = len ? json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, &error) : NULL;
	hub_status st = HUB_OK;
	if (document) {
		st = document_emit(s, document);
	} else if (len) {
		hub_fault_set(&fault, "mqtt_json.syntax", "", "not JSON at line %d, column %d: %.120s", error.line,
			      error.column, error.text);
		st = session_refuse(s, &fault);
	}
	json_decref(document);
	if (st != HUB_OK)
		return st;
	s->taken = 0;
	*ret_used = len;
	return HUB_OK;
}

__attribute__((visibility("default"))) const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "mqtt_json",
	.version = "1",
	.summary = "readings, blocks, states and events as JSON messages over MQTT or HTTP",
	.options = options,
	.transports = HUB_MESSAGE | HUB_WEBSOCKET | HUB_DIRECTORY,
	.frame_max = 256 * 1024,
	.open = adapter_open,
	.close = adapter_close,
	.session_open = session_open,
	.input = input,
	.session_close = session_close,
};
