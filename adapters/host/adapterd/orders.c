#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "adapterd.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "ledger.h"
#include "replica.h"
#include "transport.h"

static keeper *find(const adapterd *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->instances[i]->name, name) == 0)
			return d->instances[i];
	return NULL;
}

/* Opens what the configuration says, or empties the journal of what is no longer in it. */
static keeper *begin(adapterd *d, instance_config *wanted, const char *name)
{
	hub_fault fault = { "", "", "out of memory" };
	keeper *in = NULL;
	if (keeper_open(&d->host, wanted, name, &in, &fault) != HUB_OK) {
		log_error("instance '%s' cannot begin: %s", name, fault.message);
		return NULL;
	}
	return in;
}

static bool is_same(const keeper *in, const instance_config *wanted)
{
	return in && in->config.text && in->phase != KEEPER_STOPPED && strcmp(in->config.text, wanted->text) == 0;
}

/* What it has promised for a broker's journal, nobody else would keep. */
static bool stays_for_now(keeper *old, const instance_config *wanted)
{
	if (!old || !old->transport || !old->transport->is_through || old->stay == KEEPER_LEFT)
		return false;
	bool reads_on = wanted && wanted->transport == HUB_MESSAGE &&
			!strcmp(config_text(wanted, "party", ""), config_text(&old->config, "party", "")) &&
			!strcmp(config_text(wanted, "path", ""), config_text(&old->config, "path", ""));
	if (reads_on)
		return false;
	old->stay = KEEPER_LEAVING;
	if (old->phase == KEEPER_STOPPED) {
		old->phase = KEEPER_WAITING;
		old->due = 0;
	}
	return true;
}

/* Takes one out of the list, since it ends. */
static void forget(adapterd *d, const keeper *old)
{
	for (size_t k = 0; k < d->count && old; k++)
		if (d->instances[k] == old)
			d->instances[k--] = d->instances[--d->count];
}

/* Unchanged instances go on undisturbed; others begin anew; the rest only empty their journals. */
static hub_status apply(adapterd *d, config *c)
{
	size_t most = c->count + d->count, count = 0;
	keeper **next = fail_calloc(most + 1, sizeof *next);
	if (!next)
		return HUB_NOMEM;
	for (size_t i = 0; i < c->count; i++) {
		keeper *old = find(d, c->instances[i].name);
		char name[65];
		snprintf(name, sizeof name, "%s", c->instances[i].name);
		bool same = is_same(old, &c->instances[i]);
		if (same)
			old->stay = KEEPER_STAYS;
		if (same || stays_for_now(old, &c->instances[i])) {
			next[count++] = old;
			continue;
		}
		forget(d, old);
		keeper_close(old);
		next[count] = begin(d, &c->instances[i], name);
		count += next[count] != NULL;
	}
	for (size_t i = 0; i < d->count; i++) {
		keeper *old = d->instances[i];
		bool stays = false;
		for (size_t k = 0; k < count; k++)
			stays |= next[k] == old;
		if (stays)
			continue;
		if (stays_for_now(old, NULL)) {
			next[count++] = old;
			continue;
		}
		char name[65];
		snprintf(name, sizeof name, "%s", old->name);
		keeper_close(old);
		next[count] = begin(d, &(instance_config){ 0 }, name);
		count += next[count] != NULL;
	}
	free(d->instances);
	d->instances = next;
	d->count = count;
	d->version = c->version;
	d->untold = true;
	return HUB_OK;
}

/* Those who read now, so that a daemon killed after the new configuration is kept knows who has to read on. */
static bool leavers_save(const adapterd *d)
{
	json_t *list = json_array();
	for (size_t i = 0; i < d->count; i++) {
		const keeper *in = d->instances[i];
		if (in->transport && in->transport->is_through && in->stay != KEEPER_LEFT)
			json_array_append(list, in->config.json);
	}
	json_t *kept = json_pack("{s:I, s:o}", "version", (json_int_t)d->version, "instances", list);
	bool good = kept && state_save(d->host.state_dir, ".", "readers-before", kept);
	json_decref(kept);
	return good;
}

static hub_status configure(adapterd *d, const wire_order *order, hub_fault *fault)
{
	config c;
	hub_status st = config_parse(order->body, order->body_len, &c, fault);
	if (st != HUB_OK)
		return st;
	json_t *kept = json_loadb((const char *)order->body, order->body_len, 0, NULL);
	if (!kept || !leavers_save(d) || !state_save(d->host.state_dir, ".", "config", kept)) {
		hub_fault_set(fault, "configure.disk", "", "the configuration cannot be kept: check the state folder");
		st = HUB_FAILED;
	}
	json_decref(kept);
	if (st == HUB_OK)
		st = apply(d, &c);
	if (st == HUB_OK)
		log_info("configuration %lld: %zu instances", (long long)c.version, c.count);
	config_fini(&c);
	return st;
}

