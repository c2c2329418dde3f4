#include "exchange/notices.h"

#include <string.h>

#include "base/clock.h"
#include "exchange/exchange.h"
#include "exchange/places.h"
#include "store/premise.h"

enum { TITLE = 200, TEXT = 2000, WORD = 16, PURPOSE = 1000 };

static const char *const kinds[] = { "notice", "security_notice", NULL };
static const char *const severities[] = { "info", "warning", "urgent", NULL };

/* The first of them if none is named; NULL: it is none of them. */
static const char *among(const char *const *names, const char *name)
{
	if (!name || !*name)
		return names[0];
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static hub_status check_texts(const notice *n, const char *purpose, hub_fault *fault)
{
	const struct {
		const char *field, *text;
		size_t most;
		bool needed;
	} texts[] = {
		{ "title_zh", n->title_zh, TITLE, true },   { "text_zh", n->text_zh, TEXT, true },
		{ "title_en", n->title_en, TITLE, false },  { "text_en", n->text_en, TEXT, false },
		{ "commodity", n->commodity, WORD, false }, { "purpose", purpose, PURPOSE, false },
	};
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < sizeof texts / sizeof *texts; i++)
		st = exchange_text(texts[i].field, texts[i].text, texts[i].most, texts[i].needed, fault);
	return st;
}

static hub_status check(notice *n, size_t places, const char *purpose, hub_time now, hub_fault *fault)
{
	n->kind = among(kinds, n->kind);
	n->severity = among(severities, n->severity);
	n->valid_from = n->valid_from ? n->valid_from : now;
	if (!n->kind)
		return hub_fault_set(fault, "notice.rule", "kind", "'kind' is notice or security_notice");
	if (!n->severity)
		return hub_fault_set(fault, "notice.rule", "severity", "'severity' is info, warning or urgent");
	if (!places || places > NOTICE_PLACES)
		return hub_fault_set(fault, "notice.rule", "premises",
				     "'premises' names the places that it is about, one to %d", NOTICE_PLACES);
	if (n->valid_to <= n->valid_from || n->valid_to <= now)
		return hub_fault_set(fault, "notice.rule", "valid_to",
				     "'valid_to' lies behind valid_from, ahead of now: until when it holds");
	return check_texts(n, purpose, fault);
}

/* What it tells of is the matter of its sender if that manages all the places. */
static message_facts facts_of(const notice *n, const char *sender, bool managed, const char *to)
{
	return (message_facts) {
		.kind = n->kind, .commodity = n->commodity, .sender = sender, .about = managed ? sender : NULL, .to = to
	};
}

static hub_status may_send(store *db, const exchange_side *who, const notice *n, arena *a, bool *ret_managed,
			   hub_fault *fault)
{
	bool allowed = false;
	hub_status st = premise_managed(db, who->party->id, n->premises, n->premise_count, ret_managed);
	const message_facts m = facts_of(n, who->party->code, st == HUB_OK && *ret_managed, NULL);
	if (st == HUB_OK)
		st = message_right_of(who->rules, who->party, "send", &m, a, &allowed);
	if (st != HUB_OK || allowed)
		return st;
	hub_fault_set(fault, "notice.send", "",
		      "no policy lets Party %.64s send a %s%s%.16s here: a utility tells of its own "
		      "commodity, the government of all, an estate of security within places that it manages",
		      who->party->code, n->kind, *n->commodity ? " of " : "", n->commodity);
	return HUB_DENIED;
}

/* Those of whom it may concern to whom the policies let it go. */
static hub_status recipients_of(store *db, const exchange_side *who, const notice *n, bool managed, arena *a,
				int64_t **ret, size_t *ret_count)
{
	int64_t *ids;
	size_t count, kept = 0;
	hub_status st = notice_recipients(db, n, a, &ids, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		party to;
		bool allowed = false;
		st = party_by_id(db, ids[i], a, &to);
		const message_facts m = facts_of(n, who->party->code, managed, st == HUB_OK ? to.code : NULL);
		if (st == HUB_OK)
			st = message_right_of(who->rules, &to, "receive", &m, a, &allowed);
		if (allowed)
			ids[kept++] = ids[i];
	}
	*ret = ids;
	*ret_count = kept;
	return st;
}

