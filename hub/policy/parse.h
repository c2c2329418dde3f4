/* Text to policies. Recursive descent with a bounded depth; the first error ends it. */
#ifndef POLICY_PARSE_H
#define POLICY_PARSE_H

#include "policy/ast.h"
#include "policy/token.h"

typedef struct parser {
	lexer l;
	arena *a;
	uint32_t source; /* number of the source, kept in each policy */
	unsigned depth;
	uint32_t counted; /* bytes whose line ends are in line */
	unsigned line;
} parser;

/* A growing run of pointers in an arena. */
typedef struct list {
	const void **items;
	uint32_t count, cap;
} list;

bool list_add(parser *p, list *l, const void *item); /* false: an error is recorded */

/* Appends the policies of one source to *policies; names are given later. */
hub_status parse_policies(const policy_source *source, uint32_t number, arena *a, list *policies, hub_fault *fault);

/* NULL after an error. */
const node *parse_expr(parser *p);
node *parse_node(parser *p, node_kind kind, uint32_t start, const node *const *items, uint32_t count);

/* "A::B::C" from the current token on, spaces taken out. */
bool parse_path(parser *p, policy_text *ret);
/* Type::"id", maybe in parentheses. NULL after an error. */
const uid *parse_uid(parser *p);
bool parse_string(parser *p, policy_text *ret);

/* Text of an entity as JSON files write it: Type::"id". */
hub_status parse_uid_text(policy_text text, arena *a, policy_uid *ret, hub_fault *fault);

#endif
