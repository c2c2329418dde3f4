/* hubctl ledger: the whole book replayed. */
#include "store/ledger.h"

#include <stdio.h>

#include "ctl/ctl.h"

int ctl_ledger_verify(ctl *c, int argc, char **argv)
{
	ledger_state s = { 0 };
	hub_fault fault = { 0 };
	if (ctl_leftover("ledger verify", argc, argv) || argc != 1)
		return ctl_usage("ledger verify");
	hub_status st = ledger_verify(c->db, &s, &fault);
	if (st != HUB_OK)
		return ctl_fail("ledger verify", st, &fault);
	printf("{\"lines\":%llu,\"accounts\":%llu,\"entries\":%llu,\"digest\":\"", (unsigned long long)s.lines,
	       (unsigned long long)s.accounts, (unsigned long long)s.entries);
	for (size_t i = 0; i < sizeof s.digest; i++)
		printf("%02x", s.digest[i]);
	puts("\"}");
	return CTL_OK;
}
