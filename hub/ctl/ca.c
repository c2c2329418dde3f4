#include <stdio.h>

#include "ctl/authority.h"

int ctl_ca_init(ctl *c, int argc, char **argv)
{
	hub_fault fault = { 0 };
	bool made;
	if (ctl_leftover("ca init", argc, argv) || argc != 1)
		return ctl_usage("ca init");
	hub_status st = ctl_authority_make(c, &made, &fault);
	if (st != HUB_OK)
		return ctl_fail("ca init", st, &fault);
	printf("authority %s/core/keys/ca.crt %s\n", c->data, made ? "made" : "unchanged");
	return CTL_OK;
}

int ctl_ca_publish(ctl *c, int argc, char **argv)
{
	hub_fault fault = { 0 };
	int bad = 0;
	bool made = false;
	authority *a = NULL;
	const char *host = ctl_take(&argc, argv, "host", 1, &bad);
	if (bad || ctl_leftover("ca publish", argc, argv) || argc != 1)
		return ctl_usage("ca publish");
	hub_status st = ctl_authority_make(c, &made, &fault);
	if (st == HUB_OK)
		st = ctl_authority_open(c, &a, &fault);
	if (st == HUB_OK)
		st = ctl_authority_publish(c, a, &fault);
	if (st == HUB_OK && host)
		st = ctl_authority_serve(c, a, host, &made, &fault);
	authority_free(a);
	return st == HUB_OK ? CTL_OK : ctl_fail("ca publish", st, &fault);
}
