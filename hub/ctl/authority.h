/*
 * The city's authority on disk and what the outer zone is given of it:
 *   core/keys/{ca.crt,ca.key}                       the core's alone; the key 0600
 *   zone/state/{ca.pem,crl.pem,server.crt,server.key}  the zone may read, not write; the key 0640
 */
#ifndef CTL_AUTHORITY_H
#define CTL_AUTHORITY_H

#include "ctl/ctl.h"
#include "identity/authority.h"
#include "store/store.h"

/* Made once; *ret_made whether now. HUB_FAILED: the directory is missing or closed to us. */
hub_status ctl_authority_make(const ctl *c, bool *ret_made, hub_fault *fault);
/* HUB_MISSING: hubctl ca init has not run. */
hub_status ctl_authority_open(const ctl *c, authority **ret, hub_fault *fault);
/*
 * The authority's certificate and a new revocation list for the zone's doors, one publisher at a
 * time. Each file is replaced as a whole.
 */
hub_status ctl_authority_publish(const ctl *c, const authority *a, hub_fault *fault);
/* A certificate of the doors' own for a DNS name or address, unless the one there lasts 30 days more and says the same. */
hub_status ctl_authority_serve(const ctl *c, const authority *a, const char *host, bool *ret_made, hub_fault *fault);

#endif
