#include "hubd/messenger.h"

#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/json.h"
#include "hubd/pass.h"
#include "wire/dispatch.h"
#include "wire/order.h"

/* µs. The broker's PUBACK is waited for by egress, egress by us. */
#define PUBACK 3000000
#define RESEND 2000000
#define PATIENCE 9000000

enum { EGRESS_MAX = 16, PATTERN_MAX = 128 };

struct messenger {
	const core *core;
	wire_asker *egress[EGRESS_MAX];
	size_t count;
	uint64_t sequence;
	pass pass;
};

hub_status messenger_new(const core *c, const char *const *egresses, messenger **ret, hub_fault *fault)
{
	messenger *m = fail_calloc(1, sizeof *m);
	hub_status st = m ? HUB_OK : HUB_NOMEM;
	if (!m)
		return st;
	m->core = c;
	for (size_t i = 0; st == HUB_OK && egresses[i] && i < EGRESS_MAX; i++) {
		char url[600];
		core_url(c, egresses[i], WIRE_ORDER, url, sizeof url);
		st = wire_ask_dial(url, core_tls(c), &m->egress[i], fault);
		m->count += st == HUB_OK;
	}
	if (st != HUB_OK)
		messenger_free(m);
	else
		*ret = m;
	return st;
}

void messenger_free(messenger *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		wire_asker_close(m->egress[i]);
	free(m);
}

/* "gw-*, hvac-1" */
static bool named(const char *patterns, const char *meter)
{
	for (const char *p = patterns; *p; p += strcspn(p, ", ")) {
		char one[PATTERN_MAX];
		p += strspn(p, ", ");
		size_t n = strcspn(p, ", ");
		if (n && n < sizeof one) {
			memcpy(one, p, n);
			one[n] = 0;
			if (!fnmatch(one, meter, 0))
				return true;
		}
	}
	return false;
}

bool messenger_serves(const instance *i, const char *meter)
{
	json_t *transport = json_loads(i->transport, 0, NULL), *options = json_loads(i->options, 0, NULL);
	const char *kind = json_string_value(json_object_get(transport, "kind")),
		   *patterns = json_string_value(json_object_get(options, "commands"));
	bool serves = kind && !strcmp(kind, "journal") && patterns && named(patterns, meter);
	json_decref(transport);
	json_decref(options);
	return serves;
}

/* As schemas/mqtt-command.schema.json says. `repeated`: it was published before, so whoever has its end says it again.
 */
static void write_message(buf *out, const command *c, const char *id)
{
	char expires[CLOCK_TEXT];
	buf_text(out, "{\"command\":");
	json_write_text(out, id);
	buf_text(out, ",\"kind\":");
	json_write_text(out, c->kind);
	buf_text(out, ",\"meter\":");
	json_write_text(out, c->meter);
	buf_text(out, ",\"channel\":");
	json_write_text(out, c->channel);
	buf_printf(out, ",\"arguments\":%s,\"expires\":\"%s\",\"repeated\":%s}", c->arguments,
		   clock_text(c->expires, expires), strcmp(c->state, "sent") ? "false" : "true");
}

static hub_status ask(messenger *m, const wire_outgoing *o, uint64_t turn, arena *a, hub_fault *fault)
{
	buf body = { 0 }, msg = { 0 }, answer = { 0 };
	wire_report report = { 0 };
	wire_outcome *list;
	size_t count = 0;
	const wire_dispatch d = { .lane = "", .not_after = clock_now() + PATIENCE, .list = o, .count = 1 };
	wire_dispatch_pack(&body, &d);
	const wire_order order = { .head = { WIRE_VERSION, WIRE_ORDER, "messenger", m->core->epoch, ++m->sequence,
					     trace_new() },
				   .what = "deliver",
				   .subject = "",
				   .body = body.bytes,
				   .body_len = body.len };
	wire_order_pack(&msg, &order);
	hub_status st = body.bad || msg.bad ? HUB_NOMEM : HUB_OK;
	if (st == HUB_OK)
		st = wire_ask(m->egress[turn % m->count], msg.bytes, msg.len, RESEND, PATIENCE, &answer);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, a, &report, fault);
	if (st == HUB_OK && report.status == HUB_OK)
		st = wire_outcome_unpack(report.body, report.body_len, a, &list, &count, fault);
	if (st == HUB_OK && (report.status != HUB_OK || !count || list[0].status != 200)) {
		hub_fault_set(fault, "command.broker", "", "the broker did not take it: %.200s",
			      report.status != HUB_OK ? report.message
			      : count		      ? list[0].message
						      : "too late");
		st = HUB_AGAIN;
	}
	buf_fini(&body);
	buf_fini(&msg);
	buf_fini(&answer);
	return st == HUB_REJECT ? HUB_AGAIN : st;
}

hub_status messenger_send(messenger *m, const command *c, const char *party_code, const char *id, arena *a,
			  hub_fault *fault)
{
	buf text = { 0 };
	const char *token = pass_token(&m->pass, m->core, a),
		   *topic = arena_printf(a, "hub/v1/%s/out/command", party_code);
	if (!token || !m->count) {
		hub_fault_set(fault, "command.broker", "", "%s",
			      m->count ? "the core has no keys; hubd needs its option keys"
				       : "no egress is configured");
		return HUB_AGAIN;
	}
	write_message(&text, c, id);
	const wire_field bearer = { "authorization", token };
	const wire_outgoing o = { .method = "PUBLISH",
				  .url = topic,
				  .headers = &bearer,
				  .header_count = 1,
				  .body = text.bytes,
				  .body_len = text.len,
				  .timeout = PUBACK };
	hub_status st = !topic || text.bad ? HUB_NOMEM : ask(m, &o, (uint64_t)c->party, a, fault);
	buf_fini(&text);
	return st;
}
