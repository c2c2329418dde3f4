/*
 * RFC 8259 texts as a tree in an arena. Our own reader because attribute names of Cedar may hold
 * NUL, which Jansson refuses in keys. Numbers are int64 only, as Cedar's are; names in an object
 * differ.
 */
#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include "policy/policy.h"

enum { TREE_DEPTH = 500 };

typedef enum tree_kind { TREE_NULL, TREE_BOOL, TREE_INT, TREE_STRING, TREE_ARRAY, TREE_OBJECT } tree_kind;

typedef struct tree tree;
struct tree {
	tree_kind kind;
	bool yes;
	int64_t number;
	policy_text text;    /* of a string */
	uint64_t name_hash;
	policy_text name;    /* in an object */
	tree *first, *next;  /* members or elements; the next beside this one */
	size_t count;
	size_t at;           /* offset in the text */
};

hub_status tree_read(const char *text, size_t len, arena *a, const tree **ret, hub_fault *fault);
/* The member of an object, NULL if it has none or j is no object. */
const tree *tree_get(const tree *j, const char *name);
/* Fills *fault with "line:column: …" for a place in the text. Returns HUB_REJECT. */
hub_status tree_fault(const char *text, size_t at, hub_fault *fault, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#endif
