#include "api/message_right.h"

hub_status message_right(request *r, const char *action, const message_facts *m, bool *ret_allowed)
{
	return message_right_of(r->rules, &r->caller, action, m, r->arena, ret_allowed);
}
