/* Policies as they were written: kept for checks against a schema and for explanations. */
#ifndef POLICY_AST_H
#define POLICY_AST_H

#include "policy/ext.h"
#include "policy/value.h"

enum { AST_DEPTH = 400 }; /* deepest nesting of expressions */

typedef enum node_kind {
	NODE_CONST,  /* constant */
	NODE_VAR,    /* var */
	NODE_IF,     /* items: condition, then, else */
	NODE_AND,    /* items: two or more */
	NODE_OR,
	NODE_NOT,    /* items: one */
	NODE_NEG,
	NODE_EQ,     /* items: two */
	NODE_NE,
	NODE_LT,
	NODE_LE,
	NODE_GT,
	NODE_GE,
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
	NODE_IN,
	NODE_CONTAINS,
	NODE_CONTAINS_ALL,
	NODE_CONTAINS_ANY,
	NODE_IS_EMPTY, /* one */
	NODE_HAS_TAG,  /* two */
	NODE_GET_TAG,
	NODE_ATTR,   /* items: one; name */
	NODE_HAS,    /* items: one; name */
	NODE_LIKE,   /* items: one; name, stars: the pattern */
	NODE_IS,     /* items: one; name: the type */
	NODE_SET,    /* items: any number */
	NODE_RECORD, /* items; names, as many */
	NODE_CALL,   /* items: the arguments; function */
} node_kind;

typedef enum node_var { VAR_PRINCIPAL, VAR_ACTION, VAR_RESOURCE, VAR_CONTEXT } node_var;

typedef struct node node;
struct node {
	uint8_t kind; /* node_kind */
	uint8_t var;
	uint16_t depth;
	uint32_t start, end; /* in the source */
	uint32_t count;
	const node **items;
	policy_text name;
	union {
		const value *constant;
		const bool *stars;
		const policy_text *names;
		const ext_function *function;
	};
};

typedef enum scope_kind { SCOPE_ANY, SCOPE_EQ, SCOPE_IN, SCOPE_IS, SCOPE_IS_IN } scope_kind;

/* Principal, action or resource of a policy's head. */
typedef struct scope {
	uint8_t kind;
	bool slot;          /* EQ, IN, IS_IN: a template's open place instead of a uid */
	policy_text type;   /* IS, IS_IN */
	uint64_t type_hash;
	const uid **uids;   /* EQ, IS_IN: one; IN: one, of an action any number */
	uint32_t count;
	uint32_t start, end;
} scope;

typedef struct clause {
	bool unless;
	uint32_t start, end;
	const node *body;
} clause;

typedef struct annotation {
	policy_text name, text;
} annotation;

typedef struct policy {
	policy_text name; /* policyN, or its link's */
	uint32_t source, start, end;
	unsigned line;
	bool forbid, template;
	scope principal, action, resource;
	const clause *clauses;
	uint32_t clause_count;
	const annotation *annotations;
	uint32_t annotation_count;
	uint32_t code; /* first op, once compiled */
} policy;

#endif
