#include "api/payments.h"

#include <jansson.h>
#include <string.h>

#include "api/bills.h"
#include "api/message_right.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/provider.h"

enum { TARGETS = 32, LISTED = 200 };

/* What billing refused, as a problem. */
static hub_status refuse(request *r, hub_status st, const hub_fault *fault)
{
	int status = st == HUB_DENIED ? 403 : st == HUB_MISSING ? 404 : st == HUB_CONFLICT ? 409 : st == HUB_REJECT ? 422 : 0;
	return status && fault->code ? request_problem(r, status, fault) : st;
}

static hub_status may(request *r, const char *action, const char *kind)
{
	const message_facts m = { .kind = kind, .commodity = "", .sender = r->caller.code, .genuine = true };
	bool allowed = false;
	hub_status st = message_right(r, action, &m, &allowed);
	if (st == HUB_OK && !allowed)
		return request_refuse(r, 403, "payment.right", "", "no policy lets Party %s %s a %s", r->caller.code, action, kind);
	return st;
}

typedef struct ordering {
	const char *id;
	payment_provider provider;
	int64_t amount;
	payment_rule rule;
	bills_target targets[TARGETS];
	size_t count;
} ordering;

static hub_status read_targets(request *r, const json_t *list, ordering *o)
{
	size_t i;
	json_t *t;
	if (list && (!json_is_array(list) || json_array_size(list) > TARGETS))
		return request_refuse(r, 400, "payment.for", "for", "'for' is a list of at most %d parts", TARGETS);
	json_array_foreach(list, i, t) {
		const char *cycle = json_string_value(json_object_get(t, "cycle"));
		const json_t *part = json_object_get(t, "part");
		bills_target *target = &o->targets[o->count++];
		if (!cycle || strlen(cycle) != 7 || !unify_cycle_parse(cycle, &target->cycle) || (part && !json_is_integer(part)))
			return request_refuse(r, 400, "payment.for", "for", "each is {\"cycle\": \"2026-10\", \"part\": 0}; without a part all of it");
		target->part = part ? (int)json_integer_value(part) : -1;
	}
	return HUB_OK;
}

static hub_status read_order(request *r, const json_t *body, ordering *o)
{
	decimal d, whole;
	party who;
	const char *id = json_string_value(json_object_get(body, "id")), *code = json_string_value(json_object_get(body, "provider"));
	const char *amount = json_string_value(json_object_get(body, "amount"));
	const char *rule = json_string_value(json_object_get(body, "rule"));
	if (!id || !code || !amount)
		return request_refuse(r, 400, "payment.fields", "id", "'id', 'provider' and 'amount' are required texts");
	if (decimal_parse(amount, strlen(amount), &d) != HUB_OK || decimal_round(d, 2, DECIMAL_DOWN, &whole) != HUB_OK ||
	    decimal_cmp(d, whole) || decimal_to_int64(d, 2, DECIMAL_DOWN, &o->amount) != HUB_OK)
		return request_refuse(r, 400, "payment.amount", "amount", "'%.40s' is no amount with at most two decimals", amount);
	if (rule && strcmp(rule, "due") && strcmp(rule, "proportional"))
		return request_refuse(r, 400, "payment.rule", "rule", "'rule' is due or proportional");
	o->rule = rule && !strcmp(rule, "proportional") ? PAYMENT_PROPORTIONAL : PAYMENT_BY_DUE;
	o->id = arena_strdup(r->arena, id);
	hub_status st = o->id ? party_by_code(r->db, code, r->arena, &who) : HUB_NOMEM;
	if (st == HUB_OK)
		st = provider_by_party(r->db, who.id, r->arena, &o->provider);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "payment.provider", "provider", "there is no payment provider '%.64s'", code);
	return st == HUB_OK ? read_targets(r, json_object_get(body, "for"), o) : st;
}

/* The account that the body names, or the caller's only one: its bills have to be the caller's to see. */
static hub_status account_of(request *r, const json_t *body, billing_account *ret)
{
	const char *code = json_string_value(json_object_get(body, "account"));
	bill_view view = BILL_HIDDEN;
	if (!code)
		return bill_account(r, ret);
	hub_status st = account_by_code(r->db, code, r->arena, ret);
	if (st == HUB_OK)
		st = bill_right(r, ret, NULL, &view);
	if (st == HUB_MISSING || (st == HUB_OK && view != BILL_WHOLE))
		return request_refuse(r, 404, "account.unknown", "account", "there is no account '%.64s' that you may see", code);
	return st;
}