static hub_status tell(store *db, const notice *n, const char *what, const int64_t *to, size_t count, arena *a)
{
	buf out = { 0 };
	exchange_notice_json(n, NULL, 0, NULL, 0, &out);
	const char *body = out.bad ? NULL : arena_strndup(a, (const char *)out.bytes, out.len);
	const char *key = arena_printf(a, "notice/%lld/%s", (long long)n->id, what);
	buf_fini(&out);
	return body && key ? exchange_tell(db, to, count, key, body) : HUB_NOMEM;
}

static hub_status keep(store *db, notice *n, const char *purpose, const int64_t *to, size_t count, arena *a,
		       hub_fault *fault)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = notice_add(db, n, purpose, &n->id, fault);
	n->told = (int32_t)count;
	if (st == HUB_OK)
		st = tell(db, n, "made", to, count, a);
	if (st == HUB_OK)
		st = notice_told(db, n, n->told);
	return store_scope_end(db, st);
}

hub_status notices_send(store *db, const exchange_side *who, notice *n, const char *const *places, size_t count,
			const char *purpose, arena *a, hub_fault *fault)
{
	int64_t *to;
	size_t told;
	bool managed = false;
	n->party = who->party->id;
	n->by = who->by;
	n->sender = who->party->code;
	n->sender_zh = who->party->name_zh;
	n->sender_en = who->party->name_en;
	n->made = n->withdrawn = 0;
	hub_status st = check(n, count, purpose, who->now, fault);
	if (st == HUB_OK)
		st = places_by_code(db, places, count, a, &n->premises, fault);
	n->premise_count = count;
	if (st == HUB_OK)
		st = may_send(db, who, n, a, &managed, fault);
	if (st == HUB_OK)
		st = recipients_of(db, who, n, managed, a, &to, &told);
	if (st == HUB_OK)
		st = keep(db, n, purpose, to, told, a, fault);
	n->made = who->now;
	return st;
}

static hub_status take_back(store *db, const exchange_side *who, notice *n, const char *why, arena *a)
{
	int64_t *to;
	size_t count = 0;
	bool managed = false;
	hub_status st = premise_managed(db, n->party, n->premises, n->premise_count, &managed);
	if (st == HUB_OK)
		st = recipients_of(db, who, n, managed, a, &to, &count);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st != HUB_OK)
		return st;
	n->withdrawn = clock_now();
	st = notice_withdraw(db, n->party, n->id, who->by, why);
	if (st == HUB_OK)
		st = tell(db, n, "withdrawn", to, count, a);
	st = store_scope_end(db, st);
	return st == HUB_MISSING ? HUB_OK : st; /* another did so meanwhile */
}

hub_status notices_withdraw(store *db, const exchange_side *who, int64_t id, const char *why, arena *a, notice *ret,
			    hub_fault *fault)
{
	hub_status st = exchange_text("note", why, PURPOSE, false, fault);
	if (st == HUB_OK)
		st = notice_get(db, id, a, ret);
	if (st == HUB_OK && ret->party != who->party->id)
		st = HUB_MISSING;
	if (st == HUB_MISSING)
		hub_fault_set(fault, "notice.unknown", "id", "there is no notice '%lld' of Party %.64s", (long long)id,
			      who->party->code);
	if (st == HUB_OK && !ret->withdrawn)
		st = take_back(db, who, ret, why, a);
	return st;
}

hub_status notices_for(store *db, const exchange_side *who, size_t limit, arena *a, notice **ret, size_t *ret_count)
{
	size_t count = 0, kept = 0;
	hub_status st = notice_for(db, who->party->id, who->now, limit, a, ret, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const notice *n = &(*ret)[i];
		bool allowed = false;
		const message_facts m = facts_of(n, n->sender, false, who->party->code);
		st = message_right_of(who->rules, who->party, "receive", &m, a, &allowed);
		if (allowed)
			(*ret)[kept++] = *n;
	}
	*ret_count = kept;
	return st;
}

hub_status notices_write(store *db, const notice *n, bool with_trail, arena *a, buf *out)
{
	const char **codes;
	exchange_step *steps = NULL;
	size_t count = 0, step_count = 0;
	hub_status st = places_codes(db, n->premises, n->premise_count, a, &codes, &count);
	if (st == HUB_OK && with_trail)
		st = notice_steps(db, n, a, &steps, &step_count);
	if (st == HUB_OK)
		exchange_notice_json(n, codes, count, steps, step_count, out);
	return st;
}
