/* The roles that act by themselves: numbering what was announced, and telling the zone its configuration. */
#ifndef HUBD_WORK_H
#define HUBD_WORK_H

#include "hubd/core.h"
#include "hubd/rounds.h"

typedef struct sequencer sequencer;
/* Numbers announcements for the parties' feeds, woken by the database's notices and by time. */
hub_status sequencer_start(const core *c, sequencer **ret);
void sequencer_stop(sequencer *s); /* after core.stopping; NULL is fine */

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

typedef struct observer observer;
/*
 * Writes down what goes wrong with the hub itself (store/trouble.h), looking at each of these zone daemons every second.
 * lists: of names as above.
 */
hub_status observer_start(const core *c, const char *const *const *lists, size_t list_count, observer **ret, hub_fault *fault);
void observer_stop(observer *s); /* after core.stopping; NULL is fine */

/* Clears what deliveries left behind, in small steps. Any number of cores: one at a time does. */
extern const role role_sweeper;
/* Opens circuits as alarms ask for it; looks for sources that fell silent and deliveries that died. */
extern const role role_watchman;
/* Charges sessions that ended, finds those that never close (billing/bills_charging.h). */
extern const role role_cashier;
/* Signs what charging stations want signed, if it is theirs, and has it brought to them as a command. */
extern const role role_registrar;
/* Takes events of demand response from notice to settlement, and hands their orders over as commands or schemes. */
extern const role role_dispatcher;
/* Holds what stations meter against the limits that they confirmed (store/charger_limit.h). */
extern const role role_inspector;
/* Publishes the sums of areas for days that are over (aggregate/day.h). Any number of cores: the first one does. */
extern const role role_publisher;

#endif
