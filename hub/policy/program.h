/*
 * Conditions compiled to a flat program for a stack of values. One program for a whole set; each
 * policy begins at its own op and ends at OP_END with one boolean on the stack.
 */
#ifndef POLICY_PROGRAM_H
#define POLICY_PROGRAM_H

#include "policy/ast.h"
#include "policy/parse.h"

typedef enum op_code {
	OP_END,
	OP_CONST,  /* p: value */
	OP_VAR,    /* n: node_var */
	OP_PATH,   /* p: path */
	OP_ATTR,   /* p: key */
	OP_HAS,    /* p: key */
	OP_BOOL,   /* fails unless the top is a boolean */
	OP_NOT,
	OP_NEG,
	OP_AND,    /* top false: jump to n and keep it; true: drop it and go on */
	OP_OR,     /* top true: jump to n and keep it; false: drop it and go on */
	OP_IF,     /* drop the top; false: jump to n */
	OP_JUMP,   /* to n */
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_IN,
	OP_CONTAINS,
	OP_CONTAINS_ALL,
	OP_CONTAINS_ANY,
	OP_IS_EMPTY,
	OP_HAS_TAG,
	OP_GET_TAG,
	OP_LIKE,   /* p: node */
	OP_IS,     /* p: key */
	OP_SET,    /* n: how many items */
	OP_RECORD, /* p: node; n: how many */
	OP_CALL,   /* p: ext_function; n: how many arguments */
} op_code;

typedef struct op {
	uint8_t code;
	uint32_t n;
	const void *p;
} op;

typedef struct key {
	policy_text name;
	uint64_t hash;
} key;

/* An attribute of a variable: looked up once in a decision, whichever policies ask. */
typedef struct path {
	node_var var;
	uint32_t slot;
	key key;
} path;

typedef struct program {
	op *ops;
	const node **origins; /* per op: what it was compiled from */
	uint32_t count, cap;
	uint32_t path_count;
	list paths; /* of path */
} program;

/* Appends a policy's condition and sets its code and stack. Errors are recorded in the parser's lexer. */
bool program_add(program *g, parser *p, policy *own);

#endif
