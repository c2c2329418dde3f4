#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	policy_entities *entities = NULL;
	hub_fault fault = { 0 };
	hub_status st = policy_entities_parse((const char *)bytes, len, &entities, &fault);
	if ((st == HUB_OK) != (entities != NULL) || (st != HUB_OK && !fault.code))
		__builtin_trap();
	policy_entities_free(entities);
	return 0;
}
