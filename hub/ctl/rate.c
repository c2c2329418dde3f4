/* hubctl rate: a tariff and a usage document in, the bill as one JSON object out. */
#include "billing/rating.h"
#include "ctl/ctl.h"
#include "ctl/file.h"

#include <stdio.h>

static hub_status rate(const char *tariff_path, const char *usage_path, buf *out, hub_fault *fault)
{
	buf text = { 0 };
	tariff *t = NULL;
	usage u = { 0 };
	rating_bill bill;
	arena a;
	arena_init(&a, 0);
	hub_status st = ctl_read(tariff_path, &text, fault);
	if (st == HUB_OK)
		st = tariff_parse(buf_cstr(&text), text.len, &t, fault);
	buf_clear(&text);
	if (st == HUB_OK)
		st = ctl_read(usage_path, &text, fault);
	if (st == HUB_OK)
		st = usage_parse(buf_cstr(&text), text.len, &a, &u, fault);
	if (st == HUB_OK)
		st = rating_rate(t, &u, &a, &bill, fault);
	if (st == HUB_OK)
		rating_json(&bill, out);
	usage_fini(&u);
	tariff_free(t);
	arena_fini(&a);
	buf_fini(&text);
	return st;
}

int ctl_rate(ctl *c, int argc, char **argv)
{
	(void)c;
	int bad = 0;
	const char *tariff_path = ctl_take(&argc, argv, "tariff", 1, &bad);
	const char *usage_path = ctl_take(&argc, argv, "usage", 1, &bad);
	if (bad || !tariff_path || !usage_path || argc > 1)
		return ctl_usage("rate");
	hub_fault fault = { 0 };
	buf out = { 0 };
	hub_status st = rate(tariff_path, usage_path, &out, &fault);
	if (st == HUB_OK)
		fwrite(out.bytes, 1, out.len, stdout);
	buf_fini(&out);
	return st == HUB_OK ? CTL_OK : ctl_fail("rate", st, &fault);
}
