#include "api/binding.h"

#include <stdio.h>
#include <string.h>

#include "api/body.h"
#include "api/gate.h"
#include "base/json.h"
#include "store/claim.h"
#include "store/point.h"

static const guess_rule of_code = { 5, 60 * INT64_C(1000000), 3600 * INT64_C(1000000), 86400 * INT64_C(1000000) };

static hub_status show(request *r, const point_claim *claim, bool bound)
{
	point p;
	hub_status st = point_by_code(r->db, claim->code, r->arena, &p);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"point\":");
	json_write_text(&r->body, p.code);
	buf_printf(&r->body, ",\"commodity\":\"%s\",\"name_zh\":", p.commodity);
	json_write_text(&r->body, p.name_zh);
	buf_text(&r->body, ",\"name_en\":");
	json_write_text(&r->body, p.name_en);
	buf_printf(&r->body, ",\"taken\":%s,\"bound\":%s}\n", claim->taken ? "true" : "false", bound ? "true" : "false");
	return request_finish(r, 200, "");
}

static hub_status bind(request *r, const char *code, bool confirmed)
{
	point_claim claim;
	char key[64];
	/* By household, as its members guess together; a look without consequence counts as well. */
	snprintf(key, sizeof key, "code:%lld", (long long)r->caller.id);
	hub_status st = gate_guess(r, "binding", key, &of_code);
	if (st != HUB_OK)
		return st;
	st = confirmed ? point_code_use(r->db, code, r->caller.id, r->now, r->arena, &claim)
		       : point_code_find(r->db, code, r->caller.id, r->now, r->arena, &claim);
	if (st == HUB_DENIED)
		return request_refuse(r, 403, "binding.code", "code", "the code is unknown, used or over; ask the operator for a new one");
	if (st == HUB_OK)
		st = guess_right(r->db, key, false);
	return st == HUB_OK ? show(r, &claim, confirmed || claim.done) : st;
}

hub_status binding_post(request *r)
{
	static const char *const names[] = { "code", "confirm", NULL };
	body b;
	if (strcmp(r->caller.kind, "household"))
		return request_refuse(r, 403, "binding.household", "", "only a household binds meters by code");
	body_open(&b, r, names);
	const char *code = body_text(&b, "code", true, 32);
	bool confirmed = body_truth(&b, "confirm");
	body_close(&b);
	/* The code is the right; what it concerns is not the caller's yet, so the wall would hide it. */
	hub_status st = b.status == HUB_OK ? request_as_core(r) : b.status;
	return st == HUB_OK ? bind(r, code, confirmed) : st;
}
