#include "command/commands.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "rights/rights.h"
#include "store/device.h"

#define SECOND INT64_C(1000000)

enum {
	ATTEMPTS = 20,
	LONGEST = 30 * 86400,
	TEXT_MAX = 64,
	PERSON_MAX = 128,
	DIGEST_TEXT = 2 * SHA256_DIGEST_LENGTH + 1
};

/* action NULL: to order such a command. */
static hub_status right(store *db, const commands_caller *who, int64_t point_id, const char *action, bool cuts_off,
			arena *a, bool *ret_allowed, bool *ret_protected)
{
	const rights_case c = { .db = db,
				.rules = who->rules,
				.caller = who->party,
				.who = who->who,
				.action = action ? action : cuts_off ? "disconnect" : "command",
				.now = clock_now(),
				.arena = a };
	rights *r;
	rights_ruling ruling = { 0 };
	*ret_allowed = *ret_protected = false;
	hub_status st = rights_new(&c, &r);
	if (st == HUB_OK)
		st = rights_load(r, &point_id, 1);
	const rights_point *p = st == HUB_OK ? rights_of(r, point_id) : NULL;
	if (!p)
		return st;
	st = rights_on(r, p, false, &ruling);
	*ret_allowed = st == HUB_OK && ruling.allowed;
	*ret_protected = cuts_off && p->point.protected;
	return st;
}

static hub_status permit(store *db, const commands_caller *who, const point *p, const char *action, bool cuts_off,
			 arena *a, hub_fault *fault)
{
	bool allowed, protected;
	hub_status st = right(db, who, p->id, action, cuts_off, a, &allowed, &protected);
	if (st != HUB_OK || allowed)
		return st;
	if (protected)
		hub_fault_set(fault, "command.protected", "point",
			      "'%s' is a protected customer's: supply is not cut off (受保护用户不得停电)", p->code);
	else
		hub_fault_set(fault, "command.denied", "point", "no policy lets %s %s '%s'; see policies/points.cedar",
			      who->party->code, action ? action : cuts_off ? "cut off" : "command", p->code);
	return HUB_DENIED;
}

static hub_status text_check(const char *name, const char *text, size_t most, hub_fault *fault)
{
	size_t n = text ? strlen(text) : 0;
	if (n && n <= most)
		return HUB_OK;
	return hub_fault_set(fault, "command.text", name,
			     "%s has 1 to %zu bytes: who orders and why is kept with the command", name, most);
}

static hub_status wish_check(const commands_wish *w, hub_time now, hub_fault *fault)
{
	hub_status st = text_check("reason", w->reason, TEXT_MAX, fault);
	if (st == HUB_OK)
		st = text_check("by", w->by, PERSON_MAX, fault);
	if (st == HUB_OK && (!w->point_count || w->point_count > COMMANDS_BATCH))
		st = hub_fault_set(fault, "command.points", "points", "a batch has 1 to %d points", COMMANDS_BATCH);
	if (st == HUB_OK && (w->expires <= now || w->expires > now + LONGEST * SECOND))
		st = hub_fault_set(fault, "command.expires", "expires", "a command expires within 30 days from now");
	return st == HUB_OK ? command_kind_check(w->kind, w->arguments, w->argument_count, fault) : st;
}

/* What a repeat must repeat. */
static void digest(const commands_wish *w, const char *arguments, char ret[DIGEST_TEXT])
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	buf b = { 0 };
	buf_str(&b, w->kind);
	buf_str(&b, w->channel);
	buf_str(&b, arguments);
	buf_str(&b, w->reason);
	SHA256(b.bytes ? b.bytes : (const uint8_t *)"", b.len, sum);
	for (size_t i = 0; i < sizeof sum; i++)
		snprintf(ret + 2 * i, 3, "%02x", sum[i]);
	buf_fini(&b);
}

