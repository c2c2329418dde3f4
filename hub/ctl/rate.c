/* hubctl rate: a tariff and a usage document in, the bill as one JSON object out. */
#include "billing/rating.h"
#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>

static hub_status read_file(const char *path, buf *out, hub_fault *fault)
{
	FILE *in = path[0] == '-' && !path[1] ? stdin : fopen(path, "rb");
	if (!in)
		return hub_fault_set(fault, "rate.file", "", "%.150s cannot be opened", path);
	size_t n;
	do {
		uint8_t *room = buf_room(out, 65536);
		n = room ? fread(room, 1, 65536, in) : 0;
		buf_took(out, n);
	} while (n);
	bool failed = ferror(in);
	if (in != stdin)
		fclose(in);
	if (failed)
		return hub_fault_set(fault, "rate.file", "", "%.150s cannot be read", path);
	return out->bad ? HUB_NOMEM : HUB_OK;
}

static hub_status rate(const char *tariff_path, const char *usage_path, buf *out, hub_fault *fault)
{
	buf text = { 0 };
	tariff *t = NULL;
	usage u = { 0 };
	rating_bill bill;
	arena a;
	arena_init(&a, 0);
	hub_status st = read_file(tariff_path, &text, fault);
	if (st == HUB_OK)
		st = tariff_parse(buf_cstr(&text), text.len, &t, fault);
	buf_clear(&text);
	if (st == HUB_OK)
		st = read_file(usage_path, &text, fault);
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
