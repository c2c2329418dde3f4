#include "api/policies.h"

#include <string.h>

#include "api/body.h"
#include "base/json.h"
#include "rights/rights.h"

static void write_text(buf *out, policy_text t)
{
	json_write_textn(out, t.p, t.len);
}

/* The folder is the operator's business. */
static policy_text base_name(policy_text path)
{
	const char *slash = memrchr(path.p, '/', path.len);
	return slash ? (policy_text) { slash + 1, path.len - (size_t)(slash + 1 - path.p) } : path;
}

static void write_place(buf *out, const policy_set *set, size_t i)
{
	policy_place place = policy_set_place(set, i);
	buf_text(out, "{\"id\":");
	write_text(out, place.id.len ? place.id : place.name);
	buf_text(out, ",\"file\":");
	write_text(out, base_name(place.file));
	buf_printf(out, ",\"line\":%u}", place.line);
}

hub_status policies_get(request *r)
{
	buf *out = &r->body;
	size_t count = r->rules ? r->rules->count : 0;
	buf_text(out, "{\"version\":");
	json_write_text(out, r->rules ? r->rules->version : "");
	buf_text(out, ",\"policies\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? ",\n" : "\n");
		write_place(out, r->rules->set, i);
	}
	buf_text(out, "]}\n");
	return request_finish_tagged(r, 200);
}

static const char *const actions[] = { "read", "know", "submit", "command", "disconnect", "consent", "watch", "charge", NULL };

/* "id file:line, id file:line" as an array. */
static void write_reasons(buf *out, const char *reasons)
{
	const char *comma = "";
	buf_text(out, "\"reason\":[");
	for (const char *p = reasons; *p; comma = ",") {
		size_t n = strcspn(p, ",");
		buf_text(out, comma);
		json_write_textn(out, p, n);
		p += n;
		p += strspn(p, ", ");
	}
	buf_u8(out, ']');
}

/* What the policies say of the caller and the point; by a consent, if not by themselves. */
static hub_status rule_on(request *r, const char *action, int64_t id, rights_ruling *ret)
{
	const rights_case about = request_case(r, action);
	rights *asked;
	*ret = (rights_ruling) { .reason = "" };
	hub_status st = rights_new(&about, &asked);
	if (st == HUB_OK)
		st = rights_load(asked, &id, 1);
	const rights_point *p = st == HUB_OK ? rights_of(asked, id) : NULL;
	if (!p)
		return st;
	st = rights_on(asked, p, false, ret);
	rights_ruling consented = { 0 };
	if (st == HUB_OK && !ret->allowed && p->line_count)
		st = rights_on(asked, p, true, &consented);
	if (st == HUB_OK && consented.allowed)
		*ret = consented;
	return st;
}

static hub_status explain(request *r, const char *action, const char *code)
{
	point p;
	rights_ruling ruling = { .reason = "" }, read = { 0 };
	hub_status st = point_by_code(r->db, code, r->arena, &p);
	if (st == HUB_OK)
		st = rule_on(r, action, p.id, &ruling);
	if (st == HUB_OK)
		st = rule_on(r, "read", p.id, &read);
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	buf *out = &r->body;
	buf_printf(out, "{\"decision\":\"%s\",\"version\":", ruling.allowed ? "allow" : "deny");
	json_write_text(out, r->rules ? r->rules->version : "");
	buf_u8(out, ',');
	/* A forbid that holds would tell what the point is like. */
	write_reasons(out, ruling.allowed || read.allowed ? ruling.reason : "");
	if (ruling.consent)
		buf_printf(out, ",\"consent\":%llu", (unsigned long long)ruling.consent);
	buf_text(out, "}\n");
	return request_finish(r, 200, "");
}

hub_status policies_why_post(request *r)
{
	static const char *const members[] = { "action", "point", NULL };
	body b;
	size_t i = 0;
	body_open(&b, r, members);
	const char *action = body_text(&b, "action", true, 64), *code = body_text(&b, "point", true, 64);
	while (actions[i] && strcmp(actions[i], action))
		i++;
	if (b.status == HUB_OK && !actions[i])
		body_fault(&b, "action", "is read, know, submit, command, disconnect, consent, watch or charge");
	body_close(&b);
	return b.status == HUB_OK ? explain(r, action, code) : b.status;
}