static const char *arguments_json(const commands_wish *w, arena *a)
{
	buf b = { 0 };
	buf_u8(&b, '{');
	for (size_t i = 0; i < w->argument_count; i++) {
		if (i)
			buf_u8(&b, ',');
		json_write_text(&b, w->arguments[i].key);
		buf_u8(&b, ':');
		json_write_text(&b, w->arguments[i].value);
	}
	buf_u8(&b, '}');
	const char *text = b.bad ? NULL : arena_strndup(a, (const char *)b.bytes, b.len);
	buf_fini(&b);
	return text;
}

/* The device that stands at the point now; the command's channel, else that of the installation. */
static hub_status device_of(store *db, const point *p, hub_time now, const commands_wish *w, command *c, arena *a,
			    hub_fault *fault)
{
	command_device d;
	hub_status st = command_device_at(db, p->id, now, a, &d);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "command.device", "point",
			      "no device stands at '%s' now; bind one with hubctl point bind", p->code);
	if (st != HUB_OK)
		return st;
	c->party = d.party;
	c->meter = d.meter;
	c->channel = w->channel && *w->channel ? w->channel : d.channel;
	return HUB_OK;
}

static hub_status ask_one(store *db, const commands_caller *who, const commands_wish *w, const char *code, command *c,
			  arena *a, hub_fault *fault)
{
	point p;
	bool fresh;
	hub_time now = clock_now();
	hub_status st = point_by_code(db, code, a, &p);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "command.point", "point", "there is no point '%.64s'", code);
	if (st == HUB_OK)
		st = permit(db, who, &p, w->right, c->cuts_off, a, fault);
	c->point = p.id;
	if (st == HUB_OK)
		st = device_of(db, &p, now, w, c, a, fault);
	if (st == HUB_OK)
		st = command_add(db, c, !c->cuts_off, &c->id, &fresh);
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "command.key", "Idempotency-Key", "this key stands for another command at '%s'",
			      code);
	return st;
}

static hub_status ask_all(store *db, const commands_caller *who, const commands_wish *w, arena *a, command *list,
			  hub_fault *fault)
{
	char sum[DIGEST_TEXT];
	const char *arguments = arguments_json(w, a);
	hub_status st = arguments ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK)
		digest(w, arguments, sum);
	for (size_t i = 0; st == HUB_OK && i < w->point_count; i++) {
		command c = { .requester = who->party->id,
			      .key = w->key ? w->key : "",
			      .request = sum,
			      .kind = w->kind,
			      .arguments = arguments,
			      .reason = w->reason,
			      .requested_by = w->by,
			      .expires = w->expires,
			      .attempts_max = ATTEMPTS };
		c.cuts_off = command_cuts_off(w->kind, w->arguments, w->argument_count);
		c.batch = i ? list[0].id : 0;
		st = ask_one(db, who, w, w->points[i], &c, a, fault);
		list[i] = c;
	}
	for (size_t i = 0; st == HUB_OK && i < w->point_count; i++)
		st = command_by_id(db, list[i].id, a, &list[i]);
	return st;
}

hub_status commands_ask(store *db, const commands_caller *who, const commands_wish *w, arena *a, command **ret,
			size_t *ret_count, hub_fault *fault)
{
	hub_status st = wish_check(w, clock_now(), fault);
	command *list = st == HUB_OK ? arena_array(a, w->point_count, sizeof *list) : NULL;
	if (st != HUB_OK || !list)
		return st == HUB_OK ? HUB_NOMEM : st;
	st = store_begin(db);
	if (st != HUB_OK)
		return st;
	st = ask_all(db, who, w, a, list, fault);
	if (st == HUB_OK)
		st = store_commit(db);
	else
		store_rollback(db);
	if (st != HUB_OK)
		return st;
	*ret = list;
	*ret_count = w->point_count;
	return HUB_OK;
}

static hub_status missing(int64_t id, hub_fault *fault)
{
	hub_fault_set(fault, "command.unknown", "id", "there is no command %lld that you asked for or may order",
		      (long long)id);
	return HUB_MISSING;
}

static bool asked_by(const commands_caller *who, const command *c)
{
	return c->requester == who->party->id && (!who->who || !strcmp(c->requested_by, who->who->login));
}

