/* One scene for the tests of the policy engine, and conditions tried in it. */
#ifndef TESTS_POLICY_SCENE_H
#define TESTS_POLICY_SCENE_H

#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scene_entities[] =
	"[{\"uid\":{\"type\":\"User\",\"id\":\"ann\"},\"parents\":[{\"type\":\"Group\",\"id\":\"staff\"}],"
	"\"attrs\":{\"age\":30,\"name\":\"Ann\",\"manager\":{\"__entity\":{\"type\":\"User\",\"id\":\"bob\"}},"
	"\"tags\":[\"a\",\"b\"],\"home\":{\"city\":\"Wuhan\",\"zip\":{\"code\":430000}},\"\":1,\"a\\u0000b\":2,"
	"\"ip\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.1.2.3\"}}},\"tags\":{\"colour\":\"red\"}},"
	"{\"uid\":\"User::\\\"bob\\\"\",\"parents\":[\"Group::\\\"boss\\\"\"],\"attrs\":{\"age\":50}},"
	"{\"uid\":\"Group::\\\"staff\\\"\",\"parents\":[\"Group::\\\"all\\\"\"]},"
	"{\"uid\":\"Group::\\\"boss\\\"\",\"parents\":[\"Group::\\\"staff\\\"\"]},"
	"{\"uid\":\"Doc::\\\"d\\\"\",\"attrs\":{\"public\":true}}]";

static inline hub_status scene_set(const char *text, policy_set **ret, hub_fault *fault)
{
	policy_source source = { policy_text_of("t.cedar"), { text, strlen(text) } };
	return policy_set_parse(&source, 1, ret, fault);
}

static inline policy_request scene_request(const policy_value *context)
{
	return (policy_request){
		.principal = { policy_text_of("User"), policy_text_of("ann") },
		.action = { policy_text_of("Action"), policy_text_of("read") },
		.resource = { policy_text_of("Doc"), policy_text_of("d") },
		.context = context,
	};
}

/* 't' and 'f'; 'e': it erred; 'x': it was refused as a policy. */
static inline char scene_try(const char *condition)
{
	size_t len = strlen(condition) + 80;
	char *text = malloc(len), answer = '?';
	policy_set *set = NULL;
	policy_entities *entities = NULL;
	policy_decision d;
	arena a;
	hub_fault fault = { 0 };
	policy_value n = { .kind = POLICY_LONG, .number = 7 };
	policy_attr own = { policy_text_of("n"), &n };
	policy_value context = { .kind = POLICY_RECORD, .record = { &own, 1 } };
	policy_request request = scene_request(&context);
	snprintf(text, len, "permit (principal, action, resource) when { %s };", condition);
	arena_init(&a, 0);
	hub_status st = scene_set(text, &set, &fault);
	if (st != HUB_OK)
		answer = st == HUB_REJECT ? 'x' : '?';
	else if (policy_entities_parse(scene_entities, sizeof scene_entities - 1, &entities, &fault) == HUB_OK &&
		 policy_decide(set, entities, NULL, &request, &a, &d) == HUB_OK)
		answer = d.error_count ? 'e' : d.allow ? 't' : 'f';
	policy_entities_free(entities);
	policy_set_free(set);
	arena_fini(&a);
	free(text);
	return answer;
}

typedef struct scene_case {
	char want;
	const char *condition;
} scene_case;

#define SCENE_RUN(cases)                                                                                        \
	for (size_t i_ = 0; i_ < sizeof(cases) / sizeof *(cases); i_++) {                                       \
		char got_ = scene_try((cases)[i_].condition);                                                   \
		if (got_ != (cases)[i_].want)                                                                   \
			fail_msg("%s: %c, not %c", (cases)[i_].condition, got_, (cases)[i_].want);              \
	}

#endif
