/*
 * Conditions compiled to a flat program over registers: one program for a whole set. Tests jump
 * instead of making booleans, and a variable's attribute is a register that is looked up at its
 * first use in a decision, whichever policy asks; so is the outcome of a test that several policies make.
 */
#ifndef POLICY_PROGRAM_H
#define POLICY_PROGRAM_H

#include "policy/ast.h"
#include "policy/parse.h"

/* Registers. 0 to 3: the variables by node_var; then program.paths; then temporaries. */
typedef uint32_t operand;

typedef enum op_code {
	OP_RETURN, /* b */
	OP_JUMP,
	/* Tests: jump to `to` if the outcome is `sense`, else go on. */
	OP_TRUE,   /* a is true; it must be a boolean */
	OP_EQ,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_IN,
	OP_CONTAINS,
	OP_CONTAINS_ALL,
	OP_CONTAINS_ANY,
	OP_HAS_TAG,
	OP_IS_EMPTY,
	OP_HAS,    /* p: key */
	OP_LIKE,   /* p: node */
	OP_IS,     /* p: key */
	/* Values: the register `to` becomes … */
	OP_COPY,   /* b */
	OP_ATTR,   /* p: key */
	OP_NEG,
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_GET_TAG,
	OP_SET,    /* p: many */
	OP_RECORD, /* p: many */
	OP_CALL,   /* p: many */
} op_code;

/*
 * a is a register. b is the constant k, where there is one, else a register; ops without operands
 * name register 0, which is always there.
 */
typedef struct op {
	uint8_t code;
	bool sense; /* of OP_JUMP: true */
	bool last;  /* a test that decides: its jump leads to a false policy, its end to a true one */
	operand a, b;
	uint32_t to;
	uint32_t shared; /* a test that others are the same as: its place in a decision's outcomes; 0: it is alone */
	const value *k;
	const void *p;
} op;

typedef struct key {
	policy_text name;
	uint64_t hash;
} key;

/* A value an op needs: the constant, or a register where that is NULL. */
typedef struct place_of {
	const value *k;
	operand r;
} place_of;

/* Operands of an op that takes any number. */
typedef struct many {
	const node *node;
	uint32_t count;
	place_of items[];
} many;

typedef struct path {
	node_var var;
	key key;
} path;

enum { REGISTER_PATHS = 4 }; /* first register of a path */

typedef struct program {
	op *ops;
	const node **origins; /* per op: what it was compiled from */
	uint32_t count, cap;
	list paths;           /* of path */
	uint32_t temporaries; /* most in use at once */
	uint32_t shared;      /* tests that occur more than once */
} program;

/* Appends a policy's condition and sets its code. Errors are recorded in the parser's lexer. */
bool program_add(program *g, parser *p, policy *own);
/* Appends an expression by itself that returns its value. */
bool program_add_value(program *g, parser *p, const node *n, uint32_t *ret_code);
/* After the last addition, once: temporaries take their registers behind the paths. */
void program_seal(program *g);

/*
 * After that, if many policies run over one request: tests of attributes and constants that are the same get one place
 * for their outcome, so that each is made once in a decision, whichever policy asks. False: out of memory.
 */
bool program_share(program *g, arena *a);

static inline uint32_t program_registers(const program *g)
{
	return REGISTER_PATHS + g->paths.count + g->temporaries;
}

#endif
