/* Pieces of what policies are told of a call. All in the arena; NULL or HUB_NOMEM when it is full. */
#ifndef API_ENTITY_H
#define API_ENTITY_H

#include "policy/policy.h"
#include "store/party.h"

policy_uid entity_uid(const char *type, const char *id);
const policy_value *entity_text(arena *a, const char *text);
/* A set of one party, or of none: NULL. */
const policy_value *entity_party_set(arena *a, const char *code);
const policy_value *entity_ref(arena *a, const char *type, const char *id);
/* A party as the registry knows it: its kind, in its roles. */
hub_status entity_of_party(const party *p, arena *a, policy_entity *ret);

#endif
