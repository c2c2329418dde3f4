/* Alarms and the rules that raise them (hub/alarm). */
#ifndef API_ALARMS_H
#define API_ALARMS_H

#include "api/request.h"

hub_status alarms_get(request *r);
hub_status alarm_acknowledge_post(request *r);
hub_status alarm_rules_get(request *r);
hub_status alarm_rules_post(request *r);
hub_status alarm_rule_approve_post(request *r);
hub_status alarm_rule_delete(request *r);

#endif
