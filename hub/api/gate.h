/*
 * Passwords are dear to check: 64 MiB and a good part of a second. The gate lets two in at once and one wait, so that a flood of
 * logins takes neither the memory nor all workers, and counts guesses before it looks.
 */
#ifndef API_GATE_H
#define API_GATE_H

#include "api/request.h"
#include "store/guess.h"

/*
 * Counts a guess for each key first; 429 "WHAT.locked" with Retry-After if one has to wait. HUB_REJECT after a
 * problem.
 */
hub_status gate_guess(request *r, const char *what, const char *key, const guess_rule *rule);
/* HUB_OK, HUB_DENIED: not the password; HUB_REJECT after a problem: 503 while others are checked. */
hub_status gate_verify(request *r, const char *hash, const char *password);
/* The hash of a new password. HUB_REJECT after a problem: it breaks the rules, or 503. field: the member's name. */
hub_status gate_hash(request *r, const char *field, const char *password, const char **ret);

#endif
