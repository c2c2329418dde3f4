/* hubctl exchange: who looked at what, as JSON lines. */
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/words.h"
#include "model/quantity.h"
#include "store/consent.h"
#include "store/exchange.h"

enum { LISTED = 1000 };

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

int ctl_exchange_viewings(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	buf out = { 0 };
	int64_t of = 0;
	hub_fault fault = { 0 };
	const char *code = ctl_take(&argc, argv, "party", 1, &bad);
	if (bad || ctl_leftover("exchange viewings", argc, argv) || argc != 1 || !code)
		return ctl_usage("exchange viewings");
	arena_init(&a, 0);
	hub_status st = word_party(c->db, code, &a, &of, &fault);
	if (st == HUB_OK)
		st = viewings(c, of, &a, &out);
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("exchange viewings", st, &fault);
}
