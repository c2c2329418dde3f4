#include <stdio.h>
#include <string.h>

#include "api/body.h"
#include "api/gate.h"
#include "api/login.h"
#include "api/me.h"
#include "base/clock.h"
#include "base/json.h"
#include "identity/password.h"
#include "store/claim.h"

#define DAY INT64_C(86400000000)

static const guess_rule of_code = { 10, 30 * INT64_C(1000000), 3600 * INT64_C(1000000), 3600 * INT64_C(1000000) };

hub_status invitation_post(request *r)
{
	char code[SECRET_TEXT], until[CLOCK_TEXT];
	hub_time expires = r->now + 3 * DAY;
	if (!r->person->head)
		return request_refuse(r, 403, "member.head", "", "only the head of the household may do this");
	hub_status st = invitation_new(r->db, r->caller.id, r->person->id, expires, code);
	if (st != HUB_OK)
		return st;
	buf_printf(&r->body, "{\"code\":\"%s\",\"expires\":\"%s\"}\n", code, clock_text(expires, until));
	return request_finish(r, 201, "");
}

typedef struct joining {
	const char *code, *login, *name, *password;
} joining;

/* One transaction: a login that is taken leaves the invitation as it was. */
static hub_status add_member(request *r, const joining *j, const char *hash, int64_t *ret_id, hub_fault *fault)
{
	person p = { .login = j->login, .name = j->name, .hash = hash };
	hub_status st = invitation_use(r->db, j->code, r->now, &p.party);
	if (st == HUB_OK)
		st = person_add(r->db, &p, ret_id, fault);
	return st == HUB_OK ? party_note_add(r->db, p.party, "member.joined", j->login, r->now) : st;
}

static hub_status join(request *r, const joining *j)
{
	const char *hash;
	person made;
	int64_t id;
	char key[160];
	hub_fault fault = { 0 };
	snprintf(key, sizeof key, "invitation:%s", r->call->address);
	hub_status st = gate_guess(r, "login", key, &of_code);
	if (st == HUB_OK && !strcmp(j->password, j->login))
		return request_refuse(r, 400, "password.same", "password", "the password is not the login");
	if (st == HUB_OK)
		st = gate_hash(r, "password", j->password, &hash);
	if (st == HUB_OK)
		st = store_scope(r->db);
	if (st != HUB_OK)
		return st;
	st = store_scope_end(r->db, add_member(r, j, hash, &id, &fault));
	if (st == HUB_DENIED)
		return request_refuse(r, 403, "invitation.code", "code", "the invitation is unknown, used or over; ask for a new one");
	if (st == HUB_REJECT || st == HUB_CONFLICT)
		return request_problem(r, st == HUB_REJECT ? 400 : 409, &fault);
	if (st == HUB_OK)
		st = guess_right(r->db, key, true);
	if (st == HUB_OK)
		st = person_by_id(r->db, id, r->arena, &made);
	if (st == HUB_OK)
		st = login_begin(r, &made);
	if (st == HUB_OK)
		r->reply->status = 201;
	return st;
}

hub_status join_post(request *r)
{
	static const char *const names[] = { "code", "login", "name", "password", NULL };
	body b;
	hub_status st = login_own_page(r);
	if (st != HUB_OK)
		return st;
	body_open(&b, r, names);
	const joining j = { body_text(&b, "code", true, 128), body_text(&b, "login", true, 64),
			    body_text(&b, "name", false, 64 * 3), body_text(&b, "password", true, 4 * PASSWORD_MAX) };
	body_close(&b);
	return b.status == HUB_OK ? join(r, &j) : b.status;
}
