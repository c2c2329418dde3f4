/*
 * The authority's revocation list as the zone is shown it (zone/state/crl.pem): read again when it
 * is replaced. One that cannot be read, or that ca.pem did not sign, leaves the old in force; one
 * that has only grown old still counts.
 */
#ifndef BROKER_REVOKED_H
#define BROKER_REVOKED_H

#include <hub/status.h>
#include <stdbool.h>

typedef struct revoked revoked;

/* HUB_FAILED: no list of this authority is there. */
hub_status revoked_open(const char *directory, revoked **ret, hub_fault *fault);
void revoked_close(revoked *r); /* NULL is fine */
/* To be called now and then. True: another list is in force. */
bool revoked_refresh(revoked *r, hub_fault *fault);
/* By the serial number, hex as in certificate.serial. */
bool revoked_has(const revoked *r, const char *serial);

#endif
