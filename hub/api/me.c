#include "api/me.h"

#include <stdio.h>
#include <string.h>

#include "api/body.h"
#include "api/gate.h"
#include "api/login.h"
#include "base/clock.h"
#include "base/json.h"
#include "identity/password.h"
#include "rights/rights.h"
#include "store/session.h"

#define DAY INT64_C(86400000000)

enum { POINTS = 100, NOTES = 20 };

static const guess_rule of_password = { 5, 30 * INT64_C(1000000), 3600 * INT64_C(1000000), DAY };

hub_status me_become(request *r, const person *who)
{
	person *kept = arena_memdup(r->arena, who, sizeof *who);
	if (!kept)
		return HUB_NOMEM;
	r->person = kept;
	return party_by_id(r->db, who->party, r->arena, &r->caller);
}

static void write_named(buf *out, const char *key, const char *text)
{
	buf_printf(out, "\"%s\":", key);
	json_write_text(out, text);
}

/* What a home has; the points of a utility have pages of their own. */
static hub_status write_points(request *r)
{
	const point_filter own = { .party = r->caller.id, .at = r->now };
	const rights_case about = request_case(r, "read");
	rights *may;
	point *list;
	size_t count = 0, shown = 0;
	int64_t ids[POINTS];
	hub_status st = HUB_OK;
	if (!strcmp(r->caller.kind, "household"))
		st = point_list(r->db, &own, 0, POINTS, r->arena, &list, &count);
	for (size_t i = 0; i < count; i++)
		ids[i] = list[i].id;
	if (st == HUB_OK)
		st = rights_new(&about, &may);
	if (st == HUB_OK)
		st = rights_load(may, ids, count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const rights_point *p = rights_of(may, list[i].id);
		rights_ruling ruling = { 0 };
		st = p ? rights_on(may, p, false, &ruling) : HUB_OK;
		if (!ruling.allowed)
			continue;
		buf_text(&r->body, shown++ ? ",{" : "{");
		write_named(&r->body, "code", p->point.code);
		buf_printf(&r->body, ",\"commodity\":\"%s\",", p->point.commodity);
		write_named(&r->body, "name_zh", p->point.name_zh);
		buf_u8(&r->body, ',');
		write_named(&r->body, "name_en", p->point.name_en);
		buf_u8(&r->body, '}');
	}
	return st;
}

static hub_status write_notes(request *r)
{
	party_note *list;
	size_t count;
	char at[CLOCK_TEXT];
	hub_status st = party_note_list(r->db, r->caller.id, r->now - 90 * DAY, NOTES, r->arena, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool of_point = !strncmp(list[i].kind, "point.", 6);
		buf_printf(&r->body, "%s{\"kind\":\"%s\",", i ? "," : "", list[i].kind);
		write_named(&r->body, of_point ? "point" : "login", list[i].subject);
		buf_printf(&r->body, ",\"at\":\"%s\"}", clock_text(list[i].at, at));
	}
	return st;
}

hub_status me_get(request *r)
{
	const person *p = r->person;
	buf *b = &r->body;
	buf_u8(b, '{');
	write_named(b, "login", p->login);
	buf_u8(b, ',');
	write_named(b, "name", p->name);
	buf_printf(b, ",\"head\":%s,\"party\":{", p->head ? "true" : "false");
	write_named(b, "code", r->caller.code);
	buf_printf(b, ",\"kind\":\"%s\",", r->caller.kind);
	write_named(b, "name_zh", r->caller.name_zh);
	buf_u8(b, ',');
	write_named(b, "name_en", r->caller.name_en);
	buf_text(b, "},\"roles\":[");
	for (size_t i = 0; i < r->caller.role_count + p->role_count; i++) {
		buf_text(b, i ? "," : "");
		json_write_text(b, i < r->caller.role_count ? r->caller.roles[i] : p->roles[i - r->caller.role_count]);
	}
	buf_text(b, "],\"points\":[");
	hub_status st = write_points(r);
	buf_text(b, "],\"notes\":[");
	/* An app was let see the meters, not what happens in the house. */
	if (st == HUB_OK && !r->scope)
		st = write_notes(r);
	buf_text(b, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status done(request *r)
{
	buf_text(&r->body, "{\"status\":\"ok\"}\n");
	return request_finish(r, 200, "");
}

static hub_status check_new(request *r, const char *field, const char *password, const char *old, const char *login)
{
	if (!strcmp(password, old) || !strcmp(password, login))
		return request_refuse(r, 400, "password.same", field, "the new password is neither the old one nor the login");
	return HUB_OK;
}

static hub_status change_password(request *r, const char *old, const char *fresh)
{
	const char *hash;
	char key[96];
	snprintf(key, sizeof key, "login:%s", r->person->login);
	hub_status st = gate_guess(r, "login", key, &of_password);
	if (st == HUB_OK)
		st = gate_verify(r, r->person->hash, old);
	if (st == HUB_DENIED)
		return request_refuse(r, 403, "password.wrong", "old", "this is not the current password");
	if (st == HUB_OK)
		st = guess_right(r->db, key, false);
	if (st == HUB_OK)
		st = check_new(r, "new", fresh, old, r->person->login);
	if (st == HUB_OK)
		st = gate_hash(r, "new", fresh, &hash);
	if (st == HUB_OK)
		st = person_password(r->db, r->person, hash, r->now);
	/* All sessions are over; this one goes on as a new one. */
	return st == HUB_OK ? login_begin(r, r->person) : st;
}

hub_status password_post(request *r)
{
	static const char *const names[] = { "old", "new", NULL };
	body b;
	body_open(&b, r, names);
	const char *old = body_text(&b, "old", true, PASSWORD_MAX), *fresh = body_text(&b, "new", true, 4 * PASSWORD_MAX);
	body_close(&b);
	return b.status == HUB_OK ? change_password(r, old, fresh) : b.status;
}

hub_status members_get(request *r)
{
	person *list;
	size_t count, shown = 0;
	hub_status st = person_list(r->db, r->caller.id, 0, 1000, r->arena, &list, &count);
	buf_text(&r->body, "{\"members\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		if (list[i].disabled)
			continue;
		buf_text(&r->body, shown++ ? ",{" : "{");
		write_named(&r->body, "login", list[i].login);
		buf_u8(&r->body, ',');
		write_named(&r->body, "name", list[i].name);
		buf_printf(&r->body, ",\"head\":%s}", list[i].head ? "true" : "false");
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status only_head(request *r)
{
	return r->person->head ? HUB_OK : request_refuse(r, 403, "member.head", "", "only the head of the household may do this");
}

hub_status member_delete(request *r)
{
	person other;
	hub_status st = only_head(r);
	if (st != HUB_OK)
		return st;
	st = person_by_login(r->db, r->values[0], r->arena, &other);
	/* Another household's is as if it were not there. */
	if (st == HUB_MISSING || (st == HUB_OK && (other.party != r->caller.id || other.disabled)))
		return request_refuse(r, 404, "member.unknown", "login", "this household has no member '%.64s'", r->values[0]);
	if (st == HUB_OK && other.head)
		return request_refuse(r, 409, "member.last", "login", "the head of the household cannot be removed");
	if (st == HUB_OK)
		st = person_disable(r->db, &other, r->now);
	if (st == HUB_OK)
		st = party_note_add(r->db, r->caller.id, "member.removed", other.login, r->now);
	return st == HUB_OK ? done(r) : st;
}
