/*
 * Which commands were told as sent: kept in a file before their bytes go out, so that no death of a process
 * makes a device hear one twice. A line is written with one write(2), which survives the process.
 */
#ifndef ADAPTERD_LEDGER_H
#define ADAPTERD_LEDGER_H

#include <hub/adapter.h>

typedef struct ledger ledger;

/* The file `commands` of the folder; lines long past their time are left out. HUB_FAILED with *fault. */
hub_status ledger_open(const char *state_dir, hub_time now, ledger **ret, hub_fault *fault);
void ledger_close(ledger *l); /* NULL is fine */

/* This command is being handed over. False: out of memory. */
bool ledger_hand(ledger *l, const char *id, hub_time expires);
bool ledger_was_sent(const ledger *l, const char *id);
/* The adapter says that it sends it now. False: it could not be kept, so it must not be sent. An id that was never
   handed over is let pass: it is no command of ours. */
bool ledger_sent(ledger *l, const char *id);

#endif
