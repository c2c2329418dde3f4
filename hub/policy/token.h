/*
 * Words of the policy language and of schemas. Borrows the source. Errors are sticky: after the
 * first, every token is TOKEN_END and `fault` says where and why.
 */
#ifndef POLICY_TOKEN_H
#define POLICY_TOKEN_H

#include "policy/policy.h"

typedef enum token_kind {
	TOKEN_END,
	TOKEN_NAME,   /* identifiers and keywords alike */
	TOKEN_SLOT,   /* ?principal */
	TOKEN_NUMBER, /* digits */
	TOKEN_STRING, /* text: between the quotes, escapes as written */
	TOKEN_SIGN,   /* text: "==", "::", "(", … */
} token_kind;

typedef struct token {
	token_kind kind;
	policy_text text;
	uint32_t start, end; /* offsets in the source */
} token;

typedef struct lexer {
	policy_source source;
	uint32_t at;
	token now, next; /* current and one ahead */
	uint32_t last_end; /* end of the token before now */
	bool bad;
	hub_status status; /* HUB_REJECT or HUB_NOMEM once bad */
	hub_fault *fault;  /* may be NULL */
} lexer;

void lexer_start(lexer *l, policy_source source, hub_fault *fault);
void lexer_step(lexer *l);

/* The current token is this sign or this word. */
bool token_is(const lexer *l, const char *text);
bool next_is(const lexer *l, const char *text);
/* Steps over it if it is there. */
bool lexer_take(lexer *l, const char *text);
/* Or an error that names what was expected. */
bool lexer_expect(lexer *l, const char *text);

/* Records the first error, at an offset, as "file:line:column: message". */
void lexer_fail(lexer *l, uint32_t at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void lexer_nomem(lexer *l);

void source_position(policy_source s, uint32_t at, unsigned *ret_line, unsigned *ret_column);

/*
 * The bytes that a string token means, in the arena; NULL after an error. In a pattern `*` becomes a
 * wildcard: stars receives one flag per byte; NULL where no pattern is meant (then \* is refused).
 */
bool token_unescape(lexer *l, const token *t, arena *a, policy_text *ret, bool **ret_stars);

/* true, false, if, then, else, in, is, like, has, __cedar: not a name of a type, variable or field. */
bool word_is_reserved(policy_text word);

#endif
