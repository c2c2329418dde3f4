#include "policy/policy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/*
 * Policies, entities and requests of one input, parted by NUL bytes, decided and explained. A
 * decision is the same twice, and an explanation begins with it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *part[3] = { (const char *)bytes };
	size_t size[3] = { 0 };
	const char *p = part[0], *end = p + len;
	for (int i = 0; i < 3; i++) {
		const char *stop = p < end ? memchr(p, 0, (size_t)(end - p)) : NULL;
		part[i] = p;
		size[i] = (size_t)((stop ? stop : end) - p);
		p = stop ? stop + 1 : end;
	}
	policy_set *set = NULL;
	policy_entities *entities = NULL;
	policy_request *requests = NULL;
	size_t count = 0;
	policy_source source = { policy_text_of("f"), { part[0], size[0] } };
	arena a;
	arena_init(&a, 64 * 1024 * 1024);
	if (policy_set_parse(&source, 1, &set, NULL) != HUB_OK ||
	    policy_entities_parse(part[1], size[1], &entities, NULL) != HUB_OK ||
	    policy_requests_parse(part[2], size[2], &a, &requests, &count, NULL) != HUB_OK)
		count = 0;
	for (size_t i = 0; i < count && i < 4; i++) {
		policy_decision first = { 0 }, second = { 0 };
		const char *text = NULL;
		hub_status st = policy_decide(set, entities, NULL, &requests[i], &a, &first);
		hub_status again = policy_decide(set, entities, entities, &requests[i], &a, &second);
		if (st != again || first.allow != second.allow || first.reason_count != second.reason_count ||
		    first.error_count != second.error_count)
			__builtin_trap();
		if (st == HUB_OK && policy_explain(set, entities, NULL, &requests[i], &a, &text) == HUB_OK &&
		    strncmp(text, first.allow ? "allow" : "deny", first.allow ? 5 : 4) != 0)
			__builtin_trap();
	}
	policy_entities_free(entities);
	policy_set_free(set);
	arena_fini(&a);
	return 0;
}