hub_status payments_post(request *r)
{
	json_t *body;
	billing_account account;
	ordering o = { 0 };
	bills *b = NULL;
	hub_fault fault = { 0 };
	hub_status st = may(r, "send", "payment_order");
	if (st == HUB_OK)
		st = request_object(r, &body);
	if (st != HUB_OK)
		return st;
	st = account_of(r, body, &account);
	if (st == HUB_OK)
		st = read_order(r, body, &o);
	json_decref(body);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st != HUB_OK)
		return st;
	st = bills_pay_order(b, account.id, o.id, o.provider.party, o.amount, o.rule, o.targets, o.count, &fault);
	bills_free(b);
	if (st != HUB_OK)
		return refuse(r, st, &fault);
	const char *order = bills_order_text(account.id, o.id, r->arena);
	buf_printf(&r->body, "{\"order\":\"%s\",\"amount\":%lld,\"currency\":\"CNY\",\"pay_at\":", order ? order : "", (long long)o.amount);
	json_write_text(&r->body, o.provider.url);
	buf_text(&r->body, "}\n");
	return order ? request_finish(r, 201, "") : HUB_NOMEM;
}

hub_status payments_get(request *r)
{
	billing_account account;
	payment_row *rows;
	size_t count;
	hub_status st = bill_account(r, &account);
	if (st == HUB_OK)
		st = payment_of_account(r->db, account.id, LISTED, r->arena, &rows, &count);
	buf_text(&r->body, "{\"payments\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		bills_payment_json(&rows[i], &r->body);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status find(request *r, payment_row *ret)
{
	payment_row *rows;
	size_t count = 0;
	int64_t account;
	const char *id;
	if (!bills_order_read(r->values[0], &account, &id))
		return HUB_MISSING;
	hub_status st = payment_of_account(r->db, account, INT32_MAX, r->arena, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (!strcmp(rows[i].id, id)) {
			*ret = rows[i];
			return HUB_OK;
		}
	return st == HUB_OK ? HUB_MISSING : st;
}

hub_status payment_get(request *r)
{
	payment_row p;
	billing_account account;
	bill_view view = BILL_HIDDEN;
	hub_status st = find(r, &p);
	if (st == HUB_OK)
		st = account_by_id(r->db, p.account, r->arena, &account);
	if (st == HUB_OK)
		st = bill_right(r, &account, NULL, &view);
	/* Its provider knows it too. */
	if (st == HUB_MISSING || (st == HUB_OK && view != BILL_WHOLE && p.provider != r->caller.id))
		return request_refuse(r, 404, "payment.order", "order", "there is no order '%.90s' that you may see", r->values[0]);
	if (st != HUB_OK)
		return st;
	bills_payment_json(&p, &r->body);
	buf_text(&r->body, "\n");
	return request_finish(r, 200, "");
}

hub_status payment_refund_post(request *r)
{
	int64_t account;
	const char *id;
	bills *b = NULL;
	hub_fault fault = { 0 };
	hub_status st = may(r, "send", "refund");
	if (st != HUB_OK)
		return st;
	if (!bills_order_read(r->values[0], &account, &id))
		return request_refuse(r, 404, "payment.order", "order", "there is no order '%.90s'", r->values[0]);
	st = request_as_core(r);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st == HUB_OK)
		st = bills_refund(b, account, id, &fault);
	bills_free(b);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "payment.order", "order", "there is no order '%.90s'", r->values[0]);
	if (st != HUB_OK)
		return refuse(r, st, &fault);
	payment_row p;
	st = find(r, &p);
	if (st != HUB_OK)
		return st;
	bills_payment_json(&p, &r->body);
	buf_text(&r->body, "\n");
	return request_finish(r, 200, "");
}

static hub_status take_notice(request *r, const json_t *body)
{
	bills *b = NULL;
	hub_fault fault = { 0 };
	payment_notice n = { .order = json_string_value(json_object_get(body, "order")),
			     .reference = json_string_value(json_object_get(body, "reference")),
			     .currency = json_string_value(json_object_get(body, "currency")),
			     .amount = json_integer_value(json_object_get(body, "amount")) };
	const char *time = json_string_value(json_object_get(body, "time"));
	const char *signature = json_string_value(json_object_get(body, "signature"));
	if (!n.order || !n.reference || !n.currency || !json_is_integer(json_object_get(body, "amount")) || !signature || !time ||
	    !clock_parse(time, strlen(time), &n.time))
		return request_refuse(r, 400, "payment.fields", "order", "'order', 'reference', 'currency', 'amount' (a whole number of "
				      "the smallest coin), 'time' and 'signature' are required");
	hub_status st = request_as_core(r);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st == HUB_OK)
		st = bills_pay_notice(b, r->caller.id, &n, signature, r->now, &fault);
	bills_free(b);
	if (st != HUB_OK)
		return refuse(r, st, &fault);
	buf_text(&r->body, "{\"order\":");
	json_write_text(&r->body, n.order);
	buf_text(&r->body, ",\"state\":\"paid\"}\n");
	return request_finish(r, 200, "");
}

hub_status payment_callback_post(request *r)
{
	json_t *body;
	hub_status st = may(r, "send", "payment_result");
	if (st == HUB_OK)
		st = request_object(r, &body);
	if (st != HUB_OK)
		return st;
	st = take_notice(r, body);
	json_decref(body);
	return st;
}
