/* The roles that act by themselves: numbering what was announced, and telling the zone its configuration. */
#ifndef HUBD_WORK_H
#define HUBD_WORK_H

#include "hubd/core.h"
#include "store/retention.h"

typedef struct sequencer sequencer;
/* Numbers announcements for the parties' feeds, woken by the database's notices and by time. */
hub_status sequencer_start(const core *c, sequencer **ret);
void sequencer_stop(sequencer *s); /* after core.stopping; NULL is fine */

typedef struct sweeper sweeper;
/* Clears what deliveries left behind, in small steps. Any number of cores: one at a time does. */
hub_status sweeper_start(const core *c, const retention *keep, sweeper **ret);
void sweeper_stop(sweeper *s); /* after core.stopping; NULL is fine */

typedef struct configurator configurator;
/*
 * Pushes `configure` and the table "meters" to each of these adapter daemons: when one connects,
 * when the registry changes, and now and then, as a restart may go unseen. names end with NULL.
 */
hub_status configurator_start(const core *c, const char *const *names, configurator **ret, hub_fault *fault);
void configurator_stop(configurator *s); /* after core.stopping; NULL is fine */

typedef struct commander commander;
/*
 * Hands commands that are due to the instance that speaks for their meter, ends those past their time. Any
 * number of cores: each claims its own. names as above; egresses for devices behind MQTT (messenger.h).
 */
hub_status commander_start(const core *c, const char *const *names, const char *const *egresses, commander **ret,
			   hub_fault *fault);
void commander_stop(commander *s); /* after core.stopping; NULL is fine */

typedef struct watchman watchman;
/* Opens circuits as alarms ask for it; looks for sources that fell silent and deliveries that died. */
hub_status watchman_start(const core *c, watchman **ret);
void watchman_stop(watchman *s); /* after core.stopping; NULL is fine */

typedef struct cashier cashier;
/* Charges sessions that ended, finds those that never close (billing/bills_charging.h). */
hub_status cashier_start(const core *c, cashier **ret);
void cashier_stop(cashier *s); /* after core.stopping; NULL is fine */

typedef struct registrar registrar;
/* Signs what charging stations want signed, if it is theirs, and has it brought to them as a command. */
hub_status registrar_start(const core *c, registrar **ret);
void registrar_stop(registrar *s); /* after core.stopping; NULL is fine */

typedef struct dispatcher dispatcher;
/* Takes events of demand response from notice to settlement, and hands their orders over as commands or schemes. */
hub_status dispatcher_start(const core *c, dispatcher **ret);
void dispatcher_stop(dispatcher *s); /* after core.stopping; NULL is fine */

typedef struct inspector inspector;
/* Holds what stations meter against the limits that they confirmed (store/charger_limit.h). */
hub_status inspector_start(const core *c, inspector **ret);
void inspector_stop(inspector *s); /* after core.stopping; NULL is fine */

typedef struct publisher publisher;
/* Publishes the sums of areas for days that are over (aggregate/day.h). Any number of cores: the first one does. */
hub_status publisher_start(const core *c, publisher **ret);
void publisher_stop(publisher *p); /* after core.stopping; NULL is fine */

#endif
