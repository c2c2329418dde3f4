#include "policy/policy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Any text is a set of policies or is refused with a place in it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	policy_source source = { policy_text_of("f"), { (const char *)bytes, len } };
	policy_set *set = NULL;
	hub_fault fault = { 0 };
	hub_status st = policy_set_parse(&source, 1, &set, &fault);
	if ((st == HUB_OK) != (set != NULL) || (st != HUB_OK && strncmp(fault.message, "f:", 2) != 0))
		__builtin_trap();
	for (size_t i = 0; set && i < policy_set_count(set); i++)
		if (!policy_set_place(set, i).line)
			__builtin_trap();
	policy_set_free(set);
	return 0;
}
