/* The constraints of schemas/sql in people's words: what a refused row broke. */
#ifndef STORE_RULE_H
#define STORE_RULE_H

typedef struct store_rule {
	const char *constraint; /* its name in the database */
	const char *code, *field;
	const char *text;       /* the rule and the remedy */
} store_rule;

/* NULL: no words for it. */
const store_rule *store_rule_find(const char *constraint);

#endif