/* For the broker, which looks at the file and never talks to the core itself. */
static hub_status keep(const adapterd *d, const wire_order *order, hub_fault *fault)
{
	if (strcmp(order->subject, "policies") != 0)
		return hub_fault_set(fault, "keep.subject", "subject", "adapterd keeps policies, not '%.40s'", order->subject);
	json_t *kept = json_loadb((const char *)order->body, order->body_len, 0, NULL);
	bool good = kept && state_save(d->host.state_dir, "broker", order->subject, kept);
	json_decref(kept);
	if (good)
		return HUB_OK;
	hub_fault_set(fault, "keep.disk", "", "not JSON, or it cannot be kept: check the state folder");
	return HUB_FAILED;
}

static void journals_restore(adapterd *d)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/journal", d->host.state_dir);
	DIR *list = opendir(path);
	for (struct dirent *e; list && (e = readdir(list));) {
		journal_state state;
		snprintf(path, sizeof path, "%s/journal/%s", d->host.state_dir, e->d_name);
		if (e->d_name[0] == '.' || strlen(e->d_name) > 64 || find(d, e->d_name) ||
		    journal_stat(path, &state) != HUB_OK || state.first == state.next)
			continue;
		keeper **more = fail_realloc(d->instances, (d->count + 1) * sizeof *more);
		if (!more)
			break;
		d->instances = more;
		more[d->count] = begin(d, &(instance_config){ 0 }, e->d_name);
		d->count += more[d->count] != NULL;
	}
	if (list)
		closedir(list);
}

static void configuration_restore(adapterd *d, const char *name)
{
	json_t *kept = state_load(d->host.state_dir, ".", name);
	char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
	config c;
	hub_fault fault;
	if (text && config_parse((const uint8_t *)text, strlen(text), &c, &fault) == HUB_OK) {
		apply(d, &c);
		config_fini(&c);
	} else if (text) {
		log_warn("the %s kept is not usable (%s): waiting for the core", name, fault.message);
	}
	free(text);
	json_decref(kept);
}

void adapterd_reapply(adapterd *d)
{
	configuration_restore(d, "config");
}

void adapterd_restore(adapterd *d)
{
	configuration_restore(d, "readers-before");
	configuration_restore(d, "config");
	journals_restore(d);
}

static void report_bytes(adapterd *d, desk_order *o, hub_status st, const hub_fault *fault, const uint8_t *body, size_t len)
{
	bool bad = st != HUB_OK;
	wire_report r = { st, bad ? fault->code : "", bad ? fault->message : "", body, len };
	desk_report(d->desk, o, &r);
}

static void report(adapterd *d, desk_order *o, hub_status st, const hub_fault *fault, const char *body)
{
	report_bytes(d, o, st, fault, (const uint8_t *)body, body ? strlen(body) : 0);
}

void adapterd_commanded(zone_host *host, uint64_t ticket, const uint8_t *states, size_t count)
{
	adapterd *d = (adapterd *)host;
	static const hub_fault faults[] = {
		[HUB_AGAIN] = { "command.again", "", "the adapter could not take it now; send it again" },
		[HUB_MISSING] = { "command.meter", "meter", "no open session speaks for this meter; check its line" },
		[HUB_FAILED] = { "command.failed", "", "the adapter could not carry it out" },
	};
	hub_status st = count ? (hub_status)states[0] : HUB_AGAIN;
	const hub_fault *fault = st == HUB_AGAIN || st == HUB_MISSING ? &faults[st] : &faults[HUB_FAILED];
	for (int i = 0; i < TICKETS; i++) {
		if (d->commands[i].ticket != ticket)
			continue;
		if (d->commands[i].many && count)
			report_bytes(d, d->commands[i].order, HUB_OK, NULL, states, count);
		else
			report(d, d->commands[i].order, st, fault, NULL);
		d->commands[i].ticket = 0;
		return;
	}
}

/* Appends one command for the child: as repeated if it was told as sent before. */
static hub_status list_put(adapterd *d, buf *list, const uint8_t *bytes, size_t len, arena *a, bool *any_repeated, hub_fault *fault)
{
	buf packed = { 0 };
	hub_command c = { 0 };
	hub_status st = command_unpack(bytes, len, a, &c, fault);
	if (st == HUB_OK) {
		c.repeated = c.repeated || ledger_was_sent(d->host.ledger, c.id);
		*any_repeated = *any_repeated || c.repeated;
		command_pack(&packed, &c);
		st = packed.bad || !ledger_hand(d->host.ledger, c.id, c.expires) ? HUB_AGAIN : HUB_OK;
	}
	if (st == HUB_OK)
		buf_blob(list, packed.bytes, packed.len);
	buf_fini(&packed);
	return st;
}

/* To the instance's child; one command is a list of one. */
static hub_status hand_over(adapterd *d, keeper *in, const wire_order *order, bool many, hub_fault *fault)
{
	arena a;
	buf list = { 0 };
	bool repeated = false;
	hub_status st = HUB_OK;
	hub_reader r = hub_reader_of(order->body, order->body_len);
	uint64_t count = many ? hub_reader_varint(&r) : 1;
	arena_init(&a, 0);
	buf_varint(&list, count);
	for (uint64_t i = 0; st == HUB_OK && i < count; i++) {
		size_t len = order->body_len;
		const uint8_t *one = many ? frame_blob(&r, &len) : order->body;
		st = list_put(d, &list, one, len, &a, &repeated, fault);
	}
	if (st == HUB_OK)
		st = list.bad ? HUB_AGAIN : keeper_order(in, d->ticket_last + 1, list.bytes, list.len);
	/* One that was sent belongs to this instance, ready or not. */
	if (st == HUB_MISSING && repeated)
		st = HUB_AGAIN;
	buf_fini(&list);
	arena_fini(&a);
	return st;
}

