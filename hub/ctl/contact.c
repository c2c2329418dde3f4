#include "store/contact.h"

#include <stdio.h>

#include "ctl/words.h"

int ctl_party_contact(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	int64_t id = 0;
	hub_fault fault = { 0 };
	const party_contact contact = { .phone = ctl_take(&argc, argv, "phone", 1, &bad), .web = ctl_take(&argc, argv, "web", 1, &bad) };
	if (bad || ctl_leftover("party contact", argc, argv) || argc != 2)
		return ctl_usage("party contact");
	arena_init(&a, 0);
	hub_status st = word_party(c->db, argv[1], &a, &id, &fault);
	if (st == HUB_OK)
		st = contact_put(c->db, id, &contact, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("party contact", st, &fault);
	printf("contact of %s stored\n", argv[1]);
	return CTL_OK;
}
