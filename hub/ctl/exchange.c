/* hubctl exchange: notices, requests between parties and who looked at what, as JSON lines. */
#include "exchange/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/words.h"
#include "model/quantity.h"
#include "store/consent.h"

enum { LISTED = 1000 };

/* --party CODE; 0: all. */
static hub_status party_option(ctl *c, int *argc, char **argv, arena *a, int *bad, int64_t *ret, hub_fault *fault)
{
	const char *code = ctl_take(argc, argv, "party", 1, bad);
	*ret = 0;
	return code ? word_party(c->db, code, a, ret, fault) : HUB_OK;
}

static hub_status notices(ctl *c, int64_t of, arena *a, buf *out)
{
	notice *list;
	size_t count = 0;
	hub_status st = notice_sent(c->db, of, LISTED, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		exchange_notice_json(&list[i], NULL, 0, NULL, 0, out);
		buf_text(out, "\n");
	}
	return st;
}

static hub_status requests(ctl *c, int64_t of, arena *a, buf *out)
{
	exchange_request *list;
	size_t count = 0;
	hub_status st = exchange_request_list(c->db, of, LISTED, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		exchange_step *steps;
		size_t n = 0;
		st = exchange_steps(c->db, &list[i], a, &steps, &n);
		if (st != HUB_OK)
			break;
		exchange_request_json(&list[i], clock_now(), steps, n, out);
		buf_text(out, "\n");
	}
	return st;
}

static hub_status viewings(ctl *c, int64_t of, arena *a, buf *out)
{
	viewing *list;
	size_t count = 0;
	hub_status st = viewing_by(c->db, of, LISTED, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		char at[CLOCK_TEXT];
		const quantity *q = quantity_by_number(list[i].quantity);
		buf_printf(out, "{\"at\":\"%s\",\"party\":\"%s\",\"person\":", clock_text(list[i].at, at),
			   list[i].party_code);
		json_write_text(out, list[i].person);
		buf_text(out, ",\"point\":");
		json_write_text(out, list[i].point_code);
		buf_printf(out, ",\"what\":\"%s\",\"quantity\":\"%s\",\"granularity\":\"%s\",\"purpose\":", list[i].what, q ? q->name : "",
			   list[i].grain >= 0 && list[i].grain < CONSENT_GRAINS ? consent_grain_names[list[i].grain]
										: "");
		json_write_text(out, list[i].purpose);
		buf_text(out, "}\n");
	}
	return st;
}

static int list_of(ctl *c, int argc, char **argv, const char *name, bool needs_party,
		   hub_status (*how)(ctl *, int64_t, arena *, buf *))
{
	int bad = 0;
	arena a;
	buf out = { 0 };
	int64_t of;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = party_option(c, &argc, argv, &a, &bad, &of, &fault);
	if (st == HUB_OK && (bad || ctl_leftover(name, argc, argv) || argc != 1 || (needs_party && !of))) {
		arena_fini(&a);
		return ctl_usage(name);
	}
	if (st == HUB_OK)
		st = how(c, of, &a, &out);
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}

int ctl_exchange_notices(ctl *c, int argc, char **argv)
{
	return list_of(c, argc, argv, "exchange notices", false, notices);
}

int ctl_exchange_requests(ctl *c, int argc, char **argv)
{
	return list_of(c, argc, argv, "exchange requests", false, requests);
}

int ctl_exchange_viewings(ctl *c, int argc, char **argv)
{
	return list_of(c, argc, argv, "exchange viewings", true, viewings);
}