/* *ret_may: the caller may order the same itself. */
static hub_status see(store *db, const commands_caller *who, int64_t id, arena *a, command *ret, bool *ret_may,
		      hub_fault *fault)
{
	bool protected;
	hub_status st = command_by_id(db, id, a, ret);
	if (st == HUB_OK)
		st = right(db, who, ret->point, NULL, ret->cuts_off, a, ret_may, &protected);
	if (st == HUB_MISSING || (st == HUB_OK && !*ret_may && !asked_by(who, ret)))
		return missing(id, fault);
	return st;
}

hub_status commands_see(store *db, const commands_caller *who, int64_t id, arena *a, command *ret, hub_fault *fault)
{
	bool may;
	return see(db, who, id, a, ret, &may, fault);
}

hub_status commands_may(store *db, const commands_caller *who, int64_t point_id, arena *a, bool *ret)
{
	bool protected;
	return right(db, who, point_id, NULL, false, a, ret, &protected);
}

hub_status commands_approve(store *db, const commands_caller *who, int64_t id, const char *by, arena *a, command *ret,
			    hub_fault *fault)
{
	bool may = false;
	hub_status st = text_check("by", by, PERSON_MAX, fault);
	if (st == HUB_OK)
		st = see(db, who, id, a, ret, &may, fault);
	if (st == HUB_OK && !may) {
		hub_fault_set(fault, "command.denied", "id", "whoever approves a command must be allowed to order it");
		return HUB_DENIED;
	}
	if (st == HUB_OK)
		st = command_approve(db, id, by);
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "command.state", "id",
			      "a command that waits is approved by a second person: this one is %s, asked for by %s",
			      ret->state, ret->requested_by);
	return st == HUB_OK ? command_by_id(db, id, a, ret) : st;
}

hub_status commands_cancel(store *db, const commands_caller *who, int64_t id, const char *by, arena *a, command *ret,
			   hub_fault *fault)
{
	bool may;
	hub_status st = text_check("by", by, PERSON_MAX, fault);
	if (st == HUB_OK)
		st = see(db, who, id, a, ret, &may, fault);
	if (st == HUB_OK)
		st = command_cancel(db, id, by, "cancelled");
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "command.state", "id",
			      "only what was not handed over can be cancelled: this one is %s", ret->state);
	return st == HUB_OK ? command_by_id(db, id, a, ret) : st;
}

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void time_member(buf *out, const char *name, hub_time t)
{
	char text[CLOCK_TEXT];
	if (t)
		buf_printf(out, ",\"%s\":\"%s\"", name, clock_text(t, text));
}

void commands_write(buf *out, const command *c, const char *point_code, const command_step *steps, size_t count)
{
	buf_printf(out, "{\"id\":%lld", (long long)c->id);
	if (c->batch)
		buf_printf(out, ",\"batch\":%lld", (long long)c->batch);
	member(out, "point", point_code);
	member(out, "meter", c->meter);
	member(out, "channel", c->channel);
	member(out, "kind", c->kind);
	buf_printf(out, ",\"arguments\":%s", c->arguments);
	member(out, "state", c->state);
	member(out, "cause", c->cause);
	member(out, "reason", c->reason);
	member(out, "requested_by", c->requested_by);
	member(out, "decided_by", c->decided_by);
	time_member(out, "requested", c->requested);
	time_member(out, "expires", c->expires);
	time_member(out, "ended", c->ended);
	buf_printf(out, ",\"attempts\":%d", c->attempts);
	member(out, "instance", c->instance);
	buf_printf(out, ",\"details\":%s", c->details);
	for (size_t i = 0; steps && i < count; i++) {
		char at[CLOCK_TEXT];
		buf_printf(out, "%s\n{\"at\":\"%s\"", i ? "," : ",\"steps\":[", clock_text(steps[i].at, at));
		member(out, "state", steps[i].state);
		member(out, "by", steps[i].by);
		member(out, "note", steps[i].note);
		buf_u8(out, '}');
	}
	buf_text(out, steps && count ? "]}" : "}");
}