/* The child would take a list that is none for the end of all order. */
static bool list_valid(const wire_order *order)
{
	hub_reader r = hub_reader_of(order->body, order->body_len);
	uint64_t count = hub_reader_varint(&r);
	for (uint64_t i = 0; i < count && !r.bad; i++) {
		size_t len;
		frame_blob(&r, &len);
	}
	return !r.bad && !hub_reader_left(&r) && count;
}

static void command(adapterd *d, const wire_order *order, desk_order *o, bool many)
{
	hub_fault fault = { "command.instance", "subject", "" };
	keeper *in = find(d, order->subject);
	int slot = 0;
	if (many && !list_valid(order)) {
		hub_fault_set(&fault, "order.malformed", "body", "commands are a count and as many packed commands");
		report(d, o, HUB_REJECT, &fault, NULL);
		return;
	}
	while (slot < TICKETS && d->commands[slot].ticket)
		slot++;
	hub_status st = HUB_MISSING;
	if (in && slot < TICKETS)
		st = hand_over(d, in, order, many, &fault);
	else if (in)
		st = HUB_AGAIN;
	if (st == HUB_OK) {
		d->commands[slot].ticket = ++d->ticket_last;
		d->commands[slot].order = o;
		d->commands[slot].many = many;
		return;
	}
	if (st == HUB_REJECT) {
		report(d, o, st, &fault, NULL);
		return;
	}
	hub_fault_set(&fault, fault.code, fault.field, "instance '%.64s' %s", order->subject,
		      !in ? "is not configured here" : st == HUB_AGAIN ? "has too many commands open; send it again"
								       : "is not ready; look at its state");
	report(d, o, st, &fault, NULL);
}

/* What brokers say of themselves beside their journals, as they answer nobody: {PATH: DOOR}. */
static json_t *brokers(const adapterd *d)
{
	json_t *all = json_object();
	const char *path;
	json_t *parties;
	json_object_foreach (d->readers, path, parties) {
		json_t *door = state_load(path, ".", "door");
		if (door)
			json_object_set_new(all, path, door);
	}
	return all;
}

static char *state(const adapterd *d)
{
	json_t *list = json_array();
	for (size_t i = 0; i < d->count; i++)
		json_array_append_new(list, keeper_state(d->instances[i]));
	char since[CLOCK_TEXT];
	struct statvfs disk;
	json_t *o = json_pack("{s:s, s:i, s:s, s:I, s:b, s:o, s:O?, s:o}", "daemon", "adapterd", "pid", (int)getpid(), "since",
			      clock_text(d->since, since), "version", (json_int_t)d->version, "core",
			      wire_asker_connected(d->host.intake), "instances", list, "readers", d->readers, "brokers",
			      brokers(d));
	if (o && !statvfs(d->host.state_dir, &disk))
		json_object_set_new(o, "disk_free", json_integer((json_int_t)((uint64_t)disk.f_bavail * disk.f_frsize)));
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static void obey(adapterd *d, const wire_order *order, desk_order *o)
{
	hub_fault fault = { "order.failed", "", "out of memory" };
	hub_status st = HUB_OK;
	char *body = NULL;
	bool many = strcmp(order->what, "commands") == 0;
	if (many || strcmp(order->what, "command") == 0) {
		command(d, order, o, many);
		return;
	}
	if (strcmp(order->what, "configure") == 0)
		st = configure(d, order, &fault);
	else if (strcmp(order->what, "table") == 0)
		st = replica_replace(d->host.tables, order->subject, order->body, order->body_len, d->instances, d->count,
				     &fault);
	else if (strcmp(order->what, "keep") == 0)
		st = keep(d, order, &fault);
	else if (strcmp(order->what, "state") == 0)
		st = (body = state(d)) ? HUB_OK : HUB_NOMEM;
	else
		st = hub_fault_set(&fault, "order.unknown", "what", "adapterd knows configure, table, keep, command and state, "
				   "not '%.40s'", order->what);
	report(d, o, st, &fault, body);
	free(body);
}

void adapterd_obey(adapterd *d)
{
	desk_order *o;
	arena a;
	arena_init(&a, 0);
	while ((o = desk_take(d->desk))) {
		const buf *bytes = desk_order_bytes(o);
		wire_order order;
		hub_fault fault = { "order.failed", "", "out of memory" };
		hub_status st = wire_order_unpack(bytes->bytes, bytes->len, &a, &order, &fault);
		if (st == HUB_OK)
			obey(d, &order, o);
		else
			report(d, o, st, &fault, NULL);
		arena_reset(&a);
	}
	arena_fini(&a);
}
